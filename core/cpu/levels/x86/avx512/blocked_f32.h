#pragma once

// Included inside an AVX-512 region.
//
// Many rows of x times a panel of float weights, each rounded once from code * scale + bias. A sum
// adds eight products in one register, eight such parts in another, and those in double: a product
// is rounded at most 8 + 7 times, its weight once. That is 16 u of the contract's 1e-6, which is
// 16.7 u, u = 2^-24, whatever the data.

#include "cpu/levels/x86/avx512/panel.h"

namespace thinbit {
namespace {

constexpr int kTermsOfPart = 8;
constexpr int kPartsOfSum = 8;

inline int64_t tile_bytes_f32(int64_t K) {
  return padded_terms(K) * kTileRows * static_cast<int64_t>(sizeof(float));
}

// A tile is read once for each panel, from front to back: sixteen terms of every row, then the
// next.
constexpr int kTermsOfLine = 16;

inline uint32_t prepare_tile_f32(const float* const* x, int rows, int64_t K, std::byte* tile) {
  auto* to = reinterpret_cast<float*>(tile);
  const int64_t end = padded_terms(K);
  for (int64_t k = 0; k < end; k += kTermsOfLine) {
    const __mmask16 there = first_lanes(K - k);
    for (int i = 0; i < kTileRows; ++i, to += kTermsOfLine) {
      _mm512_store_ps(to, i < rows ? _mm512_maskz_loadu_ps(there, x[i] + k) : _mm512_setzero_ps());
    }
  }
  return 0;
}

template <class Codes>
uint32_t decode_panel_f32(const RowFormat& format, const EncodedRows& w, int64_t K, int64_t first,
                          int64_t count, std::byte* panel) {
  const Codes codes;
  constexpr int kPerLane = Codes::kPerLane;
  static_assert(columns_add_up<Codes>());
  alignas(64) float rows[kTransposedRows * kSpan];
  auto* out = reinterpret_cast<uint32_t*>(panel);
  for (int64_t begin = 0; begin < kPanelColumns; begin += kTransposedRows) {
    for (int64_t n = 0; n < kTransposedRows; ++n) {
      float* to = rows + n * kSpan;
      if (begin + n >= count) {
        std::fill_n(to, kSpan, 0.0f);
        continue;
      }
      decode_span(codes, format, w, begin + n, K, first,
                  [&](int load, const __m512* weights) __attribute__((always_inline)) {
                    unroll<kPerLane>([&](auto i) __attribute__((always_inline)) {
                      _mm512_store_ps(to + (load * kPerLane + i) * 16, weights[i]);
                    });
                  });
    }
    for (int load = 0; load < kVectors / kPerLane; ++load) {
      // Unrolled, these lines alone would be most of what compilers do for this file.
      for (int i = 0; i < kPerLane; ++i) {
        const float* in = rows + (load * kPerLane + i) * 16;
        const int64_t first_term = load * 16 * kPerLane + Codes::column(i, 0);
        uint32_t* to = out + first_term * kPanelColumns + begin;
        transpose_dwords(reinterpret_cast<const uint32_t*>(in), kSpan,
                         [&](auto lane, __m512i dwords) __attribute__((always_inline)) {
                           constexpr int kTerm = Codes::column(0, lane);
                           _mm512_store_si512(to + kTerm * kPanelColumns, dwords);
                         });
      }
    }
  }
  return 0;
}

inline uint32_t pack_panel_f32(const float* weights, int64_t stride, int64_t terms,
                               std::byte* panel) {
  auto* to = reinterpret_cast<float*>(panel);
  const int64_t end = panel_terms(terms, 0);
  for (int64_t j = 0; j < end; ++j, to += kPanelColumns) {
    const bool there = j < terms;
    const float* from = weights + j * stride;
    _mm512_store_ps(to, there ? _mm512_loadu_ps(from) : _mm512_setzero_ps());
    _mm512_store_ps(to + 16, there ? _mm512_loadu_ps(from + 16) : _mm512_setzero_ps());
  }
  return 0;
}

THINBIT_INLINE void add_to(double* to, __m512 sum) {
  _mm512_storeu_pd(
      to, _mm512_add_pd(_mm512_loadu_pd(to), _mm512_cvtps_pd(_mm512_castps512_ps256(sum))));
  _mm512_storeu_pd(to + 8, _mm512_add_pd(_mm512_loadu_pd(to + 8),
                                         _mm512_cvtps_pd(_mm512_extractf32x8_ps(sum, 1))));
}

// `terms` terms of a sum, a multiple of kTermsOfPart.
template <int kRows>
THINBIT_INLINE void multiply_rows_f32(const float* panel, int64_t terms, const float* tile,
                                      double* sums) {
  __m512 sum[kRows][2];
  unroll<kRows>(
      [&](auto i) __attribute__((always_inline)) { sum[i][0] = sum[i][1] = _mm512_setzero_ps(); });
  for (int64_t begin = 0; begin < terms; begin += kTermsOfPart) {
    const float* weights = panel + begin * kPanelColumns;
    const float* values =
        tile + begin / kTermsOfLine * kTermsOfLine * kTileRows + begin % kTermsOfLine;
    __m512 part[kRows][2];
    unroll<kTermsOfPart>([&](auto term) __attribute__((always_inline)) {
      const __m512 low = _mm512_load_ps(weights + term * kPanelColumns);
      const __m512 high = _mm512_load_ps(weights + term * kPanelColumns + 16);
      unroll<kRows>([&](auto i) __attribute__((always_inline)) {
        const __m512 value = _mm512_set1_ps(values[i * kTermsOfLine + term]);
        part[i][0] =
            term == 0 ? _mm512_mul_ps(value, low) : _mm512_fmadd_ps(value, low, part[i][0]);
        part[i][1] =
            term == 0 ? _mm512_mul_ps(value, high) : _mm512_fmadd_ps(value, high, part[i][1]);
      });
    });
    unroll<kRows>([&](auto i) __attribute__((always_inline)) {
      sum[i][0] = _mm512_add_ps(sum[i][0], part[i][0]);
      sum[i][1] = _mm512_add_ps(sum[i][1], part[i][1]);
    });
  }
  unroll<kRows>([&](auto i) __attribute__((always_inline)) {
    add_to(sums + i * kPanelColumns, sum[i][0]);
    add_to(sums + i * kPanelColumns + 16, sum[i][1]);
  });
}

// A tile's rows in strips, so that parts and sums both stay in registers.
template <int kRows, int kStrips>
void multiply_strips_f32(const float* panel, int64_t terms, const float* tile, double* sums) {
  constexpr int64_t kTermsOfSum = kTermsOfPart * kPartsOfSum;
  for (int64_t begin = 0; begin < terms; begin += kTermsOfSum) {
    const int64_t here = std::min(kTermsOfSum, terms - begin);
    for (int strip = 0; strip < kStrips; ++strip) {
      multiply_rows_f32<kRows>(panel + begin * kPanelColumns, here,
                               tile + begin * kTileRows + strip * kRows * kTermsOfLine,
                               sums + strip * kRows * kPanelColumns);
    }
  }
}

inline void multiply_blocked_f32(const std::byte* panel, int64_t K, int64_t first,
                                 const std::byte* tile, int rows, double* sums) {
  const auto* weights = reinterpret_cast<const float*>(panel);
  const auto* values = reinterpret_cast<const float*>(tile) + first * kTileRows;
  const int64_t terms = panel_terms(K, first);
  if (rows > 8) return multiply_strips_f32<6, 2>(weights, terms, values, sums);
  if (rows > 4) return multiply_strips_f32<4, 2>(weights, terms, values, sums);
  multiply_strips_f32<4, 1>(weights, terms, values, sums);
}

}  // namespace
}  // namespace thinbit
