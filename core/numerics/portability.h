#pragma once

// What differs between the three languages these headers are written in: C++17 on the host, CUDA
// C++ under NVRTC (which has no host headers), and the Metal shading language (C++14, address
// spaces, no double). C++ for OpenCL stands in for Metal where there is no Apple compiler.
//
// Rules of this folder: no pointers in signatures except as template parameters (Metal wants an
// address space on each), no double, no std::, no name that is a keyword of OpenCL or Metal, and
// add, subtract, multiply and divide through the functions below wherever a product meets a sum.

#if defined(__METAL_VERSION__)
#define THINBIT_FN inline
#define THINBIT_CONSTANT constexpr constant
#elif defined(__OPENCL_CPP_VERSION__)
#define THINBIT_FN inline
#define THINBIT_CONSTANT constexpr __constant
#elif defined(__CUDACC_RTC__)
#define THINBIT_FN __host__ __device__ __forceinline__
#define THINBIT_CONSTANT static constexpr
#else
#include <cstdint>
#if defined(__CUDACC__)
#define THINBIT_FN __host__ __device__ __forceinline__
#else
#define THINBIT_FN inline
#endif
#define THINBIT_CONSTANT static constexpr
#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "thinbit's packed rows are little-endian, and so must the host be"
#endif
#endif

// quantize never contracts a product and a sum to a fused multiply-add. clang on ARM and Metal do
// so unless told here; gcc has no such pragma and is built with -ffp-contract=off; CUDA gets the
// intrinsics below.
#if defined(__clang__) && !defined(__CUDACC_RTC__)
#pragma clang fp contract(off)
#endif

namespace thinbit {

#if defined(__CUDACC_RTC__) || (defined(__OPENCL_CPP_VERSION__) && !defined(__METAL_VERSION__))
using uint8_t = unsigned char;
using uint16_t = unsigned short;
using uint32_t = unsigned int;
using int32_t = int;
#endif
#if defined(__CUDACC_RTC__)
using uint64_t = unsigned long long;
using int64_t = long long;
#endif

THINBIT_FN uint32_t bits_of(float value) {
#if defined(__METAL_VERSION__)
  return as_type<uint32_t>(value);
#elif defined(__CUDA_ARCH__)
  return __float_as_uint(value);
#elif defined(__OPENCL_CPP_VERSION__)
  return __builtin_astype(value, uint32_t);
#else
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
#endif
}

THINBIT_FN float float_of(uint32_t bits) {
#if defined(__METAL_VERSION__)
  return as_type<float>(bits);
#elif defined(__CUDA_ARCH__)
  return __uint_as_float(bits);
#elif defined(__OPENCL_CPP_VERSION__)
  return __builtin_astype(bits, float);
#else
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
#endif
}

// The four operations, each rounded once to f32. Metal's kernels are compiled with safe math, where
// `/` is IEEE's.
THINBIT_FN float add(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fadd_rn(a, b);
#else
  return a + b;
#endif
}

THINBIT_FN float subtract(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fadd_rn(a, -b);
#else
  return a - b;
#endif
}

THINBIT_FN float multiply(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fmul_rn(a, b);
#else
  return a * b;
#endif
}

THINBIT_FN float divide(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fdiv_rn(a, b);
#else
  return a / b;
#endif
}

THINBIT_CONSTANT uint32_t kSignBit = 0x80000000u;
THINBIT_CONSTANT uint32_t kInfinityBits = 0x7F800000u;
THINBIT_CONSTANT uint32_t kNanBits = 0x7FC00000u;
THINBIT_CONSTANT uint32_t kMantissaMask = 0x007FFFFFu;
THINBIT_CONSTANT int kMantissaBits = 23;
THINBIT_CONSTANT int kExponentBias = 127;

THINBIT_FN float magnitude(float value) { return float_of(bits_of(value) & ~kSignBit); }

THINBIT_FN bool is_finite(float value) { return (bits_of(value) & kInfinityBits) != kInfinityBits; }

// A choice without a branch. Compilers move what only one side needs into a branch, and then refuse
// to vectorise it, because arithmetic may trap; so where a side is computed, choose with this.
THINBIT_FN uint32_t select_bits(bool condition, uint32_t yes, uint32_t no) {
  return no ^ ((yes ^ no) & (0u - static_cast<uint32_t>(condition)));
}

// The nearest integer, half to even. Adding and taking away 2^23 rounds every magnitude below it,
// in instructions that all machines have and all compilers vectorise; from 2^23 on a float is an
// integer.
THINBIT_FN float round_half_even(float value) {
  const float size = magnitude(value);
  const float rounded = subtract(add(size, 8388608.0f), 8388608.0f);
  const uint32_t chosen = select_bits(size < 8388608.0f, bits_of(rounded), bits_of(size));
  return float_of(chosen | (bits_of(value) & kSignBit));
}

}  // namespace thinbit
