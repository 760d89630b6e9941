#pragma once

// Included inside an AVX-512 region.
//
// Rows of w to a panel, term by term: of every term (or pair of bfloat16 terms) the dwords of
// kPanelColumns rows lie side by side, so that a lane of a product is a column of the result.
// Sixteen rows are decoded along K first, and the dwords transposed in blocks of 16 x 16.

#include <algorithm>

#include "cpu/levels/x86/avx512/codes.h"
#include "cpu/levels/x86/avx512/products_f32.h"

namespace thinbit {
namespace {

constexpr int kTransposedRows = 16;  // rows of w at a time

// Dword `term` of sixteen rows that lie `stride` dwords apart, for put(term, dwords).
template <class Put>
THINBIT_INLINE void transpose_dwords(const uint32_t* in, int64_t stride, const Put& put) {
  __m512i quads[16];
  unroll<4>([&](auto four) __attribute__((always_inline)) {
    __m512i row[4];
    unroll<4>([&](auto i) __attribute__((always_inline)) {
      row[i] = _mm512_load_si512(in + (4 * four + i) * stride);
    });
    const __m512i low01 = _mm512_unpacklo_epi32(row[0], row[1]);
    const __m512i high01 = _mm512_unpackhi_epi32(row[0], row[1]);
    const __m512i low23 = _mm512_unpacklo_epi32(row[2], row[3]);
    const __m512i high23 = _mm512_unpackhi_epi32(row[2], row[3]);
    // Quarter q of quads[term * 4 + four] holds term 4 * q + term of these four rows.
    quads[0 + four] = _mm512_unpacklo_epi64(low01, low23);
    quads[4 + four] = _mm512_unpackhi_epi64(low01, low23);
    quads[8 + four] = _mm512_unpacklo_epi64(high01, high23);
    quads[12 + four] = _mm512_unpackhi_epi64(high01, high23);
  });
  unroll<4>([&](auto term) __attribute__((always_inline)) {
    const __m512i* of = quads + 4 * term;
    const __m512i first = _mm512_shuffle_i32x4(of[0], of[1], 0x44);
    const __m512i second = _mm512_shuffle_i32x4(of[2], of[3], 0x44);
    const __m512i third = _mm512_shuffle_i32x4(of[0], of[1], 0xEE);
    const __m512i fourth = _mm512_shuffle_i32x4(of[2], of[3], 0xEE);
    put(std::integral_constant<int, term>{}, _mm512_shuffle_i32x4(first, second, 0x88));
    put(std::integral_constant<int, term + 4>{}, _mm512_shuffle_i32x4(first, second, 0xDD));
    put(std::integral_constant<int, term + 8>{}, _mm512_shuffle_i32x4(third, fourth, 0x88));
    put(std::integral_constant<int, term + 12>{}, _mm512_shuffle_i32x4(third, fourth, 0xDD));
  });
}

// Calls take(load, weights) for the loads of the span of kSpan columns of a row of w that begins at
// `first`: weights[i] has those of columns load * 16 * kPerLane + Codes::column(i, lane). What lies
// beyond the row is zero.
template <class Codes, class Take>
THINBIT_INLINE void decode_span(const Codes& codes, const RowFormat& format, const EncodedRows& w,
                                int64_t row, int64_t K, int64_t first, const Take& take) {
  static_assert(kSpan == kPanelDepth);
  constexpr int kLoads = kVectors / Codes::kPerLane;
  const int32_t (*groups)[16] = lane_groups<Codes>(format.group_size);
  const int64_t first_group = first / format.group_size;
  const int64_t at = first_group * dtype_bytes(format.scale_dtype);
  const int64_t span_groups = kSpan / format.group_size;
  const int64_t left = format.groups(K) - first_group;
  const std::byte* biases = w.biases == nullptr ? nullptr : w.biases + row * w.biases_stride + at;
  const SpanScales span =
      load_scales<Codes>(format.scale_dtype, w.scales + row * w.scales_stride + at, biases,
                         std::min(left, span_groups));
  const int64_t begin = first / kSpan * kLoads * Codes::kBytes;
  const std::byte* words = w.words + row * w.words_stride + begin;
  const int64_t bytes = format.words(K) * 4 - begin;
  for (int load = 0; load < kLoads; ++load) {
    const __mmask64 there = first_bytes(bytes - load * Codes::kBytes);
    const __m512i raw = _mm512_maskz_loadu_epi8(there, words + load * Codes::kBytes);
    const __m512i index = _mm512_load_si512(groups[load]);
    const bool upper = Codes::kMode == Mode::kNvfp4 && 2 * load >= kLoads;
    const __m512 scale = _mm512_permutexvar_ps(index, upper ? span.scales[1] : span.scales[0]);
    const auto lanes = codes.spread(raw);
    __m512 bias = _mm512_setzero_ps();
    if constexpr (Codes::kMode == Mode::kAffine) bias = _mm512_permutexvar_ps(index, span.biases);
    __m512 weights[Codes::kPerLane];
    unroll<Codes::kPerLane>([&](auto i) __attribute__((always_inline)) {
      const __m512 value = codes.template value<i>(lanes);
      weights[i] = Codes::kMode == Mode::kAffine ? _mm512_fmadd_ps(value, scale, bias)
                                                 : _mm512_mul_ps(value, scale);
    });
    take(load, weights);
  }
}

// The terms of a panel, in sixteens: those beyond K are zero.
inline int64_t panel_terms(int64_t K, int64_t first) {
  return std::min<int64_t>((K - first + 15) / 16 * 16, kPanelDepth);
}

inline int64_t padded_terms(int64_t K) {
  return (K + kPanelDepth - 1) / kPanelDepth * kPanelDepth;
}

}  // namespace
}  // namespace thinbit
