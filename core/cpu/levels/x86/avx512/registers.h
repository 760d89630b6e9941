#pragma once

// Included inside an AVX-512 region.

#include <immintrin.h>

#include <cstdint>

#include "cpu/levels/generic/unroll.h"
#include "cpu/levels/row_kernels.h"

namespace thinbit {
namespace {

// The first `count` of 64 bytes, or of 16 lanes; `count` may be negative or larger.
THINBIT_INLINE __mmask64 first_bytes(int64_t count) {
  if (count <= 0) return 0;
  return count >= 64 ? ~__mmask64{0} : (__mmask64{1} << count) - 1;
}
THINBIT_INLINE __mmask16 first_lanes(int64_t count) {
  return static_cast<__mmask16>(first_bytes(count) & 0xFFFF);
}

// The sum of all lanes, in one order with every compiler.
THINBIT_INLINE double sum_lanes(__m512d v) {
  const __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(v), _mm512_extractf64x4_pd(v, 1));
  const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
  return _mm_cvtsd_f64(two) + _mm_cvtsd_f64(_mm_unpackhi_pd(two, two));
}

// Sixteen scales or biases as floats; lanes outside the mask are zero.
THINBIT_INLINE __m512 load_floats(const std::byte* from, DType dtype, __mmask16 mask) {
  if (dtype == DType::kFloat32) return _mm512_maskz_loadu_ps(mask, from);
  const __m256i halves = _mm256_maskz_loadu_epi16(mask, from);
  if (dtype == DType::kFloat16) return _mm512_cvtph_ps(halves);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

// E8M0: byte 0 is 2^-127, a subnormal, and 255 NaN.
THINBIT_INLINE __m512 load_e8m0(const std::byte* from, __mmask16 mask) {
  const __m512i bytes = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, from));
  const __m512i bits = _mm512_slli_epi32(bytes, 23);
  const __mmask16 special = _mm512_cmpeq_epi32_mask(
      _mm512_and_si512(_mm512_add_epi32(bytes, _mm512_set1_epi32(1)), _mm512_set1_epi32(0xFE)),
      _mm512_setzero_si512());
  return _mm512_castsi512_ps(
      _mm512_mask_or_epi32(bits, special, bits, _mm512_set1_epi32(0x00400000)));
}

// A subnormal, m * 2^-9, is 2^-6 * (1 + m / 8) - 2^-6: moving its bits to where a float's are would
// make a subnormal float, on which the multiplier stalls.
THINBIT_INLINE __m512 load_e4m3(const std::byte* from, __mmask16 mask) {
  const __m512i bytes = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, from));
  const __m512i size = _mm512_and_si512(bytes, _mm512_set1_epi32(0x7F));
  const __m512i sign = _mm512_slli_epi32(_mm512_andnot_si512(size, bytes), 24);
  const __m512i normal =
      _mm512_add_epi32(_mm512_slli_epi32(size, 20), _mm512_set1_epi32((127 - 7) << 23));
  const __m512 above = _mm512_castsi512_ps(_mm512_add_epi32(normal, _mm512_set1_epi32(1 << 23)));
  const __mmask16 subnormal = _mm512_cmplt_epi32_mask(size, _mm512_set1_epi32(8));
  const __mmask16 nan = _mm512_cmpeq_epi32_mask(size, _mm512_set1_epi32(0x7F));
  __m512 value = _mm512_castsi512_ps(normal);
  value = _mm512_mask_sub_ps(value, subnormal, above, _mm512_set1_ps(0x1p-6f));
  value = _mm512_mask_mov_ps(value, nan, _mm512_set1_ps(__builtin_nanf("")));
  return _mm512_castsi512_ps(_mm512_or_si512(_mm512_castps_si512(value), sign));
}

}  // namespace
}  // namespace thinbit
