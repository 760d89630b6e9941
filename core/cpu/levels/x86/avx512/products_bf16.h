#pragma once

// Included inside an AVX-512 BF16 region.
//
// Rows of w times rows of bfloat16 x, the codes exact and straight from their words. What bounds
// it: with one row of x, memory for 4 bits and more, and the ports of shifts and lookups below
// that; from four rows on, the dot product. Two rows of w share each load of x.
//
// Zero points are taken out of affine codes (zero_points.h), so that both parts of a sum together
// are at most 3.2 R. Of them the dots round at most 12 times, the sum over groups K / 32 + 16
// times; for K = 2^16 that is 6600 u, u = 2^-24, of the 2^-9 R = 32768 u that the contract leaves
// beside the rounding of the result.
//
// The dot product takes subnormals for zero. A row of x is served here if its magnitudes are zero
// or in [2^-100, 2^100]: then sums of products with small integers are none, exactly. Other rows,
// and those with infinities and NaN, go through products_f32.h.

#include "cpu/levels/x86/avx512/codes_bf16.h"
#include "cpu/levels/x86/avx512/products_f32.h"
#include "cpu/levels/x86/avx512/read_ahead.h"
#include "cpu/levels/x86/avx512/zero_points.h"

namespace thinbit {
namespace {

constexpr int kGroupsOfSpan = 16;

// The group of a span that each lane of each load belongs to; as bytes, four times that, where its
// zero point lies among sixteen dwords.
template <class Words, int kGroupSize>
struct WordGroups {
  static constexpr int kColumns = 32 * Words::kVectors;
  static constexpr int kLoads =
      kColumns > kGroupsOfSpan* kGroupSize ? 1 : kGroupsOfSpan * kGroupSize / kColumns;
  alignas(64) int32_t lanes[kLoads][16];
  alignas(64) int8_t bytes[kLoads][64];
  constexpr WordGroups() : lanes(), bytes() {
    for (int load = 0; load < kLoads; ++load) {
      for (int i = 0; i < 16; ++i) lanes[load][i] = (load * 16 + i) * kColumns / 16 / kGroupSize;
      for (int i = 0; i < 64; ++i) {
        bytes[load][i] = static_cast<int8_t>((load * 64 + i) * kColumns / 64 / kGroupSize * 4);
      }
    }
  }
};
template <class Words, int kGroupSize>
inline constexpr WordGroups<Words, kGroupSize> kWordGroups;

// What precedes a prepared row. Its size also keeps rows from lying a power of two apart, where
// they would share the cache's ways.
struct alignas(64) PreparedHeader {
  bool in_words;  // bfloat16 and sums of groups follow, not floats
};

// Where a prepared row's words and sums are.
struct PreparedRow {
  const uint16_t* words;
  const float* sums;
};

inline int64_t padded_columns(int64_t K) { return (K + kSpan - 1) / kSpan * kSpan; }

inline PreparedRow prepared_row(const std::byte* prepared, int64_t K) {
  const auto* words = reinterpret_cast<const uint16_t*>(prepared + sizeof(PreparedHeader));
  return {words, reinterpret_cast<const float*>(words + padded_columns(K))};
}

// Sixteen groups of a row of w.
struct GroupScales {
  __m512 scale;
  __m512 rest;    // r
  __m512i zeros;  // z, in the low byte of each dword
};

template <class Words>
THINBIT_INLINE GroupScales load_groups(DType dtype, const std::byte* scales,
                                       const std::byte* biases, int64_t groups) {
  const __mmask16 mask = first_lanes(groups);
  GroupScales loaded;
  loaded.rest = _mm512_setzero_ps();
  loaded.zeros = _mm512_setzero_si512();
  if constexpr (Words::kMode == Mode::kAffine) {
    loaded.scale = load_floats(scales, dtype, mask);
    const __m512 bias = load_floats(biases, dtype, mask);
    const ZeroPoints points = zero_points(loaded.scale, bias, Words::kLargest);
    loaded.zeros = _mm512_cvtps_epi32(points.zero);
    loaded.rest = points.rest;
  } else if constexpr (Words::kMode == Mode::kNvfp4) {
    loaded.scale = load_e4m3(scales, mask);
  } else {
    loaded.scale = load_e8m0(scales, mask);
  }
  return loaded;
}

// Spans [begin, end) of rows `row` .. `row` + kWRows - 1 of w and kRows rows of x.
template <class Words, int kGroupSize, int kWRows, int kRows>
THINBIT_INLINE void multiply_word_spans(const RowFormat& format, const EncodedRows& w, int64_t row,
                                        int64_t K, int64_t begin, int64_t end,
                                        const ReadAhead& ahead, const PreparedRow* x,
                                        __m512 (*sums)[kRows]) {
  using Groups = WordGroups<Words, kGroupSize>;
  const Groups& groups = kWordGroups<Words, kGroupSize>;
  const Words words;
  constexpr int kColumns = Groups::kColumns;
  constexpr int64_t kSpanColumns = Groups::kLoads * kColumns;
  constexpr int64_t kGroups = kSpanColumns / kGroupSize;
  const int64_t scale_bytes = dtype_bytes(format.scale_dtype);
  const int64_t row_bytes = format.words(K) * 4;
  const int64_t row_groups = K / kGroupSize;
  __m512 total[kWRows][kRows];
  unroll<kWRows>([&](auto n) __attribute__((always_inline)) {
    unroll<kRows>([&](auto i) __attribute__((always_inline)) { total[n][i] = sums[n][i]; });
  });
  for (int64_t span = begin; span < end; ++span) {
    GroupScales loaded[kWRows];
    unroll<kWRows>([&](auto n) __attribute__((always_inline)) {
      const int64_t at = span * kGroups * scale_bytes;
      loaded[n] =
          load_groups<Words>(format.scale_dtype, w.scales + (row + n) * w.scales_stride + at,
                             w.biases + (row + n) * w.biases_stride + at,
                             std::min(row_groups - span * kGroups, kGroups));
    });
    if constexpr (Words::kMode == Mode::kAffine) {
      unroll<kRows>([&](auto i) __attribute__((always_inline)) {
        const __m512 sum = _mm512_loadu_ps(x[i].sums + span * kGroups);
        unroll<kWRows>([&](auto n) __attribute__((always_inline)) {
          total[n][i] = _mm512_fmadd_ps(loaded[n].rest, sum, total[n][i]);
        });
      });
    }
    const int64_t loads =
        std::min<int64_t>(Groups::kLoads, (K - span * kSpanColumns + kColumns - 1) / kColumns);
    for (int64_t load = 0; load < loads; ++load) {
      const int64_t position = (span * Groups::kLoads + load) * Words::kBytes;
      const int64_t left = row_bytes - position;
      const __m512i lanes = _mm512_load_si512(groups.lanes[load]);
      typename Words::Spread spread[kWRows];
      __m512 scale[kWRows];
      unroll<kWRows>([&](auto n) __attribute__((always_inline)) {
        const std::byte* from = w.words + (row + n) * w.words_stride + position;
        ahead.fetch<kWRows, Words::kBytes>(w, row, n, position);
        const __m512i raw = left >= 64 ? _mm512_loadu_si512(from)
                                       : _mm512_maskz_loadu_epi8(first_bytes(left), from);
        __m512i zeros = _mm512_setzero_si512();
        if constexpr (Words::kMode == Mode::kAffine) {
          zeros = _mm512_permutexvar_epi8(_mm512_load_si512(groups.bytes[load]), loaded[n].zeros);
        }
        spread[n] = words.spread(raw, zeros);
        scale[n] = _mm512_permutexvar_ps(lanes, loaded[n].scale);
      });
      const int64_t column = span * kSpanColumns + load * kColumns;
      // Four vectors at a time, so that the codes of two rows stay in registers for all of x.
      constexpr int kAtATime = Words::kVectors < 4 ? Words::kVectors : 4;
      unroll<Words::kVectors / kAtATime>([&](auto part) __attribute__((always_inline)) {
        __m512i codes[kWRows][kAtATime];
        unroll<kWRows>([&](auto n) __attribute__((always_inline)) {
          unroll<kAtATime>([&](auto i) __attribute__((always_inline)) {
            codes[n][i] = words.template words<kAtATime * part + i>(spread[n]);
          });
        });
        unroll<kRows>([&](auto i) __attribute__((always_inline)) {
          const uint16_t* values = x[i].words + column + 32 * kAtATime * part;
          __m512 dot[kWRows];
          unroll<kAtATime>([&](auto vector) __attribute__((always_inline)) {
            const __m512bh activations = (__m512bh)_mm512_load_si512(values + 32 * vector);
            unroll<kWRows>([&](auto n) __attribute__((always_inline)) {
              const __m512 before = vector == 0 ? _mm512_setzero_ps() : dot[n];
              dot[n] = _mm512_dpbf16_ps(before, (__m512bh)codes[n][vector], activations);
            });
          });
          unroll<kWRows>([&](auto n) __attribute__((always_inline)) {
            total[n][i] = _mm512_fmadd_ps(dot[n], scale[n], total[n][i]);
          });
        });
      });
    }
  }
  unroll<kWRows>([&](auto n) __attribute__((always_inline)) {
    unroll<kRows>([&](auto i) __attribute__((always_inline)) { sums[n][i] = total[n][i]; });
  });
}

// The sum of all lanes, in one order with every compiler.
THINBIT_INLINE float sum_lanes(__m512 v) {
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}

template <class Words, int kGroupSize, int kRows>
void multiply_word_rows(const RowFormat& format, const EncodedRows& w, int64_t K, int64_t count,
                        const std::byte* const* prepared, double* sums, int64_t sums_stride) {
  using Groups = WordGroups<Words, kGroupSize>;
  constexpr int kWRows = 2;
  constexpr int64_t kSpanColumns = Groups::kLoads * Groups::kColumns;
  // As much of x as leaves a third of the first-level cache to w.
  constexpr int64_t kMostColumns = 16384 / kRows;
  constexpr int64_t kMostSpans = kMostColumns / kSpanColumns;
  constexpr int64_t kBytesAhead = 4096;
  const int64_t spans = (K + kSpanColumns - 1) / kSpanColumns;
  const bool whole = spans <= kMostSpans && kRows < 4;
  const int64_t block_rows = whole ? kWRows : kBlockRows;
  const ReadAhead ahead = whole ? ReadAhead{kBytesAhead, w.words_stride == format.words(K) * 4}
                                : ReadAhead{kBlockRows * w.words_stride, false};
  PreparedRow x[kRows];
  for (int i = 0; i < kRows; ++i) x[i] = prepared_row(prepared[i], K);
  for (int64_t first = 0; first < count; first += block_rows) {
    const int64_t rows = std::min(block_rows, count - first);
    __m512 block[kBlockRows][kRows];
    for (int64_t n = 0; n < rows; ++n) {
      for (int i = 0; i < kRows; ++i) block[n][i] = _mm512_setzero_ps();
    }
    for (int64_t span = 0; span < spans; span += kMostSpans) {
      const int64_t end = std::min(span + kMostSpans, spans);
      int64_t n = 0;
      for (; n + kWRows <= rows; n += kWRows) {
        multiply_word_spans<Words, kGroupSize, kWRows, kRows>(format, w, first + n, K, span, end,
                                                              ahead, x, block + n);
      }
      for (; n < rows; ++n) {
        multiply_word_spans<Words, kGroupSize, 1, kRows>(format, w, first + n, K, span, end, ahead,
                                                         x, block + n);
      }
    }
    for (int64_t n = 0; n < rows; ++n) {
      for (int i = 0; i < kRows; ++i) {
        sums[i * sums_stride + first + n] = static_cast<double>(sum_lanes(block[n][i]));
      }
    }
  }
}

// The rows of x that are prepared alike, from x[0] on.
inline int rows_alike(const std::byte* const* x, int rows) {
  const auto in_words = [&](int i) {
    return reinterpret_cast<const PreparedHeader*>(x[i])->in_words;
  };
  int count = 1;
  while (count < rows && in_words(count) == in_words(0)) ++count;
  return count;
}

template <class Words, class Codes, int kGroupSize>
void multiply_words(const RowFormat& format, const EncodedRows& w, int64_t K, int64_t count,
                    const std::byte* const* x, int rows, double* sums, int64_t sums_stride) {
  while (rows > 0) {
    int step = rows_alike(x, rows);
    if (!reinterpret_cast<const PreparedHeader*>(x[0])->in_words) {
      step = 1;
      const std::byte* floats = x[0] + sizeof(PreparedHeader);
      multiply_f32<Codes>(format, w, K, count, &floats, 1, sums, sums_stride);
    } else if (step >= 8) {
      step = 8;
      multiply_word_rows<Words, kGroupSize, 8>(format, w, K, count, x, sums, sums_stride);
    } else if (step >= 4) {
      step = 4;
      multiply_word_rows<Words, kGroupSize, 4>(format, w, K, count, x, sums, sums_stride);
    } else if (step >= 2) {
      step = 2;
      multiply_word_rows<Words, kGroupSize, 2>(format, w, K, count, x, sums, sums_stride);
    } else {
      multiply_word_rows<Words, kGroupSize, 1>(format, w, K, count, x, sums, sums_stride);
    }
    x += step;
    sums += step * sums_stride;
    rows -= step;
  }
}

inline int64_t prepared_words_bytes(int64_t K) {
  return static_cast<int64_t>(sizeof(PreparedHeader)) + prepared_f32_bytes(K);
}

// Whether all magnitudes are zero or in [2^-100, 2^100].
inline bool plain(const float* x, int64_t K) {
  constexpr uint32_t kLeast = static_cast<uint32_t>(127 - 100) << 23;
  constexpr uint32_t kMost = static_cast<uint32_t>(127 + 100) << 23;
  uint32_t odd = 0;
  for (int64_t k = 0; k < K; ++k) {
    const uint32_t size = bits_of(x[k]) & ~kSignBit;
    odd |= static_cast<uint32_t>((size != 0) & (size - kLeast > kMost - kLeast));
  }
  return odd == 0;
}

// A row of bfloat16 values, given as floats, in the order of Words; where it is not plain, in that
// of Codes.
template <class Words, class Codes, int kGroupSize>
void prepare_words(const float* x, int64_t K, std::byte* prepared) {
  auto* header = reinterpret_cast<PreparedHeader*>(prepared);
  header->in_words = plain(x, K);
  if (!header->in_words) return prepare_f32<Codes>(x, K, prepared + sizeof(PreparedHeader));
  constexpr int kOfLoad = Words::kVectors;
  constexpr int kColumns = 32 * kOfLoad;
  auto* to = reinterpret_cast<uint16_t*>(prepared + sizeof(PreparedHeader));
  auto* sums = reinterpret_cast<float*>(to + padded_columns(K));
  for (int64_t begin = 0; begin < K; begin += kColumns) {
    for (int i = 0; i < kOfLoad; ++i, to += 32) {
      for (int lane = 0; lane < 32; ++lane) {
        const int64_t column = begin + Words::column(i, lane);
        to[lane] = column < K ? static_cast<uint16_t>(bits_of(x[column]) >> 16) : uint16_t{0};
      }
    }
  }
  const int64_t groups = K / kGroupSize;
  for (int64_t group = 0; group < groups; ++group) {
    __m512 sum = _mm512_setzero_ps();
    for (int64_t k = 0; k < kGroupSize; k += 16) {
      sum = _mm512_add_ps(sum, _mm512_loadu_ps(x + group * kGroupSize + k));
    }
    sums[group] = sum_lanes(sum);
  }
  for (int64_t i = groups; i % kGroupsOfSpan != 0; ++i) sums[i] = 0.0f;
}

}  // namespace
}  // namespace thinbit
