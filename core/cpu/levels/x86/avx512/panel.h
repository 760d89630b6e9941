#pragma once

// Included inside an AVX-512 region.
//
// Rows of w to a panel, term by term: of every term (or pair of bfloat16 terms) the dwords of
// kPanelColumns rows lie side by side, so that a lane of a product is a column of the result.
// Sixteen rows are decoded along K first, and the dwords transposed in blocks of 16 x 16.

#include <algorithm>

#include "cpu/levels/x86/avx512/codes.h"
#include "cpu/levels/x86/avx512/products_f32.h"
#include "cpu/levels/x86/avx512/transpose.h"

namespace thinbit {
namespace {

constexpr int kTransposedRows = 16;  // rows of w at a time

// The span of kSpan columns of a row of w that begins at `first`. What lies beyond the row is zero.
template <class Codes>
struct SpanOfRow {
  static_assert(kSpan == kPanelDepth);
  static constexpr int kLoads = kVectors / Codes::kPerLane;

  const int32_t (*groups)[16];
  const std::byte* words;
  int64_t bytes;
  SpanScales scales;

  THINBIT_INLINE SpanOfRow(const RowFormat& format, const EncodedRows& w, int64_t row, int64_t K,
                           int64_t first) {
    groups = lane_groups<Codes>(format.group_size);
    const int64_t first_group = first / format.group_size;
    const int64_t at = first_group * dtype_bytes(format.scale_dtype);
    const int64_t span_groups = kSpan / format.group_size;
    const int64_t left = format.groups(K) - first_group;
    const std::byte* biases = w.biases == nullptr ? nullptr : w.biases + row * w.biases_stride + at;
    scales = load_scales<Codes>(format.scale_dtype, w.scales + row * w.scales_stride + at, biases,
                                std::min(left, span_groups));
    const int64_t begin = first / kSpan * kLoads * Codes::kBytes;
    words = w.words + row * w.words_stride + begin;
    bytes = format.words(K) * 4 - begin;
  }

  // Value i of the result of codes.spread is that of columns load * 16 * kPerLane +
  // Codes::column(i, lane) of the span.
  THINBIT_INLINE __m512i load(int index) const {
    return _mm512_maskz_loadu_epi8(first_bytes(bytes - index * Codes::kBytes),
                                   words + index * Codes::kBytes);
  }

  // A number of each of 16 groups, brought to the lanes of a load.
  THINBIT_INLINE __m512 of_lanes(int index, __m512 of_groups) const {
    return _mm512_permutexvar_ps(_mm512_load_si512(groups[index]), of_groups);
  }
};

// Calls take(load, weights) for the loads of a span: weights[i] is what SpanOfRow says of value i.
template <class Codes, class Take>
THINBIT_INLINE void decode_span(const Codes& codes, const RowFormat& format, const EncodedRows& w,
                                int64_t row, int64_t K, int64_t first, const Take& take) {
  const SpanOfRow<Codes> span(format, w, row, K, first);
  for (int load = 0; load < span.kLoads; ++load) {
    const bool upper = Codes::kMode == Mode::kNvfp4 && 2 * load >= span.kLoads;
    const __m512 scale = span.of_lanes(load, upper ? span.scales.scales[1] : span.scales.scales[0]);
    const auto lanes = codes.spread(span.load(load));
    __m512 bias = _mm512_setzero_ps();
    if constexpr (Codes::kMode == Mode::kAffine) bias = span.of_lanes(load, span.scales.biases);
    __m512 weights[Codes::kPerLane];
    unroll<Codes::kPerLane>([&](auto i) __attribute__((always_inline)) {
      const __m512 value = codes.template value<i>(lanes);
      weights[i] = Codes::kMode == Mode::kAffine ? _mm512_fmadd_ps(value, scale, bias)
                                                 : _mm512_mul_ps(value, scale);
    });
    take(load, weights);
  }
}

// Whether a vector of a load shifts all lanes alike, as loops over vectors need it.
template <class Codes>
constexpr bool columns_add_up() {
  for (int i = 0; i < Codes::kPerLane; ++i) {
    for (int lane = 0; lane < 16; ++lane) {
      if (Codes::column(i, lane) != Codes::column(i, 0) + Codes::column(0, lane)) return false;
    }
  }
  return true;
}

// The terms of a panel, in sixteens: those beyond K are zero.
inline int64_t panel_terms(int64_t K, int64_t first) {
  return std::min<int64_t>((K - first + 15) / 16 * 16, kPanelDepth);
}

inline int64_t padded_terms(int64_t K) { return (K + kPanelDepth - 1) / kPanelDepth * kPanelDepth; }

}  // namespace
}  // namespace thinbit
