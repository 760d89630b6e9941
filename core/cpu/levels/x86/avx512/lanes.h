#pragma once

// Included inside an AVX-512 region: the vectors of levels/lanes.

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "cpu/levels/generic/unroll.h"

namespace thinbit {
namespace {

constexpr int kLanes = 16;
using Lanes = __m512;

THINBIT_INLINE Lanes load_lanes(const float* from) { return _mm512_loadu_ps(from); }
THINBIT_INLINE void store_lanes(float* to, Lanes v) { _mm512_storeu_ps(to, v); }
THINBIT_INLINE Lanes broadcast(const float* from) { return _mm512_set1_ps(*from); }
THINBIT_INLINE Lanes zero_lanes() { return _mm512_setzero_ps(); }
THINBIT_INLINE Lanes lanes_of(float value) { return _mm512_set1_ps(value); }
THINBIT_INLINE Lanes add(Lanes a, Lanes b) { return _mm512_add_ps(a, b); }
THINBIT_INLINE Lanes multiply(Lanes a, Lanes b) { return _mm512_mul_ps(a, b); }

// a * b + c, rounded once.
THINBIT_INLINE Lanes fma(Lanes a, Lanes b, Lanes c) { return _mm512_fmadd_ps(a, b, c); }

THINBIT_INLINE Lanes subtract(Lanes a, Lanes b) { return _mm512_sub_ps(a, b); }
THINBIT_INLINE Lanes divide(Lanes a, Lanes b) { return _mm512_div_ps(a, b); }
THINBIT_INLINE Lanes minimum(Lanes a, Lanes b) { return _mm512_min_ps(a, b); }
THINBIT_INLINE Lanes maximum(Lanes a, Lanes b) { return _mm512_max_ps(a, b); }
THINBIT_INLINE Lanes magnitude(Lanes v) { return _mm512_abs_ps(v); }
THINBIT_INLINE Lanes round_half_even(Lanes v) {
  return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

// Subnormals become zero and keep their sign.
THINBIT_INLINE Lanes flush_subnormals(Lanes v) {
  const __mmask16 small = _mm512_cmp_ps_mask(magnitude(v), lanes_of(0x1p-126f), _CMP_LT_OQ);
  return _mm512_mask_and_ps(v, small, v, lanes_of(-0.0f));
}

THINBIT_INLINE bool any_above(Lanes v, float limit) {
  return _mm512_cmp_ps_mask(v, lanes_of(limit), _CMP_GT_OQ) != 0;
}
THINBIT_INLINE bool any_nan(Lanes v) { return _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q) != 0; }

// Of lanes that are no NaN.
THINBIT_INLINE float largest(Lanes v) { return _mm512_reduce_max_ps(v); }
THINBIT_INLINE float least(Lanes v) { return _mm512_reduce_min_ps(v); }

using Ints = __m512i;  // 32 bits in each lane
THINBIT_INLINE Ints ints_of(int32_t value) { return _mm512_set1_epi32(value); }
THINBIT_INLINE Ints lane_bits(Lanes v) { return _mm512_castps_si512(v); }
THINBIT_INLINE Lanes floats_of_bits(Ints v) { return _mm512_castsi512_ps(v); }
THINBIT_INLINE Ints to_ints(Lanes whole) { return _mm512_cvtps_epi32(whole); }
THINBIT_INLINE Ints add(Ints a, Ints b) { return _mm512_add_epi32(a, b); }
THINBIT_INLINE Ints both(Ints a, Ints b) { return _mm512_and_si512(a, b); }
THINBIT_INLINE Ints either(Ints a, Ints b) { return _mm512_or_si512(a, b); }
THINBIT_INLINE Ints minimum(Ints a, Ints b) { return _mm512_min_epi32(a, b); }
template <int kCount>
THINBIT_INLINE Ints shift_left(Ints v) {
  return _mm512_slli_epi32(v, kCount);
}
template <int kCount>
THINBIT_INLINE Ints shift_right(Ints v) {
  return _mm512_srli_epi32(v, kCount);
}

// a < b ? x : y, as signed integers.
THINBIT_INLINE Ints select_less(Ints a, Ints b, Ints x, Ints y) {
  return _mm512_mask_mov_epi32(y, _mm512_cmplt_epi32_mask(a, b), x);
}

// The low 16 bits of each lane.
THINBIT_INLINE void store_words(Ints v, std::byte* to) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_cvtepi32_epi16(v));
}

// Integers as floats.
THINBIT_INLINE Lanes unsigned_bytes(const uint8_t* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes));
}
THINBIT_INLINE Lanes signed_bytes(const int8_t* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
}

// float16 or bfloat16 elements. The conversions make signalling NaN quiet, which the contract
// leaves open, and take no notice of the modes for subnormals.
THINBIT_INLINE Lanes float16s(const std::byte* from) {
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}
// float16 elements whose lower bytes are zero.
THINBIT_INLINE Lanes upper_halves(const uint8_t* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return _mm512_cvtph_ps(_mm256_slli_epi16(_mm256_cvtepu8_epi16(bytes), 8));
}
THINBIT_INLINE __m256i to_float16s(Lanes v) {
  return _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
THINBIT_INLINE void store_float16s(Lanes v, std::byte* to) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), to_float16s(v));
}
THINBIT_INLINE Lanes round_to_float16(Lanes v) { return _mm512_cvtph_ps(to_float16s(v)); }
THINBIT_INLINE Lanes bfloat16s(const std::byte* from) {
  const __m256i words = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(words), 16));
}

}  // namespace
}  // namespace thinbit
