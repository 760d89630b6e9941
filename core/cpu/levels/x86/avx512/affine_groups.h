#pragma once

// Included inside an AVX-512 region.
//
// The contract's affine quantize, sixteen elements in a register, with the bytes of the generic
// loops.

#include "cpu/levels/generic/quantize_groups.h"
#include "cpu/levels/x86/avx512/e2m1_groups.h"

namespace thinbit {
namespace {

// Bounds of a group; of several zeros the first counts, whatever their signs.
THINBIT_INLINE void bounds_of_vectors(const float* values, int count, __m512 least, __m512 largest,
                                      float& lo, float& hi) {
  lo = _mm512_reduce_min_ps(least);
  hi = _mm512_reduce_max_ps(largest);
  if (lo == 0.0f || hi == 0.0f) bounds_of(values, count, lo, hi);
}

inline Fault quantize_affine(const RowFormat& format, const float* values, int64_t count,
                             const MutableEncodedSpan& encoded) {
  const int size = format.group_size;
  const auto stored = static_cast<FloatFormat>(format.scale_dtype);
  const __m512 levels = _mm512_set1_ps(static_cast<float>(affine_levels(format.bits)));
  for (int64_t begin = 0, group = 0; begin < count; begin += size, ++group) {
    alignas(64) float flushed[kLargestGroup];
    __m512 least = _mm512_set1_ps(std::numeric_limits<float>::infinity());
    __m512 largest = _mm512_sub_ps(_mm512_setzero_ps(), least);
    __m512i sizes = _mm512_setzero_si512();
    for (int i = 0; i < size; i += 16) {
      const __m512 part = flush_subnormals(_mm512_loadu_ps(values + begin + i));
      _mm512_store_ps(flushed + i, part);
      least = _mm512_min_ps(least, part);
      largest = _mm512_max_ps(largest, part);
      sizes = _mm512_max_epi32(sizes, _mm512_castps_si512(_mm512_abs_ps(part)));
    }
    const auto amax = float_of(static_cast<uint32_t>(_mm512_reduce_max_epi32(sizes)));
    if (!is_finite(amax)) {
      return Fault::non_finite(begin + first_non_finite(values + begin, size));
    }
    float lo;
    float hi;
    bounds_of_vectors(flushed, size, least, largest, lo, hi);
    const AffineGroup of = affine_group(lo, hi, format.bits);
    if (!is_finite(round_to(stored, of.scale)) || !is_finite(round_to(stored, of.bias))) {
      return Fault::scale_overflow(begin);
    }
    alignas(64) uint8_t codes[kLargestGroup];
    uint32_t* words = encoded.words + format.words(begin);
    const __m512 scale = _mm512_set1_ps(of.scale);
    const __m512 bias = _mm512_set1_ps(of.bias);
    for (int i = 0; i < size; i += 16) {
      const __m512 quotient =
          _mm512_div_ps(_mm512_sub_ps(_mm512_load_ps(flushed + i), bias), scale);
      const __m512 q =
          _mm512_roundscale_ps(quotient, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
      const __m512i code =
          _mm512_cvtps_epi32(_mm512_min_ps(_mm512_max_ps(q, _mm512_setzero_ps()), levels));
      if (format.bits == 4) {
        store_nibbles(code, words + i / 8);
      } else {
        _mm_store_si128(reinterpret_cast<__m128i*>(codes + i), _mm512_cvtepi32_epi8(code));
      }
    }
    if (format.bits != 4) pack(codes, size, format.bits, words);
    const int64_t at = group * dtype_bytes(format.scale_dtype);
    store(&of.scale, 1, format.scale_dtype, 1, encoded.scales + at);
    store(&of.bias, 1, format.scale_dtype, 1, encoded.biases + at);
  }
  return Fault::none();
}

inline Fault quantize_wide(const RowFormat& format, const float* values, int64_t count,
                           float encode_factor, const MutableEncodedSpan& encoded) {
  if (format.mode == Mode::kNvfp4) return quantize_nvfp4(values, count, encode_factor, encoded);
  if (format.mode == Mode::kMxfp4) return quantize_mxfp4(values, count, encoded);
  if (format.mode == Mode::kAffine) return quantize_affine(format, values, count, encoded);
  return quantize(format, values, count, encode_factor, encoded);
}

}  // namespace
}  // namespace thinbit
