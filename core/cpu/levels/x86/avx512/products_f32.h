#pragma once

// Included inside an AVX-512 region.
//
// Rows of w times rows of x, straight from the codes, accurate enough for f32 activations. What
// bounds it: with one row of x, memory (11 weights of 4 bits a cycle and core are 52 GB/s on two
// cores); from four rows on, the FMA units. A weight is decoded once for up to four rows; with
// eight their sums leave the registers.
//
// The error, in units of u = 2^-24 of R, the sum of magnitudes: 1 for the weight, which is one fma
// of its code or an exact product; 8 in a chain of 8 fused multiply-adds; 2 in the sum of 4 chains.
// The sums of 512 columns join in double. That is 11 u = 6.6e-7 of the contract's 1e-6, whatever
// the data, and leaves its 2^-23 |ref| to the rounding of the result. Scales and biases are not
// taken out of the sums: where code * scale and bias cancel, and a weight of zero is made of that,
// the rounding of either part alone exceeds R as many times as one likes.

#include "cpu/levels/x86/avx512/codes.h"

namespace thinbit {
namespace {

constexpr int kSpan = 512;  // columns that join the sum in double at a time
constexpr int kVectors = kSpan / 16;
constexpr int kHalf = kVectors / 2;  // the vectors of two chains

// Which of a span's groups each lane of each load belongs to, modulo 16.
template <class Codes, int kGroupSize>
struct LaneGroups {
  alignas(64) int32_t index[kVectors / Codes::kPerLane][16];
  constexpr LaneGroups() : index() {
    for (int load = 0; load < kVectors / Codes::kPerLane; ++load) {
      for (int lane = 0; lane < 16; ++lane) {
        index[load][lane] = (load * 16 + lane) * Codes::kPerLane / kGroupSize % 16;
      }
    }
  }
};
template <class Codes, int kGroupSize>
inline constexpr LaneGroups<Codes, kGroupSize> kLaneGroups;

template <class Codes>
const int32_t (*lane_groups(int group_size))[16] {
  if constexpr (Codes::kMode == Mode::kNvfp4) return kLaneGroups<Codes, 16>.index;
  if (group_size == 32) return kLaneGroups<Codes, 32>.index;
  if (group_size == 64) return kLaneGroups<Codes, 64>.index;
  return kLaneGroups<Codes, 128>.index;
}

// The scales and biases of a span.
struct SpanScales {
  __m512 scales[2];  // of 16 groups each; only nvfp4 has more than 16
  __m512 biases;
};

template <class Codes>
THINBIT_INLINE SpanScales load_scales(DType dtype, const std::byte* scales, const std::byte* biases,
                                      int64_t groups) {
  SpanScales span;
  const __mmask16 mask = first_lanes(groups);
  if constexpr (Codes::kMode == Mode::kAffine) {
    span.scales[0] = load_floats(scales, dtype, mask);
    span.biases = load_floats(biases, dtype, mask);
  } else if constexpr (Codes::kMode == Mode::kNvfp4) {
    span.scales[0] = load_e4m3(scales, mask);
    span.scales[1] = load_e4m3(scales + 16, first_lanes(groups - 16));
  } else {
    span.scales[0] = load_e8m0(scales, mask);
  }
  return span;
}

// A load's codes, and what decodes them.
template <class Codes>
struct LoadedCodes {
  typename Codes::Spread lanes;
  __m512 scale;
  __m512 bias;
};

// The last span of a row reads no byte past the row's `bytes`: codes and scales that are not there
// count as zero, and the activations beyond K are zero too.
template <class Codes, int kLoad, bool kLast>
THINBIT_INLINE LoadedCodes<Codes> load_codes(const Codes& codes, const int32_t (*groups)[16],
                                             const SpanScales& span, const std::byte* words,
                                             int64_t bytes) {
  constexpr int kBegin = kLoad * Codes::kBytes;
  constexpr int kRegister =
      Codes::kMode == Mode::kNvfp4 ? 2 * kLoad / (kVectors / Codes::kPerLane) : 0;
  const __m512i raw = kLast ? _mm512_maskz_loadu_epi8(first_bytes(bytes - kBegin), words + kBegin)
                            : _mm512_loadu_si512(words + kBegin);
  const __m512i index = _mm512_load_si512(groups[kLoad]);
  LoadedCodes<Codes> loaded;
  loaded.lanes = codes.spread(raw);
  loaded.scale = _mm512_permutexvar_ps(index, span.scales[kRegister]);
  if constexpr (Codes::kMode == Mode::kAffine) {
    loaded.bias = _mm512_permutexvar_ps(index, span.biases);
  }
  return loaded;
}

// A span of a row of w times `kRows` rows of x, added to low + high. Even and odd vectors of each
// half of the span make a chain. With few rows of x both halves are worked on in turn: two chains
// alone would wait for themselves.
template <class Codes, int kRows, bool kLast>
THINBIT_INLINE void multiply_span(const Codes& codes, const int32_t (*groups)[16],
                                  const SpanScales& span, const std::byte* words, int64_t bytes,
                                  const float* const* x, __m512d* low, __m512d* high) {
  constexpr int kPerLane = Codes::kPerLane;
  constexpr bool kBothHalves = kRows <= 2;
  __m512 chain[kRows][2][2];
  __m512 total[kRows];
  LoadedCodes<Codes> loaded[2];
  unroll<kVectors>([&](auto step) __attribute__((always_inline)) {
    constexpr int kVector = kBothHalves ? step % 2 * kHalf + step / 2 : step;
    constexpr int kOf = kVector / kHalf;
    constexpr int kSlot = kPerLane > kHalf ? 0 : kOf;
    if constexpr (kVector % kPerLane == 0) {
      loaded[kSlot] =
          load_codes<Codes, kVector / kPerLane, kLast>(codes, groups, span, words, bytes);
    }
    const LoadedCodes<Codes>& load = loaded[kSlot];
    const __m512 value = codes.template value<kVector % kPerLane>(load.lanes);
    const __m512 weight = Codes::kMode == Mode::kAffine
                              ? _mm512_fmadd_ps(value, load.scale, load.bias)
                              : _mm512_mul_ps(value, load.scale);
    unroll<kRows>([&](auto row) __attribute__((always_inline)) {
      const __m512 values = _mm512_load_ps(x[row] + 16 * kVector);
      __m512* chains = chain[row][kOf];
      chains[kVector % 2] = kVector % kHalf < 2
                                ? _mm512_mul_ps(weight, values)
                                : _mm512_fmadd_ps(weight, values, chains[kVector % 2]);
      if constexpr (kVector % kHalf == kHalf - 1) {
        const __m512 sum = _mm512_add_ps(chains[0], chains[1]);
        total[row] = kOf == 0 ? sum : _mm512_add_ps(total[row], sum);
      }
    });
  });
  unroll<kRows>([&](auto row) __attribute__((always_inline)) {
    low[row] = _mm512_add_pd(low[row], _mm512_cvtps_pd(_mm512_castps512_ps256(total[row])));
    high[row] = _mm512_add_pd(high[row], _mm512_cvtps_pd(_mm512_extractf32x8_ps(total[row], 1)));
  });
}

// Rows of w that share a block of x while it is in the first-level cache.
constexpr int kBlockRows = 8;

// The sums of a row of w and `kRows` rows of x, in lanes of double.
template <int kRows>
struct RowSums {
  __m512d low[kRows];
  __m512d high[kRows];
};

// Spans [begin, end) of row `row` of w.
template <class Codes, int kRows>
THINBIT_INLINE void multiply_spans(const RowFormat& format, const EncodedRows& w, int64_t row,
                                   int64_t K, int64_t begin, int64_t end, int64_t ahead,
                                   const std::byte* const* prepared, RowSums<kRows>& sums) {
  const Codes codes;
  constexpr int64_t kSpanBytes = kVectors / Codes::kPerLane * Codes::kBytes;
  const int32_t (*groups)[16] = lane_groups<Codes>(format.group_size);
  const int64_t span_groups = kSpan / format.group_size;
  const int64_t span_scale_bytes = span_groups * dtype_bytes(format.scale_dtype);
  const int64_t row_bytes = format.words(K) * 4;
  const int64_t row_groups = format.groups(K);
  const std::byte* words = w.words + row * w.words_stride;
  const std::byte* scales = w.scales + row * w.scales_stride;
  const std::byte* biases = w.biases == nullptr ? nullptr : w.biases + row * w.biases_stride;
  RowSums<kRows> local = sums;
  for (int64_t span = begin; span < end; ++span) {
    const float* x[kRows];
    unroll<kRows>([&](auto i) __attribute__((always_inline)) {
      x[i] = reinterpret_cast<const float*>(prepared[i]) + span * kSpan;
    });
    const std::byte* from = words + span * kSpanBytes;
    for (int64_t line = 0; line < kSpanBytes; line += 64) {
      _mm_prefetch(reinterpret_cast<const char*>(from + ahead + line), _MM_HINT_T0);
    }
    const int64_t left = row_groups - span * span_groups;
    const SpanScales loaded =
        load_scales<Codes>(format.scale_dtype, scales + span * span_scale_bytes,
                           biases + span * span_scale_bytes, std::min(left, span_groups));
    const int64_t bytes = row_bytes - span * kSpanBytes;
    // A full load reads up to 24 bytes past its codes.
    if (bytes < kSpanBytes + 24) {
      multiply_span<Codes, kRows, true>(codes, groups, loaded, from, bytes, x, local.low,
                                        local.high);
    } else {
      multiply_span<Codes, kRows, false>(codes, groups, loaded, from, bytes, x, local.low,
                                         local.high);
    }
  }
  sums = local;
}

template <class Codes, int kRows>
void multiply_rows(const RowFormat& format, const EncodedRows& w, int64_t K, int64_t count,
                   const std::byte* const* prepared, double* sums, int64_t sums_stride) {
  // As much of x as leaves half of the first-level cache to w.
  constexpr int64_t kMostSpans = 8 / kRows;
  // One row of w is read on ahead; several are fetched a block of rows ahead.
  constexpr int64_t kLinesAhead = 4096;
  const int64_t spans = (K + kSpan - 1) / kSpan;
  const bool whole = spans <= kMostSpans;
  const int64_t block_rows = whole ? 1 : kBlockRows;
  const int64_t ahead = whole ? kLinesAhead : kBlockRows * w.words_stride;
  for (int64_t first = 0; first < count; first += block_rows) {
    const int64_t rows = std::min(block_rows, count - first);
    RowSums<kRows> block[kBlockRows];
    for (int64_t n = 0; n < rows; ++n) block[n] = {};
    for (int64_t span = 0; span < spans; span += kMostSpans) {
      const int64_t end = std::min(span + kMostSpans, spans);
      for (int64_t n = 0; n < rows; ++n) {
        multiply_spans<Codes, kRows>(format, w, first + n, K, span, end, ahead, prepared, block[n]);
      }
    }
    for (int64_t n = 0; n < rows; ++n) {
      for (int i = 0; i < kRows; ++i) {
        sums[i * sums_stride + first + n] =
            sum_lanes(_mm512_add_pd(block[n].low[i], block[n].high[i]));
      }
    }
  }
}

template <class Codes>
void multiply_f32(const RowFormat& format, const EncodedRows& w, int64_t K, int64_t count,
                  const std::byte* const* x, int rows, double* sums, int64_t sums_stride) {
  int i = 0;
  const auto at = [&] { return sums + i * sums_stride; };
  for (; rows - i >= 4; i += 4)
    multiply_rows<Codes, 4>(format, w, K, count, x + i, at(), sums_stride);
  for (; rows - i >= 2; i += 2)
    multiply_rows<Codes, 2>(format, w, K, count, x + i, at(), sums_stride);
  for (; rows - i >= 1; i += 1)
    multiply_rows<Codes, 1>(format, w, K, count, x + i, at(), sums_stride);
}

inline int64_t prepared_f32_bytes(int64_t K) {
  return (K + kSpan - 1) / kSpan * kSpan * static_cast<int64_t>(sizeof(float));
}

// Brings a row of x into the order of the codes, vector after vector. Zeros fill the last span.
template <class Codes>
void prepare_f32(const float* x, int64_t K, std::byte* prepared) {
  constexpr int kColumns = 16 * Codes::kPerLane;
  auto* to = reinterpret_cast<float*>(prepared);
  auto* const end = reinterpret_cast<float*>(prepared + prepared_f32_bytes(K));
  const int64_t whole = K / kColumns * kColumns;
  for (int64_t begin = 0; begin < whole; begin += kColumns) {
    for (int i = 0; i < Codes::kPerLane; ++i, to += 16) {
      for (int lane = 0; lane < 16; ++lane) to[lane] = x[begin + Codes::column(i, lane)];
    }
  }
  for (int i = 0; whole < K && i < Codes::kPerLane; ++i, to += 16) {
    for (int lane = 0; lane < 16; ++lane) {
      const int64_t column = whole + Codes::column(i, lane);
      to[lane] = column < K ? x[column] : 0.0f;
    }
  }
  std::fill(to, end, 0.0f);
}

}  // namespace
}  // namespace thinbit
