#pragma once

// Included inside an AVX-512 BF16 region.
//
// Many rows of bfloat16 x times a panel of affine codes. Rounding a weight to bfloat16 would cost
// more than the contract allows, so the codes stay what they are: integers less the group's zero
// point, exact in bfloat16, and scales join a group's sum in float. What zero point and rest are,
// and why nothing large cancels, stands in products_bf16.h: both parts together are at most 3.2 R.
// A product is rounded at most 128 times in its group's sum, and 2 * 16 times in the panel's: 520 u
// of the 32768 u = 2^-9 that the contract leaves beside the rounding of the result.
//
// Rows of x must be plain, see tile_bf16.h; products with small integers are no subnormals then.

#include "cpu/levels/x86/avx512/products_bf16.h"
#include "cpu/levels/x86/avx512/tile_bf16.h"

namespace thinbit {
namespace {

constexpr int kMostGroups = kPanelDepth / 32;

struct AffinePanel {
  alignas(64) uint32_t pairs[kPairsOfPanel * kPanelColumns];
  alignas(64) float scales[kMostGroups * kPanelColumns];
  alignas(64) float rests[kMostGroups * kPanelColumns];
};

// A tile of pairs, and behind it the sums of each group of x: those of all rows side by side.
template <int kGroupSize>
int64_t tile_bytes_affine(int64_t K) {
  const int64_t sums = K / kGroupSize * kTileRows * static_cast<int64_t>(sizeof(float));
  return tile_bytes_bf16(K) + (sums + 63) / 64 * 64;
}

template <int kGroupSize>
uint32_t prepare_tile_affine(const float* const* x, int rows, int64_t K, std::byte* tile) {
  auto* sums = reinterpret_cast<float*>(tile + tile_bytes_bf16(K));
  for (int64_t first = 0; first < K; first += kGroupSize, sums += kTileRows) {
    for (int i = 0; i < kTileRows; ++i) {
      __m512 sum = _mm512_setzero_ps();
      for (int64_t k = 0; i < rows && k < kGroupSize; k += 16) {
        sum = _mm512_add_ps(sum, _mm512_loadu_ps(x[i] + first + k));
      }
      sums[i] = sum_lanes(sum);
    }
  }
  return prepare_tile_bf16(x, rows, K, tile);
}

template <class Codes>
uint32_t decode_panel_affine(const RowFormat& format, const EncodedRows& w, int64_t K,
                             int64_t first, int64_t count, std::byte* panel) {
  const Codes codes;
  constexpr int kPerLane = Codes::kPerLane;
  constexpr int kHalves = kPerLane / 2;
  static_assert(positions_add_up<Codes>());
  auto* out = reinterpret_cast<AffinePanel*>(panel);
  alignas(64) uint32_t rows[kTransposedRows * kPairsOfPanel];
  alignas(64) uint32_t scales[kTransposedRows * 16];
  alignas(64) uint32_t rests[kTransposedRows * 16];
  for (int64_t begin = 0; begin < kPanelColumns; begin += kTransposedRows) {
    for (int64_t n = 0; n < kTransposedRows; ++n) {
      uint32_t* to = rows + n * kPairsOfPanel;
      if (begin + n >= count) {
        std::fill_n(to, kPairsOfPanel, 0u);
        std::fill_n(scales + 16 * n, 16, 0u);
        std::fill_n(rests + 16 * n, 16, 0u);
        continue;
      }
      const SpanOfRow<Codes> span(format, w, begin + n, K, first);
      const ZeroPoints zeros =
          zero_points(span.scales.scales[0], span.scales.biases, Codes::kLargest);
      _mm512_store_ps(scales + 16 * n, span.scales.scales[0]);
      _mm512_store_ps(rests + 16 * n, zeros.rest);
      for (int load = 0; load < span.kLoads; ++load) {
        const __m512 zero = span.of_lanes(load, zeros.zero);
        const auto lanes = codes.spread(span.load(load));
        unroll<kHalves>([&](auto i) __attribute__((always_inline)) {
          const __m512 low = _mm512_sub_ps(codes.template value<2 * i>(lanes), zero);
          const __m512 high = _mm512_sub_ps(codes.template value<2 * i + 1>(lanes), zero);
          _mm512_store_si512(to + (load * kHalves + i) * 16, Pairs<Codes>::join(low, high));
        });
      }
    }
    for (int load = 0; load < kVectors / kPerLane; ++load) {
      for (int i = 0; i < kHalves; ++i) {
        const int64_t first_pair = load * 8 * kPerLane + Pairs<Codes>::position(2 * i, 0);
        uint32_t* to = out->pairs + first_pair * kPanelColumns + begin;
        transpose_dwords(rows + (load * kHalves + i) * 16, kPairsOfPanel,
                         [&](auto lane, __m512i dwords) __attribute__((always_inline)) {
                           constexpr int kPair = Pairs<Codes>::position(0, lane);
                           _mm512_store_si512(to + kPair * kPanelColumns, dwords);
                         });
      }
    }
    transpose_dwords(scales, 16, [&](auto group, __m512i dwords) __attribute__((always_inline)) {
      _mm512_store_si512(out->scales + group * kPanelColumns + begin, dwords);
    });
    transpose_dwords(rests, 16, [&](auto group, __m512i dwords) __attribute__((always_inline)) {
      _mm512_store_si512(out->rests + group * kPanelColumns + begin, dwords);
    });
  }
  return 0;
}

template <int kGroupSize, int kRows>
void multiply_tile_affine(const AffinePanel& panel, int64_t groups, const uint32_t* tile,
                          const float* x_sums, double* sums) {
  alignas(64) float totals[kRows * kPanelColumns] = {};
  for (int64_t group = 0; group < groups; ++group) {
    __m512 chain[kRows][2];
    unroll<kRows>([&](auto i) __attribute__((always_inline)) {
      chain[i][0] = chain[i][1] = _mm512_setzero_ps();
    });
    constexpr int kPairs = kGroupSize / 2;
    const uint32_t* weights = panel.pairs + group * kPairs * kPanelColumns;
    for (int line = 0; line < kPairs; line += kPairsOfLine) {
      const uint32_t* values = tile + (group * kPairs + line) * kTileRows;
      for (int pair = 0; pair < kPairsOfLine; ++pair, weights += kPanelColumns) {
        const auto low = (__m512bh)_mm512_load_si512(weights);
        const auto high = (__m512bh)_mm512_load_si512(weights + 16);
        unroll<kRows>([&](auto i) __attribute__((always_inline)) {
          const auto value =
              (__m512bh)_mm512_set1_epi32(static_cast<int>(values[i * kPairsOfLine + pair]));
          chain[i][0] = _mm512_dpbf16_ps(chain[i][0], value, low);
          chain[i][1] = _mm512_dpbf16_ps(chain[i][1], value, high);
        });
      }
    }
    unroll<2>([&](auto half) __attribute__((always_inline)) {
      const int64_t at = group * kPanelColumns + 16 * half;
      const __m512 scale = _mm512_load_ps(panel.scales + at);
      const __m512 rest = _mm512_load_ps(panel.rests + at);
      unroll<kRows>([&](auto i) __attribute__((always_inline)) {
        float* total = totals + i * kPanelColumns + 16 * half;
        const __m512 of_rest = _mm512_fmadd_ps(rest, _mm512_set1_ps(x_sums[group * kTileRows + i]),
                                               _mm512_load_ps(total));
        _mm512_store_ps(total, _mm512_fmadd_ps(scale, chain[i][half], of_rest));
      });
    });
  }
  for (int i = 0; i < 2 * kRows; ++i) add_chain(sums + 16 * i, _mm512_load_ps(totals + 16 * i));
}

template <int kGroupSize>
void multiply_blocked_affine(const std::byte* panel, int64_t K, int64_t first,
                             const std::byte* tile, int rows, double* sums) {
  const auto& weights = *reinterpret_cast<const AffinePanel*>(panel);
  const auto* values = reinterpret_cast<const uint32_t*>(tile) + first / 2 * kTileRows;
  const auto* x_sums =
      reinterpret_cast<const float*>(tile + tile_bytes_bf16(K)) + first / kGroupSize * kTileRows;
  const int64_t groups = std::min<int64_t>(K - first, kPanelDepth) / kGroupSize;
  if (rows > 8) return multiply_tile_affine<kGroupSize, 12>(weights, groups, values, x_sums, sums);
  if (rows > 4) return multiply_tile_affine<kGroupSize, 8>(weights, groups, values, x_sums, sums);
  multiply_tile_affine<kGroupSize, 4>(weights, groups, values, x_sums, sums);
}

}  // namespace
}  // namespace thinbit
