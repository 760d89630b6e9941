#pragma once

// Included inside an AVX-512 VNNI region.
//
// Rows of 16-bit x as integers. In a group of columns x = unit * X, |X| < 2^kMagnitudeBits, and X
// has three digits of a byte, so that a sum of products with codes is exact in int8 dot products.
// The units are powers of two, from the largest magnitude of each group. That leaves 22 bits (20
// beside codes of 8 bits) for the 8 of a bfloat16, the 11 of a float16: an element is exact unless
// it is smaller than its group's largest by 2^-14 (2^-11; 2^-12 beside codes of 8 bits). The few
// that are not are exceptions, which the product adds one by one. Rows with many of them, and those
// with infinities and NaN, stay floats.

#include "cpu/levels/x86/avx512/codes_digits.h"
#include "cpu/levels/x86/avx512/products_f32.h"

namespace thinbit {
namespace {

constexpr int kDigits3 = 3;
constexpr int kMostExceptions = 32;
constexpr int kUnitRange = 20;  // a group's unit is at most this many powers below the row's

// Rows with more of them stay floats: each costs about as much as forty columns.
inline int64_t most_exceptions(int64_t K) {
  return std::min<int64_t>(kMostExceptions, 2 + K / 512);
}

// What is stored of a row, after which come its digits, load for load: those of the highest weight
// of each register, then the lower ones; for each load the sum of each lane's X; for each group its
// unit over the row's, and the sum of its x in units of the row. Its size also keeps rows from
// lying a power of two apart, where they would share the cache's ways.
struct alignas(64) DigitHeader {
  bool in_digits;  // else floats in the order of products_f32.h follow
  int32_t exceptions;
  double unit;  // of the row
  int32_t columns[kMostExceptions];
  float values[kMostExceptions];
};

template <class Bytes>
struct DigitFormat {
  // Sums of a lane's products with codes stay below 2^31 in magnitude, and so do their parts.
  static constexpr int kDigitBits = Bytes::kCodeBits == 8 ? 7 : 8;
  static constexpr int kMagnitudeBits = Bytes::kCodeBits == 8 ? 20 : 22;
  static_assert(int64_t{Bytes::kPerLane} * Bytes::kLargest << kMagnitudeBits < int64_t{1} << 31);

  static constexpr int kColumns = 16 * Bytes::kPerLane;  // of a load
  static constexpr int64_t kLoadBytes = kDigits3 * Bytes::kVectors * 64;

  // A zero point times the sum of a lane's X is a 16-bit dot product of two terms: the sum is cut
  // at this bit, and the zero point shifted by it is still a positive 16-bit number.
  static constexpr int kCut = 15 - Bytes::kCodeBits;
  static_assert(kMagnitudeBits + (Bytes::kPerLane == 4    ? 2
                                  : Bytes::kPerLane == 8  ? 3
                                  : Bytes::kPerLane == 16 ? 4
                                                          : 5) <=
                kCut + 15);
};

// Where the parts of a row of K columns lie.
struct DigitLayout {
  int64_t loads;
  int64_t lanes_at;
  int64_t units_at;
  int64_t sums_at;
  int64_t bytes;

  template <class Bytes>
  static DigitLayout of(int64_t K, int group_size) {
    using Format = DigitFormat<Bytes>;
    // A span of 16 groups reads units and sums as a whole.
    const int64_t groups = (K / group_size + 15) / 16 * 16;
    DigitLayout layout;
    layout.loads = (K + Format::kColumns - 1) / Format::kColumns;
    layout.lanes_at = static_cast<int64_t>(sizeof(DigitHeader)) + layout.loads * Format::kLoadBytes;
    layout.units_at = layout.lanes_at + layout.loads * 64;
    layout.sums_at = layout.units_at + groups * 4;
    layout.bytes = layout.sums_at + groups * 4;
    return layout;
  }
};

// The three digits of numbers, the highest first, each in a byte of its own.
template <int kDigitBits>
THINBIT_INLINE void split_digits(__m512i numbers, __m128i* digits) {
  constexpr int kAbove = 32 - kDigitBits;
  for (int digit = 2; digit > 0; --digit) {
    const __m512i low = _mm512_srai_epi32(_mm512_slli_epi32(numbers, kAbove), kAbove);
    digits[digit] = _mm512_cvtepi32_epi8(low);
    numbers = _mm512_srai_epi32(_mm512_sub_epi32(numbers, low), kDigitBits);
  }
  digits[0] = _mm512_cvtepi32_epi8(numbers);
}

// The exponent field of the largest magnitude, that of the least normal number at least; 255 where
// one of them is not finite.
inline int largest_exponent(const float* x, int64_t count) {
  const __m512i sizes = _mm512_set1_epi32(0x7FFFFFFF);
  __m512i largest = _mm512_setzero_si512();
  for (int64_t k = 0; k < count; k += 16) {
    largest = _mm512_max_epi32(largest, _mm512_and_si512(_mm512_loadu_si512(x + k), sizes));
  }
  return std::max(_mm512_reduce_max_epi32(largest) >> 23, 1);
}

// Writes a row's digits and sums group by group.
template <class Bytes>
class DigitWriter {
  using Format = DigitFormat<Bytes>;

 public:
  DigitWriter(const float* x, int64_t K, int group_size, std::byte* prepared)
      : x_(x),
        K_(K),
        group_size_(group_size),
        prepared_(prepared),
        layout_(DigitLayout::of<Bytes>(K, group_size)) {}

  // False where the row has to stay floats.
  bool write() {
    auto* header = reinterpret_cast<DigitHeader*>(prepared_);
    *header = {};
    const int row_exponent = largest_exponent(x_, K_);
    if (row_exponent == 255) return false;
    std::memset(prepared_ + layout_.units_at, 0,
                static_cast<size_t>(layout_.bytes - layout_.units_at));
    auto* units = reinterpret_cast<float*>(prepared_ + layout_.units_at);
    auto* sums = reinterpret_cast<float*>(prepared_ + layout_.sums_at);
    alignas(64) int32_t numbers[Format::kColumns];
    for (int64_t load = 0; load < layout_.loads; ++load) {
      const int64_t first = load * Format::kColumns;
      const int64_t count = std::min<int64_t>(Format::kColumns, K_ - first);
      for (int64_t k = 0; k < count; k += kStep) {
        const int64_t column = first + k;
        const int64_t group = column >> __builtin_ctz(static_cast<unsigned>(group_size_));
        if (column % group_size_ == 0) {
          exponent_ = std::max(largest_exponent(x_ + column, group_size_),
                               std::max(row_exponent - kUnitRange, 1));
          units[group] = float_of(static_cast<uint32_t>(127 + exponent_ - row_exponent) << 23);
        }
        if (!take_step(column, numbers + k, *header)) return false;
        const __m512i step = _mm512_load_si512(numbers + k);
        sums[group] += static_cast<float>(_mm512_reduce_add_epi32(step)) * units[group];
      }
      std::fill(numbers + count, numbers + Format::kColumns, 0);
      store_load(load, numbers);
    }
    header->unit = std::ldexp(1.0, row_exponent - kE8m0Bias - (Format::kMagnitudeBits - 1));
    header->in_digits = true;
    return true;
  }

 private:
  static constexpr int kStep = 16;  // columns: the smallest group

  // The numbers of 16 columns of a group. False where too many are none.
  bool take_step(int64_t column, int32_t* numbers, DigitHeader& header) const {
    const __m512 x = _mm512_loadu_ps(x_ + column);
    const int to_unit = kE8m0Bias + (Format::kMagnitudeBits - 1) - exponent_;
    const __m512 scaled = _mm512_scalef_ps(x, _mm512_set1_ps(static_cast<float>(to_unit)));
    const __m512i whole = _mm512_cvtps_epi32(scaled);
    const __mmask16 inexact = _mm512_cmp_ps_mask(scaled, _mm512_cvtepi32_ps(whole), _CMP_NEQ_UQ);
    _mm512_store_si512(numbers, _mm512_maskz_mov_epi32(static_cast<__mmask16>(~inexact), whole));
    for (unsigned left = inexact; left != 0; left &= left - 1) {
      if (header.exceptions == most_exceptions(K_)) return false;
      const int64_t at = column + __builtin_ctz(left);
      header.columns[header.exceptions] = static_cast<int32_t>(at);
      header.values[header.exceptions++] = x_[at];
    }
    return true;
  }

  void store_load(int64_t load, const int32_t* numbers) const {
    alignas(64) int8_t digits[kDigits3][Format::kColumns];
    for (int k = 0; k < Format::kColumns; k += 16) {
      __m128i step[kDigits3];
      split_digits<Format::kDigitBits>(_mm512_load_si512(numbers + k), step);
      for (int digit = 0; digit < kDigits3; ++digit) {
        _mm_store_si128(reinterpret_cast<__m128i*>(digits[digit] + k), step[digit]);
      }
    }
    auto* to =
        reinterpret_cast<int8_t*>(prepared_ + sizeof(DigitHeader)) + load * Format::kLoadBytes;
    for (const auto& digit : digits) {
      for (int vector = 0; vector < Bytes::kVectors; ++vector, to += 64) {
        for (int i = 0; i < 64; ++i) {
          to[i] = digit[i / 4 * Bytes::kPerLane + Bytes::within(vector, i % 4)];
        }
      }
    }
    auto* lanes = reinterpret_cast<int32_t*>(prepared_ + layout_.lanes_at) + load * 16;
    for (int lane = 0; lane < 16; ++lane) {
      int32_t sum = 0;
      for (int i = 0; i < Bytes::kPerLane; ++i) sum += numbers[lane * Bytes::kPerLane + i];
      if constexpr (Bytes::kMode == Mode::kAffine) {
        constexpr int kCut = Format::kCut;
        const auto low = static_cast<uint32_t>(sum) & ((1u << kCut) - 1);
        lanes[lane] = static_cast<int32_t>(low | static_cast<uint32_t>(sum >> kCut) << 16);
      } else {
        lanes[lane] = -Bytes::kOffset * sum;
      }
    }
  }

  const float* x_;
  int64_t K_;
  int group_size_;
  std::byte* prepared_;
  DigitLayout layout_;
  int exponent_ = 0;  // the field of the group at hand
};

}  // namespace
}  // namespace thinbit
