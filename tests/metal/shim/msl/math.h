// The functions of metal_stdlib that kernels here use: a kernel that calls another does not
// compile. Overloads for half and bfloat are left out on purpose: kernels compute in float.
#pragma once
#include "language.h"

namespace metal {

EMULATION_INLINE float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

#define EMULATION_ORDERED(T)                                           \
  EMULATION_INLINE constexpr T max(T a, T b) { return a < b ? b : a; } \
  EMULATION_INLINE constexpr T min(T a, T b) { return b < a ? b : a; } \
  EMULATION_INLINE constexpr T clamp(T x, T low, T high) { return min(max(x, low), high); }
EMULATION_ORDERED(int)
EMULATION_ORDERED(uint)
EMULATION_ORDERED(long)
EMULATION_ORDERED(ulong)
EMULATION_ORDERED(float)

}  // namespace metal
