#pragma once

// Included inside an AVX-512 VNNI region.
//
// Rows of w times rows of 16-bit x, whose sums over a lane's columns are exact integers: codes are
// unsigned bytes, and x has three digits of a byte (activations_digits.h). What bounds it: with one
// row of x, memory where the processor has two ports for vectors; from two rows on the dot product,
// which does 64 products of a digit.
//
// Zero points are taken out of affine codes in integers (zero_points.h), so that what rounds is at
// most 3.2 R in all: a conversion and the product of scale and unit, and in each lane of the total
// an fma for each load of at least 64 columns and for each span. The sums of kJoinColumns
// columns join in double. That is at most 3.2 * (32 + 4 + 4) = 128 u, u = 2^-24, of the 2^-11 R =
// 8192 u that the contract leaves a float16 beside the rounding of the result.
//
// Scales and biases outside of 2^-100 .. 2^60 could leave the range of floats on the way. Rows of w
// with one are summed in double, code by code.

#include "cpu/levels/x86/avx512/activations_digits.h"
#include "cpu/levels/x86/avx512/zero_points.h"

namespace thinbit {
namespace {

constexpr int kDigitSpan = 16;      // groups whose scales are loaded together
constexpr int kJoinColumns = 2048;  // columns that join the sum in double at a time

// The group of a span that each lane of each load belongs to.
template <int kPerLane, int kGroupSize>
struct DigitLanes {
  static constexpr int kLoads = kGroupSize / kPerLane;
  alignas(64) int32_t index[kLoads][16];
  constexpr DigitLanes() : index() {
    for (int load = 0; load < kLoads; ++load) {
      for (int lane = 0; lane < 16; ++lane) {
        index[load][lane] = (load * 16 + lane) * kPerLane / kGroupSize;
      }
    }
  }
};
template <int kPerLane, int kGroupSize>
inline constexpr DigitLanes<kPerLane, kGroupSize> kDigitLanes;

template <class Bytes>
const int32_t (*digit_lanes(int group_size))[16] {
  if constexpr (Bytes::kMode == Mode::kNvfp4) return kDigitLanes<Bytes::kPerLane, 16>.index;
  if (group_size == 32) return kDigitLanes<Bytes::kPerLane, 32>.index;
  if (group_size == 64) return kDigitLanes<Bytes::kPerLane, 64>.index;
  return kDigitLanes<Bytes::kPerLane, 128>.index;
}

// Sixteen groups of a row of w.
struct DigitScales {
  __m512 scale;
  __m512 rest;    // r
  __m512i zeros;  // z, and above it z << kCut
};

// Whether all of the numbers are zero or in 2^-100 .. 2^60.
THINBIT_INLINE bool all_plain(__m512 numbers) {
  const __m512 size = _mm512_abs_ps(numbers);
  const __mmask16 inside = _mm512_cmp_ps_mask(size, _mm512_set1_ps(0x1p60f), _CMP_LE_OQ);
  const __mmask16 small =
      _mm512_mask_cmp_ps_mask(_mm512_cmp_ps_mask(size, _mm512_set1_ps(0x1p-100f), _CMP_LT_OQ), size,
                              _mm512_setzero_ps(), _CMP_NEQ_OQ);
  return (inside & static_cast<__mmask16>(~small)) == 0xFFFF;
}

template <class Bytes>
THINBIT_INLINE DigitScales load_digit_scales(DType dtype, const std::byte* scales,
                                             const std::byte* biases, int64_t groups, bool& plain) {
  const __mmask16 mask = first_lanes(groups);
  DigitScales loaded;
  loaded.rest = _mm512_setzero_ps();
  loaded.zeros = _mm512_setzero_si512();
  if constexpr (Bytes::kMode == Mode::kAffine) {
    loaded.scale = load_floats(scales, dtype, mask);
    const __m512 bias = load_floats(biases, dtype, mask);
    const ZeroPoints points = zero_points(loaded.scale, bias, Bytes::kLargest);
    const __m512i zero = _mm512_cvtps_epi32(points.zero);
    loaded.zeros = _mm512_or_si512(zero, _mm512_slli_epi32(zero, DigitFormat<Bytes>::kCut + 16));
    loaded.rest = points.rest;
    plain = plain && all_plain(bias);
  } else if constexpr (Bytes::kMode == Mode::kNvfp4) {
    loaded.scale = load_e4m3(scales, mask);
  } else {
    loaded.scale = load_e8m0(scales, mask);
  }
  plain = plain && all_plain(loaded.scale);
  return loaded;
}

// A prepared row in digits.
struct DigitRow {
  const std::byte* digits;
  const std::byte* lanes;
  const float* units;
  const float* sums;

  static DigitRow of(const std::byte* prepared, const DigitLayout& layout) {
    return {prepared + sizeof(DigitHeader), prepared + layout.lanes_at,
            reinterpret_cast<const float*>(prepared + layout.units_at),
            reinterpret_cast<const float*>(prepared + layout.sums_at)};
  }
};

// Loaded codes of kWRows rows of w times the numbers of kRows rows of x, summed in each lane: the
// digits from the highest down, each sum shifted to make place for the next. A sum waits for itself
// at each step, so all of them go along together.
template <class Bytes, int kWRows, int kRows>
THINBIT_INLINE void sum_lanes_of_load(const __m512i (*codes)[Bytes::kVectors], const DigitRow* x,
                                      int64_t load, __m512i (*sums)[kRows]) {
  unroll<kDigits3 * Bytes::kVectors>([&](auto step) __attribute__((always_inline)) {
    constexpr int kVector = step % Bytes::kVectors;
    unroll<kRows>([&](auto i) __attribute__((always_inline)) {
      const std::byte* from = x[i].digits + load * DigitFormat<Bytes>::kLoadBytes + step * 64;
      const __m512i digits = _mm512_load_si512(from);
      unroll<kWRows>([&](auto n) __attribute__((always_inline)) {
        __m512i before = step == 0 ? _mm512_setzero_si512() : sums[n][i];
        if constexpr (step > 0 && kVector == 0) {
          before = _mm512_slli_epi32(before, DigitFormat<Bytes>::kDigitBits);
        }
        sums[n][i] = _mm512_dpbusd_epi32(before, codes[n][kVector], digits);
      });
    });
  });
}

// Spans [begin, end) of rows [row, row + kWRows) of w and kRows rows of x. False in `plain` where a
// scale or bias of a row is not.
template <class Bytes, int kWRows, int kRows>
THINBIT_INLINE void multiply_digit_spans(const RowFormat& format, const EncodedRows& w, int64_t row,
                                         int64_t K, int64_t begin, int64_t end, int64_t ahead,
                                         const DigitRow* x, RowSums<kRows>* sums, bool* plain) {
  using Format = DigitFormat<Bytes>;
  const Bytes bytes;
  const int32_t (*lanes)[16] = digit_lanes<Bytes>(format.group_size);
  const int64_t span_loads = format.group_size / Bytes::kPerLane;
  const int64_t loads = (K + Format::kColumns - 1) / Format::kColumns;
  const int64_t scale_bytes = dtype_bytes(format.scale_dtype);
  const int64_t row_bytes = format.words(K) * 4;
  const int64_t row_groups = format.groups(K);
  const int64_t join_spans = kJoinColumns / (kDigitSpan * format.group_size);
  __m512 total[kWRows][kRows];
  unroll<kWRows>([&](auto n) __attribute__((always_inline)) {
    unroll<kRows>([&](auto i)
                      __attribute__((always_inline)) { total[n][i] = _mm512_setzero_ps(); });
  });
  for (int64_t span = begin; span < end; ++span) {
    const int64_t at = span * kDigitSpan * scale_bytes;
    __m512 scale[kWRows][kRows];
    __m512i zeros[kWRows];
    unroll<kWRows>([&](auto n) __attribute__((always_inline)) {
      const DigitScales loaded = load_digit_scales<Bytes>(
          format.scale_dtype, w.scales + (row + n) * w.scales_stride + at,
          w.biases + (row + n) * w.biases_stride + at, row_groups - span * kDigitSpan, plain[n]);
      zeros[n] = loaded.zeros;
      unroll<kRows>([&](auto i) __attribute__((always_inline)) {
        scale[n][i] = _mm512_mul_ps(loaded.scale, _mm512_load_ps(x[i].units + span * kDigitSpan));
        if constexpr (Bytes::kMode == Mode::kAffine) {
          const __m512 of_x = _mm512_load_ps(x[i].sums + span * kDigitSpan);
          total[n][i] = _mm512_fmadd_ps(loaded.rest, of_x, total[n][i]);
        }
      });
    });
    const int64_t first = span * span_loads;
    const int64_t last = std::min(first + span_loads, loads);
    for (int64_t load = first; load < last; ++load) {
      const int64_t position = load * Bytes::kBytes;
      const int64_t left = row_bytes - position;
      const __m512i index = _mm512_load_si512(lanes[load - first]);
      __m512i codes[kWRows][Bytes::kVectors];
      __m512i sum[kWRows][kRows];
      unroll<kWRows>([&](auto n) __attribute__((always_inline)) {
        const std::byte* from = w.words + (row + n) * w.words_stride + position;
        _mm_prefetch(reinterpret_cast<const char*>(from + ahead), _MM_HINT_T0);
        bytes.unpack(left >= 64 ? _mm512_loadu_si512(from)
                                : _mm512_maskz_loadu_epi8(first_bytes(left), from),
                     codes[n]);
      });
      sum_lanes_of_load<Bytes, kWRows, kRows>(codes, x, load, sum);
      unroll<kWRows>([&](auto n) __attribute__((always_inline)) {
        __m512i zero;
        if constexpr (Bytes::kMode == Mode::kAffine) {
          zero = _mm512_permutexvar_epi32(index, zeros[n]);
        }
        unroll<kRows>([&](auto i) __attribute__((always_inline)) {
          const __m512i of_x = _mm512_load_si512(x[i].lanes + load * 64);
          const __m512i whole = Bytes::kMode == Mode::kAffine
                                    ? _mm512_sub_epi32(sum[n][i], _mm512_madd_epi16(zero, of_x))
                                    : _mm512_add_epi32(sum[n][i], of_x);
          total[n][i] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(whole),
                                        _mm512_permutexvar_ps(index, scale[n][i]), total[n][i]);
        });
      });
    }
    if ((span + 1) % join_spans != 0 && span + 1 != end) continue;
    unroll<kWRows>([&](auto n) __attribute__((always_inline)) {
      unroll<kRows>([&](auto i) __attribute__((always_inline)) {
        const __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(total[n][i]));
        const __m512d high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(total[n][i], 1));
        sums[n].low[i] = _mm512_add_pd(sums[n].low[i], low);
        sums[n].high[i] = _mm512_add_pd(sums[n].high[i], high);
        total[n][i] = _mm512_setzero_ps();
      });
    });
  }
}

// One weight; twice itself where elements are E2M1.
template <class Bytes>
double weight_at(const RowFormat& format, const EncodedRows& w, int64_t row, int64_t column) {
  const auto* words = reinterpret_cast<const uint32_t*>(w.words + row * w.words_stride);
  const uint32_t code = read_code(words + column / 32 * Bytes::kCodeBits,
                                  static_cast<int>(column % 32), Bytes::kCodeBits);
  const int64_t group = format.groups(column);
  const std::byte* scales = w.scales + row * w.scales_stride;
  if constexpr (Bytes::kMode == Mode::kAffine) {
    const DType dtype = format.scale_dtype;
    const auto scale = static_cast<double>(scale_at(scales, dtype, group));
    return code * scale +
           static_cast<double>(scale_at(w.biases + row * w.biases_stride, dtype, group));
  }
  const auto byte = static_cast<uint32_t>(scales[group]);
  const float scale = Bytes::kMode == Mode::kNvfp4 ? e4m3_decode(byte) : e8m0_decode(byte);
  return 2.0 * static_cast<double>(e2m1_decode(code)) * static_cast<double>(scale);
}

inline bool is_exception(const DigitHeader& header, int64_t column) {
  const int32_t* end = header.columns + header.exceptions;
  return std::find(header.columns, end, column) != end;
}

// A row of w times the numbers of a row of x, in units of the row.
template <class Bytes>
double wide_sum(const RowFormat& format, const EncodedRows& w, int64_t row, int64_t K,
                const DigitRow& x, const DigitHeader& header) {
  using Format = DigitFormat<Bytes>;
  double sum = 0;
  for (int64_t load = 0; load * Format::kColumns < K; ++load) {
    const auto* digits = reinterpret_cast<const int8_t*>(x.digits + load * Format::kLoadBytes);
    for (int at = 0; at < 64 * Bytes::kVectors; ++at) {
      const int64_t column =
          load * Format::kColumns + at % 64 / 4 * Bytes::kPerLane + Bytes::within(at / 64, at % 4);
      if (column >= K || is_exception(header, column)) continue;
      int number = 0;
      for (int digit = 0; digit < kDigits3; ++digit) {
        number = number * (1 << Format::kDigitBits) + digits[digit * 64 * Bytes::kVectors + at];
      }
      const auto unit = static_cast<double>(x.units[format.groups(column)]);
      sum += weight_at<Bytes>(format, w, row, column) * (unit * number);
    }
  }
  return sum;
}

template <class Bytes>
double add_exceptions(const RowFormat& format, const EncodedRows& w, int64_t row,
                      const DigitHeader& header, double sum) {
  for (int i = 0; i < header.exceptions; ++i) {
    sum +=
        weight_at<Bytes>(format, w, row, header.columns[i]) * static_cast<double>(header.values[i]);
  }
  return sum;
}

template <class Bytes, int kRows>
void multiply_digit_rows(const RowFormat& format, const EncodedRows& w, int64_t K, int64_t count,
                         const std::byte* const* prepared, double* sums, int64_t sums_stride) {
  // Sums that go along together: enough of them to hide what a step waits for.
  constexpr int kWRows = kRows >= 4 ? 1 : 4 / kRows;
  // As much of x as leaves a third of the first-level cache to w, at three bytes a column.
  constexpr int64_t kMostColumns = kJoinColumns * (kRows == 1 ? 3 : kRows == 2 ? 2 : 1);
  constexpr int64_t kBytesAhead = 16384;
  constexpr double kTwice = Bytes::kMode == Mode::kAffine ? 1.0 : 0.5;
  const DigitLayout layout = DigitLayout::of<Bytes>(K, format.group_size);
  const int64_t span_columns = int64_t{kDigitSpan} * format.group_size;
  const int64_t spans = (K + span_columns - 1) / span_columns;
  const int64_t most_spans = kMostColumns / span_columns;
  const bool whole = spans <= most_spans;
  const int64_t block_rows = whole ? kWRows : kBlockRows;
  const int64_t ahead = whole ? kBytesAhead : kBlockRows * w.words_stride;
  DigitRow x[kRows];
  for (int i = 0; i < kRows; ++i) x[i] = DigitRow::of(prepared[i], layout);
  for (int64_t first = 0; first < count; first += block_rows) {
    const int64_t rows = std::min(block_rows, count - first);
    RowSums<kRows> block[kBlockRows] = {};
    bool plain[kBlockRows];
    std::fill_n(plain, rows, true);
    for (int64_t span = 0; span < spans; span += most_spans) {
      const int64_t end = std::min(span + most_spans, spans);
      int64_t n = 0;
      for (; n + kWRows <= rows; n += kWRows) {
        multiply_digit_spans<Bytes, kWRows, kRows>(format, w, first + n, K, span, end, ahead, x,
                                                   block + n, plain + n);
      }
      for (; n < rows; ++n) {
        multiply_digit_spans<Bytes, 1, kRows>(format, w, first + n, K, span, end, ahead, x,
                                              block + n, plain + n);
      }
    }
    for (int64_t n = 0; n < rows; ++n) {
      for (int i = 0; i < kRows; ++i) {
        const auto& header = *reinterpret_cast<const DigitHeader*>(prepared[i]);
        const double in_units = plain[n]
                                    ? sum_lanes(_mm512_add_pd(block[n].low[i], block[n].high[i]))
                                    : wide_sum<Bytes>(format, w, first + n, K, x[i], header);
        sums[i * sums_stride + first + n] =
            kTwice * add_exceptions<Bytes>(format, w, first + n, header, in_units * header.unit);
      }
    }
  }
}

// The rows of x that are prepared alike, from x[0] on.
inline int rows_in_digits_alike(const std::byte* const* x, int rows) {
  const auto in_digits = [&](int i) {
    return reinterpret_cast<const DigitHeader*>(x[i])->in_digits;
  };
  int count = 1;
  while (count < rows && in_digits(count) == in_digits(0)) ++count;
  return count;
}

template <class Bytes, class Codes>
void multiply_digits(const RowFormat& format, const EncodedRows& w, int64_t K, int64_t count,
                     const std::byte* const* x, int rows, double* sums, int64_t sums_stride) {
  while (rows > 0) {
    int step = rows_in_digits_alike(x, rows);
    if (!reinterpret_cast<const DigitHeader*>(x[0])->in_digits) {
      step = 1;
      const std::byte* floats = x[0] + sizeof(DigitHeader);
      multiply_f32<Codes>(format, w, K, count, &floats, 1, sums, sums_stride);
    } else if (step >= 8) {
      step = 8;
      multiply_digit_rows<Bytes, 8>(format, w, K, count, x, sums, sums_stride);
    } else if (step >= 4) {
      step = 4;
      multiply_digit_rows<Bytes, 4>(format, w, K, count, x, sums, sums_stride);
    } else if (step >= 2) {
      step = 2;
      multiply_digit_rows<Bytes, 2>(format, w, K, count, x, sums, sums_stride);
    } else {
      multiply_digit_rows<Bytes, 1>(format, w, K, count, x, sums, sums_stride);
    }
    x += step;
    sums += step * sums_stride;
    rows -= step;
  }
}

template <class Bytes, int kGroupSize>
int64_t prepared_digits_bytes(int64_t K) {
  const int64_t floats = static_cast<int64_t>(sizeof(DigitHeader)) + prepared_f32_bytes(K);
  return std::max(floats, (DigitLayout::of<Bytes>(K, kGroupSize).bytes + 63) / 64 * 64);
}

template <class Bytes, class Codes, int kGroupSize>
void prepare_digits(const float* x, int64_t K, std::byte* prepared) {
  if (DigitWriter<Bytes>(x, K, kGroupSize, prepared).write()) return;
  reinterpret_cast<DigitHeader*>(prepared)->in_digits = false;
  prepare_f32<Codes>(x, K, prepared + sizeof(DigitHeader));
}

}  // namespace
}  // namespace thinbit
