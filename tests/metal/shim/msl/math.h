// The functions of metal_stdlib that kernels here use. Half and bfloat overloads are left out on
// purpose: kernels compute in float.
#pragma once
#include "language.h"

namespace metal {

#define EMULATION_UNARY(name, function) \
  EMULATION_INLINE float name(float x) { return function(x); }
EMULATION_UNARY(floor, __builtin_floorf)
EMULATION_UNARY(ceil, __builtin_ceilf)
EMULATION_UNARY(rint, __builtin_roundevenf)
EMULATION_UNARY(fabs, __builtin_fabsf)
EMULATION_UNARY(sqrt, __builtin_sqrtf)

EMULATION_INLINE float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
EMULATION_INLINE float fmax(float a, float b) { return __builtin_fmaxf(a, b); }
EMULATION_INLINE float fmin(float a, float b) { return __builtin_fminf(a, b); }
EMULATION_INLINE bool isnan(float x) { return __builtin_isnan(x); }
EMULATION_INLINE bool isinf(float x) { return __builtin_isinf(x); }
EMULATION_INLINE bool isfinite(float x) { return __builtin_isfinite(x); }

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
