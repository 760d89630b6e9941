#pragma once

// Included by the file of each instruction set; see scales.h.
//
// Rows of w times rows of x, a span of w at a time: with one row of x straight from the registers,
// with more from the first-level cache. With one row, converting the codes binds (see weights.h);
// from eight on, the fused multiply-adds.
//
// The error, in units of u = 2^-24 of R, the sum of magnitudes: 1 for the weight; 8 in a chain of 8
// fused multiply-adds; 3 in the sum of a span's 8 chains. Spans join in double. That is 12 u =
// 7.2e-7 of the contract's 1e-6, whatever the data, and leaves its 2^-23 |ref| to the rounding of
// the result.

#include "cpu/levels/lanes/weights.h"

namespace thinbit {
namespace {

constexpr int kSpan = 8 * kColumns;  // that join the sums in double at a time

// Vector v of a span belongs to chain v % kChains.
constexpr int kChains = kVectors;

// With one row of x, the columns of w whose scales are read at a time.
constexpr int kLongSpan = 4 * kSpan;

// The sums of a product's lanes.
using LaneSums = double[kLanes];

THINBIT_INLINE void add_chains(const Lanes (&chains)[kChains], LaneSums& sums) {
  add_to_doubles(sums, add(add(add(chains[0], chains[1]), add(chains[2], chains[3])),
                           add(add(chains[4], chains[5]), add(chains[6], chains[7]))));
}

// Adds the products of columns [span, end), at most kSpan, and a row of x to sums.
template <class Weights>
THINBIT_INLINE void add_products(const Weights& weights, size_t span, size_t end, const float* x,
                                 LaneSums& sums) {
  Lanes chains[kChains];
  const auto first = weights.block(span);
  unroll<kChains>([&](auto j) __attribute__((always_inline)) {
    chains[j] = multiply(first.template vector<j>(), load_lanes(x + span + kLanes * j));
  });
  for (size_t begin = span + kColumns; begin < end; begin += kColumns) {
    const auto block = weights.block(begin);
    unroll<kChains>([&](auto j) __attribute__((always_inline)) {
      chains[j] = fma(block.template vector<j>(), load_lanes(x + begin + kLanes * j), chains[j]);
    });
  }
  add_chains(chains, sums);
}

// Chains [kFirst, kFirst + kAtOnce) of kRows products, of decoded weights.
template <int kRows, int kFirst, int kAtOnce>
THINBIT_INLINE void make_chains(const float* weights, size_t columns, const float* const* x,
                                Lanes (&chains)[kRows][kChains]) {
  Lanes open[kRows][kAtOnce];
  unroll<kAtOnce>([&](auto j) __attribute__((always_inline)) {
    constexpr int kColumn = kLanes * (kFirst + j);
    const Lanes weight = load_lanes(weights + kColumn);
    unroll<kRows>([&](auto row) __attribute__((always_inline)) {
      open[row][j] = multiply(weight, load_lanes(x[row] + kColumn));
    });
  });
  for (size_t begin = kColumns; begin < columns; begin += kColumns) {
    unroll<kAtOnce>([&](auto j) __attribute__((always_inline)) {
      constexpr int kColumn = kLanes * (kFirst + j);
      const Lanes weight = load_lanes(weights + begin + kColumn);
      unroll<kRows>([&](auto row) __attribute__((always_inline)) {
        open[row][j] = fma(weight, load_lanes(x[row] + begin + kColumn), open[row][j]);
      });
    });
  }
  unroll<kRows>([&](auto row) __attribute__((always_inline)) {
    unroll<kAtOnce>([&](auto j)
                        __attribute__((always_inline)) { chains[row][kFirst + j] = open[row][j]; });
  });
}

// Adds the products of decoded weights and kRows rows of x, in the order of add_products.
template <int kRows>
inline void add_products_of_rows(const float* weights, size_t columns, const float* const* rows,
                                 LaneSums* sums) {
  constexpr int kAtOnce = std::min(kChains, kRegisters / 2 / kRows);
  const float* x[kRows];
  unroll<kRows>([&](auto row) __attribute__((always_inline)) { x[row] = rows[row]; });
  Lanes chains[kRows][kChains];
  unroll<kChains / kAtOnce>([&](auto part) __attribute__((always_inline)) {
    make_chains<kRows, part * kAtOnce, kAtOnce>(weights, columns, x, chains);
  });
  unroll<kRows>([&](auto row)
                    __attribute__((always_inline)) { add_chains(chains[row], sums[row]); });
}

inline double sum_of(const LaneSums& lanes) {
  double sums[kLanes];
  std::copy_n(lanes, kLanes, sums);
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) sums[i] += sums[i + half];
  }
  return sums[0];
}

inline int64_t padded_columns(int64_t K) { return (K + kColumns - 1) / kColumns * kColumns; }

inline int64_t prepared_bytes(int64_t K) {
  return padded_columns(K) * static_cast<int64_t>(sizeof(float));
}

// Contiguous, and zeros to the end of the last kColumns.
inline void prepare_row(const float* x, int64_t K, std::byte* prepared) {
  auto* to = reinterpret_cast<float*>(prepared);
  std::copy_n(x, K, to);
  std::fill(to + K, to + padded_columns(K), 0.0f);
}

// Asks for what is `ahead` bytes beyond a span's words.
inline void fetch(const std::byte* words, int64_t bytes, int64_t ahead) {
  for (int64_t line = 0; line < bytes; line += 64) __builtin_prefetch(words + ahead + line);
}

// Row `row` of w times the row of x that begins at x.
inline double multiply_row(const RowFormat& format, const EncodedRows& w, int64_t row, int64_t K,
                           const float* x) {
  constexpr int64_t kBytesAhead = 4096;
  LaneSums sums = {};
  for (int64_t k = 0; k < K; k += kLongSpan) {
    fetch(w.words + row * w.words_stride + format.words(k) * 4, format.words(kLongSpan) * 4,
          kBytesAhead);
    const EncodedColumns<kLongSpan> columns(format, w, row, K, k);
    with_weights(format, columns, [&](const auto& weights) __attribute__((always_inline)) {
      for (size_t span = 0; span < columns.columns(); span += kSpan) {
        add_products(weights, span, std::min(span + kSpan, columns.columns()), x + k, sums);
      }
    });
  }
  return sum_of(sums);
}

// Rows of x that share a decoded span, and rows of w that share those spans of x.
constexpr int kSharedRows = 16;
constexpr int kBlockRows = 4;

// `count` rows of w from `first` on, times `rows` rows of x.
inline void multiply_block(const RowFormat& format, const EncodedRows& w, int64_t K, int64_t first,
                           int64_t count, const std::byte* const* prepared, int rows, double* sums,
                           int64_t sums_stride) {
  alignas(64) float weights[kSpan];
  LaneSums lanes[kBlockRows][kSharedRows];
  for (int64_t n = 0; n < count; ++n) std::fill_n(&lanes[n][0][0], rows * kLanes, 0.0);
  for (int64_t k = 0; k < K; k += kSpan) {
    const auto columns = static_cast<size_t>(std::min<int64_t>(kSpan, K - k));
    const float* x[kSharedRows];
    for (int i = 0; i < rows; ++i) x[i] = reinterpret_cast<const float*>(prepared[i]) + k;
    for (int64_t n = 0; n < count; ++n) {
      fetch(w.words + (first + n) * w.words_stride + format.words(k) * 4, format.words(kSpan) * 4,
            kBlockRows * w.words_stride);
      decode_columns<kSpan>(format, w, first + n, K, k, weights);
      LaneSums* of_row = lanes[n];
      int i = 0;
      if constexpr (kRegisters == 32) {
        for (; rows - i >= 8; i += 8) add_products_of_rows<8>(weights, columns, x + i, of_row + i);
      }
      for (; rows - i >= 4; i += 4) add_products_of_rows<4>(weights, columns, x + i, of_row + i);
      for (; rows - i >= 2; i += 2) add_products_of_rows<2>(weights, columns, x + i, of_row + i);
      for (; i < rows; ++i) add_products_of_rows<1>(weights, columns, x + i, of_row + i);
    }
  }
  for (int i = 0; i < rows; ++i) {
    for (int64_t n = 0; n < count; ++n) sums[i * sums_stride + first + n] = sum_of(lanes[n][i]);
  }
}

inline void multiply_rows(const RowFormat& format, const EncodedRows& w, int64_t K, int64_t count,
                          const std::byte* const* x, int rows, double* sums, int64_t sums_stride) {
  for (int i = 0; i < rows; i += kSharedRows) {
    const int shared = std::min(kSharedRows, rows - i);
    double* to = sums + i * sums_stride;
    if (shared == 1) {
      const auto* values = reinterpret_cast<const float*>(x[i]);
      for (int64_t n = 0; n < count; ++n) to[n] = multiply_row(format, w, n, K, values);
      continue;
    }
    for (int64_t first = 0; first < count; first += kBlockRows) {
      multiply_block(format, w, K, first, std::min<int64_t>(kBlockRows, count - first), x + i,
                     shared, to, sums_stride);
    }
  }
}

inline constexpr FusedProduct kFusedProduct = {prepared_bytes, prepare_row, multiply_rows};

}  // namespace
}  // namespace thinbit
