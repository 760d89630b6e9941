#pragma once

// Included inside an AVX-512 region.
//
// Groups of mxfp4 and nvfp4, sixteen elements in a register, with the bytes of the generic loops.

#include "cpu/levels/generic/quantize_groups.h"
#include "cpu/levels/x86/avx512/registers.h"

namespace thinbit {
namespace {

THINBIT_INLINE __m512 flush_subnormals(__m512 values) {
  const __m512 sign = _mm512_and_ps(values, _mm512_set1_ps(-0.0f));
  const __mmask16 small =
      _mm512_cmp_ps_mask(_mm512_abs_ps(values), _mm512_set1_ps(0x1p-126f), _CMP_LT_OQ);
  return _mm512_mask_mov_ps(values, small, sign);
}

// Not finite where an element is not: magnitudes are ordered as their bits are.
THINBIT_INLINE float largest_magnitude(__m512 values) {
  const __m512i bits = _mm512_castps_si512(_mm512_abs_ps(values));
  return float_of(static_cast<uint32_t>(_mm512_reduce_max_epi32(bits)));
}

// e2m1_encode of 16 values.
THINBIT_INLINE __m512i e2m1_codes_of(__m512 values) {
  const __m512 size = _mm512_abs_ps(values);
  const __m512i one = _mm512_set1_epi32(1);
  __m512i code =
      _mm512_maskz_mov_epi32(_mm512_cmp_ps_mask(size, _mm512_set1_ps(0.25f), _CMP_GT_OQ), one);
  const auto count = [&](__mmask16 above) __attribute__((always_inline)) {
    code = _mm512_mask_add_epi32(code, above, code, one);
  };
  count(_mm512_cmp_ps_mask(size, _mm512_set1_ps(0.75f), _CMP_GE_OQ));
  count(_mm512_cmp_ps_mask(size, _mm512_set1_ps(1.25f), _CMP_GT_OQ));
  count(_mm512_cmp_ps_mask(size, _mm512_set1_ps(1.75f), _CMP_GE_OQ));
  count(_mm512_cmp_ps_mask(size, _mm512_set1_ps(2.5f), _CMP_GT_OQ));
  count(_mm512_cmp_ps_mask(size, _mm512_set1_ps(3.5f), _CMP_GE_OQ));
  count(_mm512_cmp_ps_mask(size, _mm512_set1_ps(5.0f), _CMP_GT_OQ));
  const __m512i sign = _mm512_srli_epi32(_mm512_castps_si512(values), 31);
  return _mm512_or_si512(code, _mm512_slli_epi32(sign, 3));
}

// nvfp4_code of 16 flushed values.
THINBIT_INLINE __m512i nvfp4_codes_of(__m512 values, float d, float encode_factor) {
  if (d == 0.0f) return _mm512_setzero_si512();
  const __m512 quotients = flush_subnormals(_mm512_div_ps(values, _mm512_set1_ps(d)));
  return e2m1_codes_of(_mm512_mul_ps(quotients, _mm512_set1_ps(encode_factor)));
}

// Sixteen codes as eight bytes, the low nibble first.
THINBIT_INLINE void store_nibbles(__m512i codes, uint32_t* words) {
  const __m128i bytes = _mm512_cvtepi32_epi8(codes);
  const __m128i pairs = _mm_maddubs_epi16(bytes, _mm_set1_epi16(0x1001));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(words), _mm_packus_epi16(pairs, pairs));
}

inline Fault quantize_nvfp4(const float* values, int64_t count, float encode_factor,
                            const MutableEncodedSpan& encoded) {
  for (int64_t i = 0; i < count; i += 16) {
    const __m512 flushed = flush_subnormals(_mm512_loadu_ps(values + i));
    const float amax = largest_magnitude(flushed);
    if (!is_finite(amax)) return Fault::non_finite(i + first_non_finite(values + i, 16));
    const uint32_t byte = nvfp4_scale(amax, encode_factor);
    encoded.scales[i / 16] = static_cast<std::byte>(byte);
    store_nibbles(nvfp4_codes_of(flushed, e4m3_decode(byte), encode_factor), encoded.words + i / 8);
  }
  return Fault::none();
}

inline Fault quantize_mxfp4(const float* values, int64_t count, const MutableEncodedSpan& encoded) {
  for (int64_t i = 0; i < count; i += 32) {
    const __m512 low = flush_subnormals(_mm512_loadu_ps(values + i));
    const __m512 high = flush_subnormals(_mm512_loadu_ps(values + i + 16));
    const __m512i sizes = _mm512_max_epi32(_mm512_castps_si512(_mm512_abs_ps(low)),
                                           _mm512_castps_si512(_mm512_abs_ps(high)));
    const float amax = float_of(static_cast<uint32_t>(_mm512_reduce_max_epi32(sizes)));
    if (!is_finite(amax)) return Fault::non_finite(i + first_non_finite(values + i, 32));
    const int n = mxfp4_exponent(amax);
    encoded.scales[i / 32] = static_cast<std::byte>(e8m0_encode(n));
    // Exact but for results far below the least element.
    const __m512 power = _mm512_set1_ps(static_cast<float>(-n));
    store_nibbles(e2m1_codes_of(_mm512_scalef_ps(low, power)), encoded.words + i / 8);
    store_nibbles(e2m1_codes_of(_mm512_scalef_ps(high, power)), encoded.words + i / 8 + 2);
  }
  return Fault::none();
}

// The elements of sixteen codes.
THINBIT_INLINE __m512 load_e2m1(const uint32_t* words) {
  const __m512 table = _mm512_setr_ps(0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f, -0.0f, -0.5f,
                                      -1.0f, -1.5f, -2.0f, -3.0f, -4.0f, -6.0f);
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(words));
  const __m128i codes = _mm_unpacklo_epi8(bytes, _mm_srli_epi16(bytes, 4));
  return _mm512_permutexvar_ps(_mm512_cvtepu8_epi32(codes), table);
}

// Calls value(elements, scale byte) for sixteen codes at a time.
template <class Value>
THINBIT_INLINE void e2m1_values(const RowFormat& format, const EncodedSpan& encoded, int64_t count,
                                float* values, const Value& value) {
  for (int64_t i = 0; i < count; i += 16) {
    const auto byte = static_cast<uint32_t>(encoded.scales[i / format.group_size]);
    _mm512_storeu_ps(values + i, value(load_e2m1(encoded.words + i / 8), byte));
  }
}

inline void dequantize_wide(const RowFormat& format, const EncodedSpan& encoded, int64_t count,
                            float decode_factor, float* values) {
  if (format.mode == Mode::kNvfp4) {
    e2m1_values(format, encoded, count, values,
                [&](__m512 elements, uint32_t byte) __attribute__((always_inline)) {
                  const float d = flush_subnormal(multiply(e4m3_decode(byte), decode_factor));
                  return flush_subnormals(_mm512_mul_ps(elements, _mm512_set1_ps(d)));
                });
  } else if (format.mode == Mode::kMxfp4) {
    e2m1_values(format, encoded, count, values,
                [&](__m512 elements, uint32_t byte) __attribute__((always_inline)) {
                  const __m512 d = _mm512_set1_ps(e8m0_decode(byte));
                  return flush_subnormals(_mm512_mul_ps(elements, d));
                });
  } else {
    dequantize(format, encoded, count, decode_factor, values);
  }
}

inline void decode_wide(const RowFormat& format, const EncodedSpan& encoded, int64_t count,
                        float decode_factor, float* values) {
  if (format.mode == Mode::kNvfp4) {
    const __m512 factor = _mm512_set1_ps(decode_factor);
    e2m1_values(format, encoded, count, values,
                [&](__m512 elements, uint32_t byte) __attribute__((always_inline)) {
                  const __m512 d = _mm512_set1_ps(e4m3_decode(byte));
                  return _mm512_mul_ps(_mm512_mul_ps(elements, d), factor);
                });
  } else if (format.mode == Mode::kMxfp4) {
    e2m1_values(format, encoded, count, values,
                [&](__m512 elements, uint32_t byte) __attribute__((always_inline)) {
                  return _mm512_mul_ps(elements, _mm512_set1_ps(e8m0_decode(byte)));
                });
  } else {
    decode(format, encoded, count, decode_factor, values);
  }
}

}  // namespace
}  // namespace thinbit
