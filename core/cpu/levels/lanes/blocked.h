#pragma once

// Included by the file of each instruction set; see scales.h.
//
// Many rows of x times a panel of float weights: of every term, the weights of two vectors' rows of
// w side by side, whose sums with kRowsAtOnce rows of x stay in registers.
//
// A sum adds eight products in a register, eight such parts in memory, and those in double: a
// product is rounded at most 8 + 7 times, its weight once. That is 16 u of the contract's 1e-6,
// which is 16.7 u, u = 2^-24, whatever the data.

#include "cpu/levels/lanes/products.h"

namespace thinbit {
namespace {

constexpr int kTermsOfPart = 8;
constexpr int kPartsOfSum = 8;
// Of a strip of the panel, which has all terms of these columns.
constexpr int kStripColumns = 2 * kLanes;
constexpr int kStripFloats = kPanelDepth * kStripColumns;

// A tile is read once for each panel, from front to back: sixteen terms of every row, then the
// next.
constexpr int kTermsOfLine = 16;

inline int64_t padded_terms(int64_t K) {
  return (K + kTermsOfLine - 1) / kTermsOfLine * kTermsOfLine;
}

inline int64_t tile_bytes(int64_t K) {
  return padded_terms(K) * kTileRows * static_cast<int64_t>(sizeof(float));
}

// The terms of a panel, in sixteens: those beyond K are zero.
inline int64_t panel_terms(int64_t K, int64_t first) {
  return std::min<int64_t>(padded_terms(K - first), kPanelDepth);
}

inline uint32_t prepare_tile(const float* const* x, int rows, int64_t K, std::byte* tile) {
  auto* to = reinterpret_cast<float*>(tile);
  for (int64_t k = 0; k < padded_terms(K); k += kTermsOfLine) {
    const int64_t there = std::max<int64_t>(0, std::min<int64_t>(kTermsOfLine, K - k));
    for (int i = 0; i < kTileRows; ++i, to += kTermsOfLine) {
      const int64_t copied = i < rows ? there : 0;
      if (copied > 0) std::copy_n(x[i] + k, copied, to);
      std::fill(to + copied, to + kTermsOfLine, 0.0f);
    }
  }
  return 0;
}

// Where term 0 of a column of a panel is; the next terms are kStripColumns apart.
inline float* column_of_panel(float* panel, int64_t column) {
  return panel + column / kStripColumns * kStripFloats + column % kStripColumns;
}

inline uint32_t decode_panel(const RowFormat& format, const EncodedRows& w, int64_t K,
                             int64_t first, int64_t count, std::byte* panel) {
  alignas(64) float rows[kLanes * kPanelDepth];
  const int64_t terms = panel_terms(K, first);
  for (int64_t begin = 0; begin < kPanelColumns; begin += kLanes) {
    for (int64_t n = 0; n < kLanes; ++n) {
      if (begin + n < count) {
        decode_columns<kPanelDepth>(format, w, begin + n, K, first, rows + n * kPanelDepth);
      } else {
        std::fill_n(rows + n * kPanelDepth, terms, 0.0f);
      }
    }
    float* to = column_of_panel(reinterpret_cast<float*>(panel), begin);
    for (int64_t term = 0; term < terms; term += kLanes) {
      transpose(rows + term, kPanelDepth, to + term * kStripColumns, kStripColumns);
    }
  }
  return 0;
}

inline uint32_t pack_panel(const float* weights, int64_t stride, int64_t terms, std::byte* panel) {
  for (int64_t column = 0; column < kPanelColumns; column += kStripColumns) {
    float* to = column_of_panel(reinterpret_cast<float*>(panel), column);
    for (int64_t j = 0; j < panel_terms(terms, 0); ++j, to += kStripColumns) {
      if (j < terms) {
        std::copy_n(weights + j * stride + column, kStripColumns, to);
      } else {
        std::fill_n(to, kStripColumns, 0.0f);
      }
    }
  }
  return 0;
}

// sums[i * kPanelColumns + n] += the sum over `terms` terms, a multiple of kTermsOfPart and at most
// kPartsOfSum of them, for kRows rows and the columns of a strip of the panel.
template <int kRows>
inline void multiply_sum(const float* strip, int64_t terms, const float* tile, double* sums) {
  alignas(64) float sum[kRows][kStripColumns];
  for (int64_t begin = 0; begin < terms; begin += kTermsOfPart) {
    const float* weights = strip + begin * kStripColumns;
    const float* values =
        tile + begin / kTermsOfLine * kTermsOfLine * kTileRows + begin % kTermsOfLine;
    Lanes part[kRows][2];
    unroll<kTermsOfPart>([&](auto term) __attribute__((always_inline)) {
      const Lanes low = load_lanes(weights + term * kStripColumns);
      const Lanes high = load_lanes(weights + term * kStripColumns + kLanes);
      unroll<kRows>([&](auto i) __attribute__((always_inline)) {
        const Lanes value = broadcast(values + i * kTermsOfLine + term);
        part[i][0] = term == 0 ? multiply(value, low) : fma(value, low, part[i][0]);
        part[i][1] = term == 0 ? multiply(value, high) : fma(value, high, part[i][1]);
      });
    });
    unroll<kRows>([&](auto i) __attribute__((always_inline)) {
      store_lanes(sum[i], begin == 0 ? part[i][0] : add(load_lanes(sum[i]), part[i][0]));
      store_lanes(sum[i] + kLanes,
                  begin == 0 ? part[i][1] : add(load_lanes(sum[i] + kLanes), part[i][1]));
    });
  }
  for (int i = 0; i < kRows; ++i) {
    add_to_doubles(sums + i * kPanelColumns, load_lanes(sum[i]));
    add_to_doubles(sums + i * kPanelColumns + kLanes, load_lanes(sum[i] + kLanes));
  }
}

// A tile's rows, kRows at a time.
template <int kRows, int kTimes>
inline void multiply_tile(const float* panel, int64_t terms, const float* tile, double* sums) {
  constexpr int64_t kTermsOfSum = kTermsOfPart * kPartsOfSum;
  for (int64_t begin = 0; begin < terms; begin += kTermsOfSum) {
    const int64_t here = std::min(kTermsOfSum, terms - begin);
    for (int column = 0; column < kPanelColumns; column += kStripColumns) {
      const float* strip = panel + column * kPanelDepth + begin * kStripColumns;
      for (int i = 0; i < kRows * kTimes; i += kRows) {
        multiply_sum<kRows>(strip, here, tile + begin * kTileRows + i * kTermsOfLine,
                            sums + i * kPanelColumns + column);
      }
    }
  }
}

inline void multiply_panel(const std::byte* panel, int64_t K, int64_t first, const std::byte* tile,
                           int rows, double* sums) {
  const auto* weights = reinterpret_cast<const float*>(panel);
  const auto* values = reinterpret_cast<const float*>(tile) + first * kTileRows;
  const int64_t terms = panel_terms(K, first);
  if (rows > 8)
    return multiply_tile<kRowsAtOnce, kTileRows / kRowsAtOnce>(weights, terms, values, sums);
  if (rows > 4) return multiply_tile<4, 2>(weights, terms, values, sums);
  multiply_tile<4, 1>(weights, terms, values, sums);
}

inline constexpr BlockedProduct kBlockedProduct = {
    kTileRows,    tile_bytes, prepare_tile,  kPanelDepth * kPanelColumns * sizeof(float),
    decode_panel, pack_panel, multiply_panel};

}  // namespace
}  // namespace thinbit
