#pragma once

// Included inside an AVX-512 region.
//
// Many rows of x times a panel of float weights, each rounded once from code * scale + bias. A sum
// adds eight products in a register, eight such parts in a tile's cache line, and those in double:
// a product is rounded at most 8 + 7 times, its weight once. That is 16 u of the contract's 1e-6,
// which is 16.7 u, u = 2^-24, whatever the data. The additions of the parts go to other ports than
// the products.

#include "cpu/levels/x86/avx512/panel.h"

namespace thinbit {
namespace {

constexpr int kTermsOfPart = 8;
constexpr int kPartsOfSum = 8;

inline int64_t tile_bytes_f32(int64_t K) {
  return padded_terms(K) * kTileRows * static_cast<int64_t>(sizeof(float));
}

// A tile is blocks of kPanelDepth terms; in each, row after row.
inline uint32_t prepare_tile_f32(const float* const* x, int rows, int64_t K, std::byte* tile) {
  auto* to = reinterpret_cast<float*>(tile);
  for (int64_t first = 0; first < K; first += kPanelDepth) {
    const int64_t terms = panel_terms(K, first);
    for (int i = 0; i < kTileRows; ++i, to += kPanelDepth) {
      if (i < rows) std::copy_n(x[i] + first, terms, to);
      std::fill(to + (i < rows ? terms : 0), to + kPanelDepth, 0.0f);
    }
  }
  return 0;
}

template <class Codes>
uint32_t decode_panel_f32(const RowFormat& format, const EncodedRows& w, int64_t K, int64_t first,
                          int64_t count, std::byte* panel) {
  const Codes codes;
  constexpr int kPerLane = Codes::kPerLane;
  alignas(64) float rows[kPanelRows16 * kSpan];
  auto* out = reinterpret_cast<uint32_t*>(panel);
  for (int64_t begin = 0; begin < kPanelColumns; begin += kPanelRows16) {
    for (int64_t n = 0; n < kPanelRows16; ++n) {
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
      uint32_t* to = out + load * 16 * kPerLane * kPanelColumns + begin;
      unroll<kPerLane>([&](auto i) __attribute__((always_inline)) {
        const float* in = rows + (load * kPerLane + i) * 16;
        transpose_dwords(reinterpret_cast<const uint32_t*>(in), kSpan,
                         [&](auto lane, __m512i dwords) __attribute__((always_inline)) {
                           constexpr int kTerm = Codes::column(i, lane);
                           _mm512_store_si512(to + kTerm * kPanelColumns, dwords);
                         });
      });
    }
  }
  return 0;
}

template <int kRows>
THINBIT_INLINE void add_parts(const float* parts, double* sums) {
  for (int i = 0; i < kRows * 2; ++i) {
    const __m512 part = _mm512_load_ps(parts + 16 * i);
    double* to = sums + 16 * i;
    _mm512_storeu_pd(
        to, _mm512_add_pd(_mm512_loadu_pd(to), _mm512_cvtps_pd(_mm512_castps512_ps256(part))));
    _mm512_storeu_pd(
        to + 8,
        _mm512_add_pd(_mm512_loadu_pd(to + 8), _mm512_cvtps_pd(_mm512_extractf32x8_ps(part, 1))));
  }
}

// Eight terms of a tile, to which `parts` are added where kAdds.
template <int kRows, bool kAdds>
THINBIT_INLINE void multiply_part(const float* panel, const float* tile, float* parts) {
  __m512 part[kRows][2];
  unroll<kTermsOfPart>([&](auto term) __attribute__((always_inline)) {
    const __m512 low = _mm512_load_ps(panel + term * kPanelColumns);
    const __m512 high = _mm512_load_ps(panel + term * kPanelColumns + 16);
    unroll<kRows>([&](auto i) __attribute__((always_inline)) {
      const __m512 value = _mm512_set1_ps(tile[i * kPanelDepth + term]);
      if constexpr (term == 0) {
        part[i][0] = _mm512_mul_ps(value, low);
        part[i][1] = _mm512_mul_ps(value, high);
      } else {
        part[i][0] = _mm512_fmadd_ps(value, low, part[i][0]);
        part[i][1] = _mm512_fmadd_ps(value, high, part[i][1]);
      }
    });
  });
  unroll<kRows>([&](auto i) __attribute__((always_inline)) {
    unroll<2>([&](auto half) __attribute__((always_inline)) {
      float* to = parts + (2 * i + half) * 16;
      const __m512 before = _mm512_load_ps(to);
      _mm512_store_ps(to, kAdds ? _mm512_add_ps(before, part[i][half]) : part[i][half]);
    });
  });
}

template <int kRows>
void multiply_tile_f32(const float* panel, int64_t terms, const float* tile, double* sums) {
  alignas(64) float parts[kRows * kPanelColumns] = {};
  for (int64_t begin = 0; begin < terms; begin += kTermsOfPart * kPartsOfSum) {
    const int64_t end = std::min<int64_t>(begin + kTermsOfPart * kPartsOfSum, terms);
    multiply_part<kRows, false>(panel + begin * kPanelColumns, tile + begin, parts);
    for (int64_t term = begin + kTermsOfPart; term < end; term += kTermsOfPart) {
      multiply_part<kRows, true>(panel + term * kPanelColumns, tile + term, parts);
    }
    add_parts<kRows>(parts, sums);
  }
}

inline void multiply_blocked_f32(const std::byte* panel, int64_t K, int64_t first,
                                 const std::byte* tile, int rows, double* sums) {
  const auto* weights = reinterpret_cast<const float*>(panel);
  const auto* values = reinterpret_cast<const float*>(tile) + first * kTileRows;
  const int64_t terms = panel_terms(K, first);
  if (rows > 8) return multiply_tile_f32<12>(weights, terms, values, sums);
  if (rows > 4) return multiply_tile_f32<8>(weights, terms, values, sums);
  multiply_tile_f32<4>(weights, terms, values, sums);
}

}  // namespace
}  // namespace thinbit
