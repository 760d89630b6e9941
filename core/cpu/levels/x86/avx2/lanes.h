#pragma once

// Included inside an AVX2 region: the vectors of levels/lanes.

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "cpu/levels/generic/unroll.h"

namespace thinbit {
namespace {

constexpr int kLanes = 8;
constexpr int kRegisters = 16;
constexpr int kRowsAtOnce = 6;  // of x, with two vectors of weights: 12 sums, two weights, one x
using Lanes = __m256;

THINBIT_INLINE Lanes load_lanes(const float* from) { return _mm256_loadu_ps(from); }
THINBIT_INLINE void store_lanes(float* to, Lanes v) { _mm256_storeu_ps(to, v); }
THINBIT_INLINE Lanes broadcast(const float* from) { return _mm256_broadcast_ss(from); }
THINBIT_INLINE Lanes zero_lanes() { return _mm256_setzero_ps(); }
THINBIT_INLINE Lanes add(Lanes a, Lanes b) { return _mm256_add_ps(a, b); }
THINBIT_INLINE Lanes multiply(Lanes a, Lanes b) { return _mm256_mul_ps(a, b); }

// a * b + c, rounded once.
THINBIT_INLINE Lanes fma(Lanes a, Lanes b, Lanes c) { return _mm256_fmadd_ps(a, b, c); }

// Integers as floats.
THINBIT_INLINE Lanes unsigned_bytes(const uint8_t* from) {
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes));
}
THINBIT_INLINE Lanes signed_bytes(const int8_t* from) {
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
}

// float16 or bfloat16 elements.
THINBIT_INLINE Lanes float16s(const std::byte* from) {
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
THINBIT_INLINE Lanes bfloat16s(const std::byte* from) {
  const __m128i words = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(words), 16));
}

// to[lane] += v[lane], in double.
THINBIT_INLINE void add_to_doubles(double* to, Lanes v) {
  const __m256d low = _mm256_cvtps_pd(_mm256_castps256_ps128(v));
  const __m256d high = _mm256_cvtps_pd(_mm256_extractf128_ps(v, 1));
  _mm256_storeu_pd(to, _mm256_add_pd(_mm256_loadu_pd(to), low));
  _mm256_storeu_pd(to + 4, _mm256_add_pd(_mm256_loadu_pd(to + 4), high));
}

// to[j * to_stride + i] = from[i * from_stride + j] for kLanes i and j.
THINBIT_INLINE void transpose(const float* from, int64_t from_stride, float* to,
                              int64_t to_stride) {
  __m256 pairs[8];
  unroll<4>([&](auto i) __attribute__((always_inline)) {
    const float* rows = from + 2 * i * from_stride;
    const __m256 even = _mm256_loadu_ps(rows);
    const __m256 odd = _mm256_loadu_ps(rows + from_stride);
    pairs[2 * i] = _mm256_unpacklo_ps(even, odd);
    pairs[2 * i + 1] = _mm256_unpackhi_ps(even, odd);
  });
  __m256 fours[8];  // of rows 0..3, then of 4..7: columns 0 and 4, 1 and 5, 2 and 6, 3 and 7
  unroll<2>([&](auto half) __attribute__((always_inline)) {
    const __m256* in = pairs + 4 * half;
    fours[4 * half] = _mm256_shuffle_ps(in[0], in[2], 0x44);
    fours[4 * half + 1] = _mm256_shuffle_ps(in[0], in[2], 0xEE);
    fours[4 * half + 2] = _mm256_shuffle_ps(in[1], in[3], 0x44);
    fours[4 * half + 3] = _mm256_shuffle_ps(in[1], in[3], 0xEE);
  });
  unroll<4>([&](auto j) __attribute__((always_inline)) {
    _mm256_storeu_ps(to + j * to_stride, _mm256_permute2f128_ps(fours[j], fours[4 + j], 0x20));
    _mm256_storeu_ps(to + (j + 4) * to_stride,
                     _mm256_permute2f128_ps(fours[j], fours[4 + j], 0x31));
  });
}

}  // namespace
}  // namespace thinbit
