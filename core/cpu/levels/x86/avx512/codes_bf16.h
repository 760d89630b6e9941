#pragma once

// Included inside an AVX-512 BF16 region.
//
// Codes as bfloat16 numbers, two columns to a lane of the dot product. Of a load of codes, vector i
// has code column(i, l) in its 16-bit lane l. Affine codes come out as q - z with the group's zero
// point z (see products_bf16.h), through a table of 32 bfloat16 that the low five bits of a lane
// index.
//
// Instructions for 64 codes: 9 for affine 4 bits, 8 for 3, 7 for 2 and 1, 6 for E2M1, 5 for E4M3.

#include "cpu/levels/x86/avx512/vbmi_codes.h"

namespace thinbit {
namespace {

// The bfloat16 of an integer of at most 8 bits and a sign, halved `halvings` times.
constexpr uint16_t small_bf16(int value, int halvings = 0) {
  if (value == 0) return 0;
  int size = value < 0 ? -value : value;
  int exponent = 127 + 7 - halvings;
  for (; size < 128; size *= 2) --exponent;
  return static_cast<uint16_t>((value < 0 ? 0x8000 : 0) | exponent << 7 | (size & 127));
}

struct WordTable {
  alignas(64) uint16_t entries[32];
  THINBIT_INLINE __m512i load() const { return _mm512_load_si512(entries); }
};

// Entry i is i as a five-bit number with a sign.
constexpr WordTable signed_table() {
  WordTable table = {};
  for (int i = 0; i < 32; ++i) table.entries[i] = small_bf16(i < 16 ? i : i - 32);
  return table;
}
inline constexpr WordTable kSignedTable = signed_table();

// Entry z << bits | q is q - z.
constexpr WordTable difference_table(int bits) {
  WordTable table = {};
  const int codes = 1 << bits;
  for (int i = 0; i < 32; ++i) table.entries[i] = small_bf16(i % codes - i / codes % codes);
  return table;
}
template <int kBits>
inline constexpr WordTable kDifferenceTable = difference_table(kBits);

constexpr WordTable e2m1_table() {
  WordTable table = {};
  constexpr int kDoubled[8] = {0, 1, 2, 3, 4, 6, 8, 12};
  for (int i = 0; i < 32; ++i) {
    table.entries[i] =
        static_cast<uint16_t>(small_bf16(kDoubled[i % 8], 1) | (i / 8 % 2 != 0 ? 0x8000 : 0));
  }
  return table;
}
inline constexpr WordTable kE2m1Table = e2m1_table();

struct ThreeBitSpread {
  alignas(64) int8_t index[64];
  alignas(64) int16_t shifts[32];  // odd words begin in the middle of a byte
  constexpr ThreeBitSpread() : index(), shifts() {
    for (int word = 0; word < 32; ++word) {
      index[2 * word] = static_cast<int8_t>(word * 3 / 2);
      index[2 * word + 1] = static_cast<int8_t>(word * 3 / 2 + 1);
      shifts[word] = static_cast<int16_t>(word % 2 * 4);
    }
  }
};
inline constexpr ThreeBitSpread kThreeBitSpread;

// Lane l has codes next to one another, from code l * kVectors on.
template <int kVectorsOfLoad>
struct NeighboursInWords {
  static constexpr int kVectors = kVectorsOfLoad;
  static constexpr int column(int index, int lane) { return lane * kVectors + index; }
};

struct FourBitWords : NeighboursInWords<4> {
  static constexpr Mode kMode = Mode::kAffine;
  static constexpr int kLargest = 15;
  static constexpr int kBytes = 64;
  __m512i table;
  FourBitWords() : table(kSignedTable.load()) {}
  struct Spread {
    __m512i low;
    __m512i high;
  };
  THINBIT_INLINE Spread spread(__m512i bytes, __m512i zeros) const {
    const __m512i nibble = _mm512_set1_epi8(15);
    const __m512i high = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), nibble);
    return {_mm512_sub_epi8(_mm512_and_si512(bytes, nibble), zeros), _mm512_sub_epi8(high, zeros)};
  }
  template <int kIndex>
  THINBIT_INLINE __m512i words(const Spread& codes) const {
    const __m512i pair = kIndex % 2 == 0 ? codes.low : codes.high;
    return _mm512_permutexvar_epi16(kIndex < 2 ? pair : _mm512_srli_epi16(pair, 8), table);
  }
};

// 1 and 2 bits: the index is z above q, so that one instruction masks and joins.
template <int kBits>
struct FewBitWords : NeighboursInWords<16 / kBits> {
  static constexpr Mode kMode = Mode::kAffine;
  static constexpr int kLargest = (1 << kBits) - 1;
  static constexpr int kBytes = 64;
  __m512i table;
  FewBitWords() : table(kDifferenceTable<kBits>.load()) {}
  struct Spread {
    __m512i bytes;
    __m512i zeros;
  };
  THINBIT_INLINE Spread spread(__m512i bytes, __m512i zeros) const {
    return {bytes, _mm512_slli_epi16(zeros, kBits)};
  }
  template <int kIndex>
  THINBIT_INLINE __m512i words(const Spread& codes) const {
    constexpr int kOfByte = kIndex % (8 / kBits);
    const __m512i joined =
        _mm512_ternarylogic_epi32(_mm512_srli_epi16(codes.bytes, kBits * kOfByte),
                                  _mm512_set1_epi8(kLargest), codes.zeros, 0xEA);
    return _mm512_permutexvar_epi16(kIndex < 8 / kBits ? joined : _mm512_srli_epi16(joined, 8),
                                    table);
  }
};

struct ThreeBitWords : NeighboursInWords<4> {
  static constexpr Mode kMode = Mode::kAffine;
  static constexpr int kLargest = 7;
  static constexpr int kBytes = 48;
  __m512i table;
  ThreeBitWords() : table(kSignedTable.load()) {}
  struct Spread {
    __m512i words;
    __m512i zeros;
  };
  THINBIT_INLINE Spread spread(__m512i bytes, __m512i zeros) const {
    return {
        _mm512_srlv_epi16(_mm512_permutexvar_epi8(_mm512_load_si512(kThreeBitSpread.index), bytes),
                          _mm512_load_si512(kThreeBitSpread.shifts)),
        zeros};
  }
  template <int kIndex>
  THINBIT_INLINE __m512i words(const Spread& codes) const {
    const __m512i code =
        _mm512_and_si512(_mm512_srli_epi16(codes.words, 3 * kIndex), _mm512_set1_epi16(7));
    // The bytes above the codes hold a zero point too, which the table does not see.
    return _mm512_permutexvar_epi16(_mm512_sub_epi8(code, codes.zeros), table);
  }
};

template <Mode kModeOfCodes>
struct E2m1Words : NeighboursInWords<4> {
  static constexpr Mode kMode = kModeOfCodes;
  static constexpr int kBytes = 64;
  __m512i table;
  E2m1Words() : table(kE2m1Table.load()) {}
  using Spread = __m512i;
  THINBIT_INLINE Spread spread(__m512i bytes, __m512i) const { return bytes; }
  template <int kIndex>
  THINBIT_INLINE __m512i words(const Spread& codes) const {
    return _mm512_permutexvar_epi16(_mm512_srli_epi16(codes, 4 * kIndex), table);
  }
};

struct E4m3Words {
  static constexpr Mode kMode = Mode::kMxfp8;
  static constexpr int kVectors = 2;
  static constexpr int kBytes = 64;
  static constexpr int column(int index, int lane) { return lane / 8 * 16 + index * 8 + lane % 8; }
  E4m3Lookup lookup;
  using Spread = E4m3Lookup::Spread;
  THINBIT_INLINE Spread spread(__m512i bytes, __m512i) const { return lookup.spread(bytes); }
  template <int kIndex>
  THINBIT_INLINE __m512i words(const Spread& codes) const {
    return codes.words[kIndex];
  }
};

}  // namespace
}  // namespace thinbit
