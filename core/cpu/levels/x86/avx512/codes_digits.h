#pragma once

// Included inside an AVX-512 VNNI region.
//
// Codes as unsigned bytes, four to a lane of the int8 dot product. A load of kBytes bytes makes
// kVectors registers; lane l has the codes from l * kPerLane on, and byte b of register v is code
// within(v, b) of them. E2M1 elements come out doubled, with kOffset added.
//
// Instructions for 64 codes: 1.5 for 1, 2 and 4 bits, 2.5 for E2M1, 5.5 for 3 bits, 6 for 5 and 6.

#include "cpu/levels/x86/avx512/codes.h"

namespace thinbit {
namespace {

// 1, 2 and 4 bits: a byte holds a code of each register.
template <int kBits>
struct FieldBytes {
  static constexpr Mode kMode = Mode::kAffine;
  static constexpr int kLargest = (1 << kBits) - 1;
  static constexpr int kCodeBits = kBits;
  static constexpr int kPerLane = 32 / kBits;
  static constexpr int kVectors = kPerLane / 4;
  static constexpr int kBytes = 64;
  static constexpr int within(int vector, int byte) { return byte * kVectors + vector; }

  THINBIT_INLINE void unpack(__m512i bytes, __m512i* codes) const {
    unroll<kVectors>([&](auto v) __attribute__((always_inline)) {
      codes[v] = _mm512_and_si512(_mm512_srli_epi16(bytes, kBits * v), _mm512_set1_epi8(kLargest));
    });
  }
};

// Two codes of kBits in each 16-bit word, the lower one from bit 0 on, to its two bytes.
template <int kBits>
THINBIT_INLINE __m512i split_pairs(__m512i words) {
  const __m512i low = _mm512_and_si512(words, _mm512_set1_epi16((1 << kBits) - 1));
  const __m512i high = _mm512_set1_epi16(((1 << kBits) - 1) << 8);
  return _mm512_ternarylogic_epi32(low, _mm512_slli_epi16(words, 8 - kBits), high, 0xF8);
}

// Where the pairs of codes of 16 lanes lie, kBitsOfLane from lane to lane: word w of a lane has the
// two bytes in which its codes begin and end, to be shifted down.
template <int kBits, int kBitsOfLane, int kFirstCode>
struct PairSpread {
  alignas(64) int16_t words[32];  // of the load, to the quarter of the register that needs them
  alignas(64) int8_t bytes[64];   // of the quarter
  alignas(64) int16_t shifts[32];
  constexpr PairSpread() : words(), bytes(), shifts() {
    for (int quarter = 0; quarter < 4; ++quarter) {
      const int begin = quarter * 4 * kBitsOfLane / 16;
      for (int i = 0; i < 8; ++i) words[quarter * 8 + i] = static_cast<int16_t>(begin + i);
      for (int w = 0; w < 8; ++w) {
        const int lane = quarter * 4 + w / 2;
        const int bit = lane * kBitsOfLane + (kFirstCode + w % 2 * 2) * kBits;
        const int byte = bit / 8 - 2 * begin;
        bytes[quarter * 16 + 2 * w] = static_cast<int8_t>(byte);
        bytes[quarter * 16 + 2 * w + 1] = static_cast<int8_t>(byte + 1);
        shifts[quarter * 8 + w] = static_cast<int16_t>(bit % 8);
      }
    }
  }
};
template <int kBits, int kBitsOfLane, int kFirstCode>
inline constexpr PairSpread<kBits, kBitsOfLane, kFirstCode> kPairSpread;

template <class Spread>
THINBIT_INLINE __m512i spread_pairs(const Spread& spread, __m512i quarters) {
  const __m512i words = _mm512_shuffle_epi8(quarters, _mm512_load_si512(spread.bytes));
  return _mm512_srlv_epi16(words, _mm512_load_si512(spread.shifts));
}

// 5 and 6 bits: four codes to a lane.
template <int kBits>
struct PairBytes {
  static constexpr Mode kMode = Mode::kAffine;
  static constexpr int kLargest = (1 << kBits) - 1;
  static constexpr int kCodeBits = kBits;
  static constexpr int kPerLane = 4;
  static constexpr int kVectors = 1;
  static constexpr int kBytes = 8 * kBits;
  static constexpr int within(int /*vector*/, int byte) { return byte; }

  THINBIT_INLINE void unpack(__m512i bytes, __m512i* codes) const {
    constexpr const auto& spread = kPairSpread<kBits, 4 * kBits, 0>;
    const __m512i quarters = _mm512_permutexvar_epi16(_mm512_load_si512(spread.words), bytes);
    codes[0] = split_pairs<kBits>(spread_pairs(spread, quarters));
  }
};

// 3 bits: eight codes to a lane, which share the work on its group.
struct ThreeBitBytes {
  static constexpr Mode kMode = Mode::kAffine;
  static constexpr int kLargest = 7;
  static constexpr int kCodeBits = 3;
  static constexpr int kPerLane = 8;
  static constexpr int kVectors = 2;
  static constexpr int kBytes = 48;
  static constexpr int within(int vector, int byte) { return 4 * vector + byte; }

  THINBIT_INLINE void unpack(__m512i bytes, __m512i* codes) const {
    constexpr const auto& low = kPairSpread<3, 24, 0>;
    constexpr const auto& high = kPairSpread<3, 24, 4>;
    const __m512i quarters = _mm512_permutexvar_epi16(_mm512_load_si512(low.words), bytes);
    codes[0] = split_pairs<3>(spread_pairs(low, quarters));
    codes[1] = split_pairs<3>(spread_pairs(high, quarters));
  }
};

struct WholeBytes {
  static constexpr Mode kMode = Mode::kAffine;
  static constexpr int kLargest = 255;
  static constexpr int kCodeBits = 8;
  static constexpr int kPerLane = 4;
  static constexpr int kVectors = 1;
  static constexpr int kBytes = 64;
  static constexpr int within(int /*vector*/, int byte) { return byte; }

  THINBIT_INLINE void unpack(__m512i bytes, __m512i* codes) const { codes[0] = bytes; }
};

template <Mode kModeOfCodes>
struct E2m1Bytes {
  static constexpr Mode kMode = kModeOfCodes;
  static constexpr int kLargest = 24;
  static constexpr int kOffset = 12;
  static constexpr int kCodeBits = 4;
  static constexpr int kPerLane = 8;
  static constexpr int kVectors = 2;
  static constexpr int kBytes = 64;
  static constexpr int within(int vector, int byte) { return byte * 2 + vector; }

  __m512i table;
  E2m1Bytes()
      : table(_mm512_broadcast_i32x4(
            _mm_setr_epi8(12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0))) {}

  THINBIT_INLINE void unpack(__m512i bytes, __m512i* codes) const {
    const __m512i nibble = _mm512_set1_epi8(15);
    codes[0] = _mm512_shuffle_epi8(table, _mm512_and_si512(bytes, nibble));
    codes[1] = _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(bytes, 4), nibble));
  }
};

}  // namespace
}  // namespace thinbit
