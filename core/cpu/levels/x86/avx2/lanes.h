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
THINBIT_INLINE Lanes lanes_of(float value) { return _mm256_set1_ps(value); }
THINBIT_INLINE Lanes add(Lanes a, Lanes b) { return _mm256_add_ps(a, b); }
THINBIT_INLINE Lanes multiply(Lanes a, Lanes b) { return _mm256_mul_ps(a, b); }

// a * b + c, rounded once.
THINBIT_INLINE Lanes fma(Lanes a, Lanes b, Lanes c) { return _mm256_fmadd_ps(a, b, c); }

THINBIT_INLINE Lanes subtract(Lanes a, Lanes b) { return _mm256_sub_ps(a, b); }
THINBIT_INLINE Lanes divide(Lanes a, Lanes b) { return _mm256_div_ps(a, b); }
THINBIT_INLINE Lanes minimum(Lanes a, Lanes b) { return _mm256_min_ps(a, b); }
THINBIT_INLINE Lanes maximum(Lanes a, Lanes b) { return _mm256_max_ps(a, b); }
THINBIT_INLINE Lanes magnitude(Lanes v) { return _mm256_andnot_ps(lanes_of(-0.0f), v); }
THINBIT_INLINE Lanes round_half_even(Lanes v) {
  return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

// Subnormals become zero and keep their sign.
THINBIT_INLINE Lanes flush_subnormals(Lanes v) {
  const __m256 small = _mm256_cmp_ps(magnitude(v), lanes_of(0x1p-126f), _CMP_LT_OQ);
  return _mm256_or_ps(_mm256_andnot_ps(small, v), _mm256_and_ps(v, lanes_of(-0.0f)));
}

THINBIT_INLINE bool any_above(Lanes v, float limit) {
  return _mm256_movemask_ps(_mm256_cmp_ps(v, lanes_of(limit), _CMP_GT_OQ)) != 0;
}
THINBIT_INLINE bool any_nan(Lanes v) {
  return _mm256_movemask_ps(_mm256_cmp_ps(v, v, _CMP_UNORD_Q)) != 0;
}

// Of lanes that are no NaN.
THINBIT_INLINE float largest(Lanes v) {
  __m128 four = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  four = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
}
THINBIT_INLINE float least(Lanes v) {
  __m128 four = _mm_min_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  four = _mm_min_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_min_ss(four, _mm_movehdup_ps(four)));
}

using Ints = __m256i;  // 32 bits in each lane
THINBIT_INLINE Ints ints_of(int32_t value) { return _mm256_set1_epi32(value); }
THINBIT_INLINE Ints lane_bits(Lanes v) { return _mm256_castps_si256(v); }
THINBIT_INLINE Lanes floats_of_bits(Ints v) { return _mm256_castsi256_ps(v); }
THINBIT_INLINE Ints to_ints(Lanes whole) { return _mm256_cvtps_epi32(whole); }
THINBIT_INLINE Ints add(Ints a, Ints b) { return _mm256_add_epi32(a, b); }
THINBIT_INLINE Ints both(Ints a, Ints b) { return _mm256_and_si256(a, b); }
THINBIT_INLINE Ints either(Ints a, Ints b) { return _mm256_or_si256(a, b); }
THINBIT_INLINE Ints minimum(Ints a, Ints b) { return _mm256_min_epi32(a, b); }
template <int kCount>
THINBIT_INLINE Ints shift_left(Ints v) {
  return _mm256_slli_epi32(v, kCount);
}
template <int kCount>
THINBIT_INLINE Ints shift_right(Ints v) {
  return _mm256_srli_epi32(v, kCount);
}

// a < b ? x : y, as signed integers.
THINBIT_INLINE Ints select_less(Ints a, Ints b, Ints x, Ints y) {
  return _mm256_blendv_epi8(y, x, _mm256_cmpgt_epi32(b, a));
}

// The low 16 bits of each lane.
THINBIT_INLINE void store_words(Ints v, std::byte* to) {
  const __m256i quarters = _mm256_permute4x64_epi64(_mm256_packus_epi32(v, v), 0x08);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(quarters));
}

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
// float16 elements whose lower bytes are zero.
THINBIT_INLINE Lanes upper_halves(const uint8_t* from) {
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  return _mm256_cvtph_ps(_mm_slli_epi16(_mm_cvtepu8_epi16(bytes), 8));
}
THINBIT_INLINE __m128i to_float16s(Lanes v) {
  return _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
THINBIT_INLINE void store_float16s(Lanes v, std::byte* to) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), to_float16s(v));
}
THINBIT_INLINE Lanes round_to_float16(Lanes v) { return _mm256_cvtph_ps(to_float16s(v)); }
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
