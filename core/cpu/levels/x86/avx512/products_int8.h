#pragma once

// Included inside an AVX-512 VNNI region.
//
// Products of two operands that are both quantized to E2M1: twice an element is an integer, so the
// sum of a group's products is exact in int8 dot products, and only the scales are floats. Sixteen
// rows of w lie in the lanes of a register; their codes are unpacked once for all rows of x. A dot
// product takes one side unsigned: w's digits are offset by 12, and each sum starts at -12 times
// that of x's digits.
//
// The error, in units of u = 2^-24 of R: a group's sum is an integer below 2^13; the scales of
// mxfp4 are powers of two, and two of nvfp4 have 8 bits together with a sum below 2^12. So a
// group's result is exact in f32, and only the additions of the at most 16 groups of a block round:
// 15 u = 9e-7 of the contract's 1e-6, whatever the data. Blocks join in double.
//
// Scales of mxfp4 beyond 2^-50 .. 2^50 could leave the range of floats, and NaN is none of the
// integers: such a pair of rows is summed in double from its codes.

#include "cpu/levels/x86/avx512/activations_int8.h"
#include "cpu/levels/x86/avx512/transpose.h"

namespace thinbit {
namespace {

constexpr int kInt8Columns = 16;  // rows of w in the lanes
constexpr int kInt8Block = 256;   // elements of a row that join the sum in double at a time
constexpr int kInt8RowTile = 12;  // rows of x whose sums stay in registers
constexpr int kInt8Rows = 64;     // rows of x that share the unpacked codes

// A block of 16 rows of w: digits + 12, four of each row in a register, and the scales of each
// group, nvfp4's times 2^-8.
struct Int8Panel {
  __m512i digits[kInt8Block / 4];
  __m512 scales[kInt8Block / 16];
};

// Sixteen scale bytes of each of 16 rows, brought together by group.
THINBIT_INLINE void transpose_scale_bytes(const __m128i* rows, __m128i* groups) {
  // Of four rows: dword 4 * l + i of a register becomes that of group 4 * i + l.
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  __m512i four[4];
  for (int q = 0; q < 4; ++q) {
    const __m128i* of = rows + 4 * q;
    const __m128i low01 = _mm_unpacklo_epi8(of[0], of[1]);
    const __m128i high01 = _mm_unpackhi_epi8(of[0], of[1]);
    const __m128i low23 = _mm_unpacklo_epi8(of[2], of[3]);
    const __m128i high23 = _mm_unpackhi_epi8(of[2], of[3]);
    __m512i joined = _mm512_castsi128_si512(_mm_unpacklo_epi16(low01, low23));
    joined = _mm512_inserti32x4(joined, _mm_unpackhi_epi16(low01, low23), 1);
    joined = _mm512_inserti32x4(joined, _mm_unpacklo_epi16(high01, high23), 2);
    joined = _mm512_inserti32x4(joined, _mm_unpackhi_epi16(high01, high23), 3);
    four[q] = _mm512_permutexvar_epi32(order, joined);
  }
  const __m512i low01 = _mm512_unpacklo_epi32(four[0], four[1]);
  const __m512i high01 = _mm512_unpackhi_epi32(four[0], four[1]);
  const __m512i low23 = _mm512_unpacklo_epi32(four[2], four[3]);
  const __m512i high23 = _mm512_unpackhi_epi32(four[2], four[3]);
  _mm512_storeu_si512(groups, _mm512_unpacklo_epi64(low01, low23));
  _mm512_storeu_si512(groups + 4, _mm512_unpackhi_epi64(low01, low23));
  _mm512_storeu_si512(groups + 8, _mm512_unpacklo_epi64(high01, high23));
  _mm512_storeu_si512(groups + 12, _mm512_unpackhi_epi64(high01, high23));
}

// The scales of bytes that are not wide.
template <Mode kMode>
THINBIT_INLINE __m512 plain_scales(__m128i bytes) {
  if constexpr (kMode == Mode::kNvfp4) {
    const __m256i wide = _mm256_cvtepi8_epi16(bytes);  // the sign is bit 15 already
    const __m256i size = _mm256_slli_epi16(_mm256_and_si256(wide, _mm256_set1_epi16(0x7F)), 7);
    const __m256i sign = _mm256_and_si256(wide, _mm256_set1_epi16(-0x8000));
    return _mm512_cvtph_ps(_mm256_or_si256(size, sign));
  }
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu8_epi32(bytes), 23));
}

// Unpacks elements [first, first + kInt8Block) of rows row[0..15] of w, where there are so many.
// The bit of each row with a wide scale is set in the result.
template <Mode kMode, int kGroup>
THINBIT_INLINE uint32_t unpack_block(const EncodedRows& w, const int64_t* row, int64_t K,
                                     int64_t first, Int8Panel& panel) {
  const __m512i offset_digits = _mm512_add_epi8(
      _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(kDigits))),
      _mm512_set1_epi8(kDigitOffset));
  const __m512i nibble = _mm512_set1_epi8(0x0F);
  const int64_t depth = std::min<int64_t>(kInt8Block, K - first);
  for (int part = 0; part * 128 < depth; ++part) {
    __m512i words[16];
    const __mmask64 mask = first_bytes((depth - part * 128) / 2);
    for (int n = 0; n < 16; ++n) {
      const std::byte* from = w.words + row[n] * w.words_stride + first / 2 + part * 64;
      words[n] = _mm512_maskz_loadu_epi8(mask, from);
      _mm_prefetch(reinterpret_cast<const char*>(from + 128), _MM_HINT_T0);
    }
    transpose_dwords([&](auto n) __attribute__((always_inline)) { return words[n]; },
                     [&](auto term, __m512i dwords)
                         __attribute__((always_inline)) { words[term] = dwords; });
    __m512i* to = panel.digits + part * 32;
    for (int i = 0; i < 16; ++i) {
      const __m512i even = _mm512_and_si512(words[i], nibble);
      const __m512i odd = _mm512_and_si512(_mm512_srli_epi16(words[i], 4), nibble);
      to[2 * i] = _mm512_shuffle_epi8(offset_digits, even);
      to[2 * i + 1] = _mm512_shuffle_epi8(offset_digits, odd);
    }
  }
  const int groups = static_cast<int>(depth / kGroup);
  const auto mask = static_cast<__mmask16>(first_lanes(groups));
  __m128i rows[16];
  __m128i by_group[16];
  uint32_t wide = 0;
  for (int n = 0; n < 16; ++n) {
    rows[n] = _mm_maskz_loadu_epi8(mask, w.scales + row[n] * w.scales_stride + first / kGroup);
    __mmask16 odd_ones;
    if constexpr (kMode == Mode::kNvfp4) {
      const __m128i nan = _mm_set1_epi8(0x7F);
      odd_ones = _mm_mask_cmpeq_epi8_mask(mask, _mm_and_si128(rows[n], nan), nan);
    } else {
      const __m128i above =
          _mm_sub_epi8(rows[n], _mm_set1_epi8(static_cast<char>(kE8m0Bias - kScaleLimit)));
      odd_ones = _mm_mask_cmpgt_epu8_mask(mask, above, _mm_set1_epi8(2 * kScaleLimit));
    }
    wide |= static_cast<uint32_t>(odd_ones != 0) << n;
  }
  transpose_scale_bytes(rows, by_group);
  for (int group = 0; group < groups; ++group) {
    panel.scales[group] = plain_scales<kMode>(_mm_loadu_si128(by_group + group));
  }
  return wide;
}

// Adds the sums of a block of 16 rows of w and `kRows` rows of x.
template <int kRows, int kGroup>
void multiply_block(const Int8Panel& panel, const std::byte* const* x, int64_t K, int64_t first,
                    double (*sums)[kInt8Columns]) {
  using Row = Int8Row<kGroup>;
  const int groups = static_cast<int>(std::min<int64_t>(kInt8Block, K - first) / kGroup);
  const int32_t* digits[kRows];
  const int64_t scales_at = Row::scales_at(K) + first / kGroup * 4;
  const int64_t starts_at = Row::starts_at(K) + first / kGroup * 4;
  __m512 total[kRows];
  unroll<kRows>([&](auto i) __attribute__((always_inline)) {
    digits[i] = reinterpret_cast<const int32_t*>(x[i] + Row::digits_at() + first);
    total[i] = _mm512_setzero_ps();
  });
  for (int group = 0; group < groups; ++group) {
    __m512i dots[kRows];
    unroll<kRows>([&](auto i) __attribute__((always_inline)) {
      dots[i] = _mm512_set1_epi32(reinterpret_cast<const int32_t*>(x[i] + starts_at)[group]);
    });
    unroll<kGroup / 4>([&](auto four) __attribute__((always_inline)) {
      const int at = group * (kGroup / 4) + four;
      const __m512i w = panel.digits[at];
      unroll<kRows>([&](auto i) __attribute__((always_inline)) {
        dots[i] = _mm512_dpbusd_epi32(dots[i], w, _mm512_set1_epi32(digits[i][at]));
      });
    });
    const __m512 w_scale = panel.scales[group];
    unroll<kRows>([&](auto i) __attribute__((always_inline)) {
      const __m512 x_scale =
          _mm512_set1_ps(reinterpret_cast<const float*>(x[i] + scales_at)[group]);
      total[i] =
          _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots[i]), _mm512_mul_ps(w_scale, x_scale), total[i]);
    });
  }
  unroll<kRows>([&](auto i) __attribute__((always_inline)) {
    double* sum = sums[i];
    const __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(total[i]));
    const __m512d high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(total[i], 1));
    _mm512_store_pd(sum, _mm512_add_pd(_mm512_load_pd(sum), low));
    _mm512_store_pd(sum + 8, _mm512_add_pd(_mm512_load_pd(sum + 8), high));
  });
}

template <int kGroup, int... kRows>
void multiply_row_tile(std::integer_sequence<int, kRows...>, int rows, const Int8Panel& panel,
                       const std::byte* const* x, int64_t K, int64_t first,
                       double (*sums)[kInt8Columns]) {
  using Multiply = void (*)(const Int8Panel&, const std::byte* const*, int64_t, int64_t,
                            double (*)[kInt8Columns]);
  static constexpr Multiply kTiles[] = {multiply_block<kRows + 1, kGroup>...};
  kTiles[rows - 1](panel, x, K, first, sums);
}

// One row of w and one of x in double, for scales that floats cannot hold: four times the sum.
template <Mode kMode, int kGroup>
double wide_sum(const EncodedRows& w, int64_t row, int64_t K, const std::byte* prepared) {
  using Row = Int8Row<kGroup>;
  const std::byte* codes = w.words + row * w.words_stride;
  const std::byte* w_scales = w.scales + row * w.scales_stride;
  const auto* digits = reinterpret_cast<const int8_t*>(prepared + Row::digits_at());
  const auto* x_scales = reinterpret_cast<const float*>(prepared + Row::scales_at(K));
  double sum = 0;
  for (int64_t group = 0; group < K / kGroup; ++group) {
    int dot = 0;
    for (int64_t k = group * kGroup; k < (group + 1) * kGroup; ++k) {
      const int code = std::to_integer<int>(codes[k / 2]) >> (k % 2 * 4) & 15;
      dot += kDigits[code] * digits[k / 8 * 8 + k % 8 / 2 + k % 2 * 4];
    }
    sum += dot * static_cast<double>(real_scale<kMode>(static_cast<uint32_t>(w_scales[group]))) *
           static_cast<double>(x_scales[group]);
  }
  return sum;
}

// Sixteen rows of w, of which `count` are there, and at most kInt8Rows rows of x.
template <Mode kMode, int kGroup>
void multiply_columns(const EncodedRows& w, int64_t first_row, int count, int64_t K,
                      const std::byte* const* x, int rows, double* sums, int64_t sums_stride) {
  alignas(64) double totals[kInt8Rows][kInt8Columns];
  std::memset(totals, 0, static_cast<size_t>(rows) * sizeof totals[0]);
  int64_t row[kInt8Columns];
  for (int n = 0; n < kInt8Columns; ++n) row[n] = first_row + std::min(n, count - 1);
  const int tiles = (rows + kInt8RowTile - 1) / kInt8RowTile;
  Int8Panel panel;
  uint32_t wide = 0;
  for (int64_t first = 0; first < K; first += kInt8Block) {
    wide |= unpack_block<kMode, kGroup>(w, row, K, first, panel);
    for (int tile = 0; tile < tiles; ++tile) {
      const int begin = rows * tile / tiles;
      multiply_row_tile<kGroup>(std::make_integer_sequence<int, kInt8RowTile>{},
                                rows * (tile + 1) / tiles - begin, panel, x + begin, K, first,
                                totals + begin);
    }
  }
  const double unit = kMode == Mode::kNvfp4 ? 0.25 * 256 : 0.25;
  for (int i = 0; i < rows; ++i) {
    XRow kind;
    std::memcpy(&kind, x[i], sizeof kind);
    for (int n = 0; n < count; ++n) {
      double sum = unit * totals[i][n];
      if (kind == XRow::kNotFinite) {
        sum = std::numeric_limits<double>::quiet_NaN();
      } else if (kind == XRow::kWideScales || (wide >> n & 1u) != 0) {
        sum = 0.25 * wide_sum<kMode, kGroup>(w, row[n], K, x[i]);
      }
      sums[i * sums_stride + n] = sum;
    }
  }
}

template <Mode kMode, int kGroup>
void multiply_int8(const RowFormat& /*format*/, const EncodedRows& w, int64_t K, int64_t count,
                   const std::byte* const* x, int rows, double* sums, int64_t sums_stride) {
  for (int64_t n = 0; n < count; n += kInt8Columns) {
    const int columns = static_cast<int>(std::min<int64_t>(kInt8Columns, count - n));
    for (int i = 0; i < rows; i += kInt8Rows) {
      multiply_columns<kMode, kGroup>(w, n, columns, K, x + i, std::min(kInt8Rows, rows - i),
                                      sums + i * sums_stride + n, sums_stride);
    }
  }
}

}  // namespace
}  // namespace thinbit
