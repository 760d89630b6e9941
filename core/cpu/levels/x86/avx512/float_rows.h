#pragma once

// Included inside an AVX-512 region.
//
// float16 and bfloat16 elements side by side to floats and back, with the bits of numerics/half.h.
// What is strided goes through the generic loops.

#include "cpu/levels/generic/float_rows.h"
#include "cpu/levels/x86/avx512/registers.h"

namespace thinbit {
namespace {

// The conversion makes signalling NaN quiet, which the contract leaves open, and takes no notice of
// the modes for subnormals.
inline void load_wide(const std::byte* data, DType dtype, int64_t stride, int64_t count,
                      float* values) {
  if (stride != 1 || dtype == DType::kFloat32) return load(data, dtype, stride, count, values);
  for (int64_t i = 0; i < count; i += 16) {
    const __mmask16 lanes = first_lanes(count - i);
    _mm512_mask_storeu_ps(values + i, lanes, load_floats(data + 2 * i, dtype, lanes));
  }
}

THINBIT_INLINE __m256i to_bf16(__m512 values) {
  const __m512i bits = _mm512_castps_si512(values);
  const __m512i upper = _mm512_srli_epi32(bits, 16);
  const __m512i half =
      _mm512_add_epi32(_mm512_and_si512(upper, _mm512_set1_epi32(1)), _mm512_set1_epi32(0x7FFF));
  const __m512i rounded = _mm512_srli_epi32(_mm512_add_epi32(bits, half), 16);
  const __mmask16 nan = _mm512_cmp_ps_mask(values, values, _CMP_UNORD_Q);
  return _mm512_cvtepi32_epi16(
      _mm512_mask_or_epi32(rounded, nan, upper, _mm512_set1_epi32(0x0040)));
}

inline void store_wide(const float* values, int64_t count, DType dtype, int64_t stride,
                       std::byte* data) {
  if (stride != 1 || dtype == DType::kFloat32) return store(values, count, dtype, stride, data);
  for (int64_t i = 0; i < count; i += 16) {
    const __mmask16 lanes = first_lanes(count - i);
    const __m512 floats = _mm512_maskz_loadu_ps(lanes, values + i);
    const __m256i halves = dtype == DType::kFloat16
                               ? _mm512_cvtps_ph(floats, _MM_FROUND_TO_NEAREST_INT)
                               : to_bf16(floats);
    _mm256_mask_storeu_epi16(data + 2 * i, lanes, halves);
  }
}

}  // namespace
}  // namespace thinbit
