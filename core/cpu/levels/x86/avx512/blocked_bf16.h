#pragma once

// Included inside an AVX-512 BF16 region.
//
// Many rows of bfloat16 x times a panel of weights of mxfp4, mxfp8 or nvfp4, which element times
// scale are bfloat16 exactly; pairs of terms in a dword. A chain of dot products adds kTermsOfChain
// terms in float, and chains add up in double: 256 u of the 32768 u = 2^-9 that the contract leaves
// beside the rounding of the result.
//
// The dot product takes subnormals for zero. Rows of x and w are served here if their magnitudes
// are zero or in [2^-60, 2^60], so that no product is subnormal; other rows, and those with
// infinities and NaN, are left to the caller.

#include "cpu/levels/x86/avx512/tile_bf16.h"

namespace thinbit {
namespace {

constexpr int kTermsOfChain = 256;

template <class Codes>
uint32_t decode_panel_bf16(const RowFormat& format, const EncodedRows& w, int64_t K, int64_t first,
                           int64_t count, std::byte* panel) {
  const Codes codes;
  constexpr int kPerLane = Codes::kPerLane;
  constexpr int kHalves = kPerLane / 2;
  static_assert(positions_add_up<Codes>());
  alignas(64) uint32_t rows[kTransposedRows * kPairsOfPanel];
  auto* out = reinterpret_cast<uint32_t*>(panel);
  uint32_t odd = 0;
  for (int64_t begin = 0; begin < kPanelColumns; begin += kTransposedRows) {
    for (int64_t n = 0; n < kTransposedRows; ++n) {
      uint32_t* to = rows + n * kPairsOfPanel;
      if (begin + n >= count) {
        std::fill_n(to, kPairsOfPanel, 0u);
        continue;
      }
      Magnitudes magnitudes;
      decode_span(codes, format, w, begin + n, K, first,
                  [&](int load, const __m512* weights) __attribute__((always_inline)) {
                    unroll<kHalves>([&](auto i) __attribute__((always_inline)) {
                      magnitudes.add(weights[2 * i]);
                      magnitudes.add(weights[2 * i + 1]);
                      _mm512_store_si512(to + (load * kHalves + i) * 16,
                                         Pairs<Codes>::join(weights[2 * i], weights[2 * i + 1]));
                    });
                  });
      odd |= static_cast<uint32_t>(!magnitudes.plain()) << (begin + n);
    }
    for (int load = 0; load < kVectors / kPerLane; ++load) {
      for (int i = 0; i < kHalves; ++i) {
        const int64_t first_pair = load * 8 * kPerLane + Pairs<Codes>::position(2 * i, 0);
        uint32_t* to = out + first_pair * kPanelColumns + begin;
        transpose_dwords(rows + (load * kHalves + i) * 16, kPairsOfPanel,
                         [&](auto lane, __m512i dwords) __attribute__((always_inline)) {
                           constexpr int kPair = Pairs<Codes>::position(0, lane);
                           _mm512_store_si512(to + kPair * kPanelColumns, dwords);
                         });
      }
    }
  }
  return odd;
}

inline uint32_t pack_panel_bf16(const float* weights, int64_t stride, int64_t terms,
                                std::byte* panel) {
  auto* out = reinterpret_cast<uint32_t*>(panel);
  const int64_t pairs = panel_terms(terms, 0) / 2;
  uint32_t odd = 0;
  for (int half = 0; half < 2; ++half) {
    Magnitudes magnitudes;
    const float* from = weights + 16 * half;
    uint32_t* to = out + 16 * half;
    for (int64_t pair = 0; pair < pairs; ++pair, from += 2 * stride, to += kPanelColumns) {
      const bool first_there = 2 * pair < terms;
      const bool second_there = 2 * pair + 1 < terms;
      const __m512 first = first_there ? _mm512_loadu_ps(from) : _mm512_setzero_ps();
      const __m512 second = second_there ? _mm512_loadu_ps(from + stride) : _mm512_setzero_ps();
      magnitudes.add(first);
      magnitudes.add(second);
      _mm512_store_si512(to, join_terms(first, second));
    }
    odd |= magnitudes.odd_lanes() << (16 * half);
  }
  return odd;
}

template <int kRows>
void multiply_tile_bf16(const uint32_t* panel, int64_t pairs, const uint32_t* tile, double* sums) {
  for (int64_t begin = 0; begin < pairs; begin += kTermsOfChain / 2) {
    const int64_t end = std::min<int64_t>(begin + kTermsOfChain / 2, pairs);
    __m512 chain[kRows][2];
    unroll<kRows>([&](auto i) __attribute__((always_inline)) {
      chain[i][0] = chain[i][1] = _mm512_setzero_ps();
    });
    for (int64_t line = begin; line < end; line += kPairsOfLine) {
      const uint32_t* values = tile + line * kTileRows;
      const uint32_t* weights = panel + line * kPanelColumns;
      const int64_t here = std::min<int64_t>(kPairsOfLine, end - line);
      for (int64_t pair = 0; pair < here; ++pair, ++values, weights += kPanelColumns) {
        const auto low = (__m512bh)_mm512_load_si512(weights);
        const auto high = (__m512bh)_mm512_load_si512(weights + 16);
        unroll<kRows>([&](auto i) __attribute__((always_inline)) {
          const auto value =
              (__m512bh)_mm512_set1_epi32(static_cast<int>(values[i * kPairsOfLine]));
          chain[i][0] = _mm512_dpbf16_ps(chain[i][0], value, low);
          chain[i][1] = _mm512_dpbf16_ps(chain[i][1], value, high);
        });
      }
    }
    unroll<kRows>([&](auto i) __attribute__((always_inline)) {
      add_chain(sums + i * kPanelColumns, chain[i][0]);
      add_chain(sums + i * kPanelColumns + 16, chain[i][1]);
    });
  }
}

inline void multiply_blocked_bf16(const std::byte* panel, int64_t K, int64_t first,
                                  const std::byte* tile, int rows, double* sums) {
  const auto* weights = reinterpret_cast<const uint32_t*>(panel);
  const auto* values = reinterpret_cast<const uint32_t*>(tile) + first / 2 * kTileRows;
  const int64_t pairs = panel_terms(K, first) / 2;
  if (rows > 8) return multiply_tile_bf16<12>(weights, pairs, values, sums);
  if (rows > 4) return multiply_tile_bf16<8>(weights, pairs, values, sums);
  multiply_tile_bf16<4>(weights, pairs, values, sums);
}

}  // namespace
}  // namespace thinbit
