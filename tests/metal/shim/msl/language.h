// The address spaces and types of the Metal shading language.
#pragma once

#ifdef EMULATION_LINT
// Checked as C++, where nothing converts between address spaces: what has none is `thread`.
#define device __attribute__((opencl_global))
#define constant __attribute__((opencl_constant)) const
#define threadgroup __attribute__((opencl_local))
#define thread
typedef _Float16 half;
#else
// Compiled as C++ for OpenCL. A pointer without an address space takes any but `constant` there,
// which only the pass above refuses.
#define device __global
#define constant __constant const
#define threadgroup __local
#define thread
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#endif
typedef __bf16 bfloat;

typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef short int16_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long int64_t;
typedef unsigned long uint64_t;
typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef unsigned long size_t;

#define EMULATION_VECTORS(T)                          \
  typedef T T##2 __attribute__((ext_vector_type(2))); \
  typedef T T##3 __attribute__((ext_vector_type(3))); \
  typedef T T##4 __attribute__((ext_vector_type(4)));
EMULATION_VECTORS(uchar)
EMULATION_VECTORS(ushort)
EMULATION_VECTORS(int)
EMULATION_VECTORS(uint)
EMULATION_VECTORS(ulong)
EMULATION_VECTORS(float)
EMULATION_VECTORS(half)
EMULATION_VECTORS(bfloat)

#include "../../../emulation/abi.h"

#define EMULATION_INLINE inline __attribute__((always_inline))
#define EMULATION_LINE uint line = __builtin_LINE()

namespace metal {

template <typename T, int N>
using vec = T __attribute__((ext_vector_type(N)));

template <typename A, typename B>
static constexpr constant bool is_same_v = __is_same(A, B);

template <bool condition, typename A, typename B>
struct conditional {
  using type = A;
};
template <typename A, typename B>
struct conditional<false, A, B> {
  using type = B;
};
template <bool condition, typename A, typename B>
using conditional_t = typename conditional<condition, A, B>::type;

template <typename T, typename U>
EMULATION_INLINE constexpr T as_type(U value) {
  return __builtin_bit_cast(T, value);
}

// The type of a threadgroup variable, arrays too, as a reference can be made to it.
template <typename T>
struct emulation_type {
  using type = T;
};

}  // namespace metal
using metal::as_type;
