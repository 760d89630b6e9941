#pragma once

// Included inside an AVX-512 region.
//
// How codes leave their words. A load of kBytes bytes is spread so that each of 16 lanes holds
// kPerLane codes, and value<i>() is code i of every lane as a float; column(i, lane) says which of
// the load's codes that is. Neighbouring lanes hold neighbouring codes, so that lane l belongs to
// the group of code l * kPerLane. Table lookups read the low bits of an index alone, and need no
// mask for the codes above: tables of fewer codes than the lookup has entries repeat.
//
// Instructions for 64 codes: 8 for 4 bits and fewer, 10 for 5, 13 for 6, 10 for 8, 9 for E4M3.

#include "cpu/levels/x86/avx512/registers.h"

namespace thinbit {
namespace {

// Bytes of a load to the dwords they are codes of: lane l gets `kCount` bytes from byte l *
// kStepHalves / 2 on. The rest repeats byte 0, whose bits are above the codes.
template <int kStepHalves, int kCount>
struct ByteSpread {
  alignas(64) int8_t index[64];
  constexpr ByteSpread() : index() {
    for (int lane = 0; lane < 16; ++lane) {
      for (int b = 0; b < kCount; ++b) {
        index[4 * lane + b] = static_cast<int8_t>(lane * kStepHalves / 2 + b);
      }
    }
  }
};
inline constexpr ByteSpread<6, 3> kThreeBytesEach;
inline constexpr ByteSpread<5, 4> kFiveHalvesEach;

// Lane l has codes next to one another, from code l * kPerLane on.
template <int kCodesOfLane>
struct NeighboursInLane {
  static constexpr int kPerLane = kCodesOfLane;
  static constexpr int column(int index, int lane) { return lane * kPerLane + index; }
};

THINBIT_INLINE __m512i spread_bytes(const int8_t* index, __m512i bytes) {
  return _mm512_permutexvar_epi8(_mm512_load_si512(index), bytes);
}

// 1 to 4 bits: a lookup in 16 floats.
template <int kBits>
struct SmallCodes : NeighboursInLane<kBits == 3 ? 8 : 32 / kBits> {
  static constexpr Mode kMode = Mode::kAffine;
  static constexpr int kBytes = kBits == 3 ? 48 : 64;
  static constexpr int kLargest = (1 << kBits) - 1;
  __m512 table;
  SmallCodes() {
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    table = _mm512_cvtepi32_ps(_mm512_and_si512(lanes, _mm512_set1_epi32((1 << kBits) - 1)));
  }
  using Spread = __m512i;
  THINBIT_INLINE Spread spread(__m512i bytes) const {
    return kBits == 3 ? spread_bytes(kThreeBytesEach.index, bytes) : bytes;
  }
  template <int kIndex>
  THINBIT_INLINE __m512 value(const Spread& lanes) const {
    return _mm512_permutexvar_ps(_mm512_srli_epi32(lanes, kBits * kIndex), table);
  }
};

struct FiveBitCodes : NeighboursInLane<4> {
  static constexpr Mode kMode = Mode::kAffine;
  static constexpr int kBytes = 40;
  static constexpr int kLargest = 31;
  __m512 low;
  __m512 high;
  __m512i shift;  // odd lanes begin in the middle of a byte
  FiveBitCodes() {
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    low = _mm512_cvtepi32_ps(lanes);
    high = _mm512_add_ps(low, _mm512_set1_ps(16.0f));
    shift = _mm512_slli_epi32(_mm512_and_si512(lanes, _mm512_set1_epi32(1)), 2);
  }
  using Spread = __m512i;
  THINBIT_INLINE Spread spread(__m512i bytes) const {
    return _mm512_srlv_epi32(spread_bytes(kFiveHalvesEach.index, bytes), shift);
  }
  template <int kIndex>
  THINBIT_INLINE __m512 value(const Spread& lanes) const {
    return _mm512_permutex2var_ps(low, _mm512_srli_epi32(lanes, 5 * kIndex), high);
  }
};

// 6 and 8 bits: as integers.
template <int kBits>
struct LargeCodes : NeighboursInLane<4> {
  static constexpr Mode kMode = Mode::kAffine;
  static constexpr int kBytes = 8 * kBits;
  static constexpr int kLargest = (1 << kBits) - 1;
  using Spread = __m512i;
  THINBIT_INLINE Spread spread(__m512i bytes) const {
    return kBits == 6 ? spread_bytes(kThreeBytesEach.index, bytes) : bytes;
  }
  template <int kIndex>
  THINBIT_INLINE __m512 value(const Spread& lanes) const {
    const __m512i shifted = _mm512_srli_epi32(lanes, kBits * kIndex);
    if (kBits == 8 && kIndex == 3) return _mm512_cvtepi32_ps(shifted);
    return _mm512_cvtepi32_ps(_mm512_and_si512(shifted, _mm512_set1_epi32((1 << kBits) - 1)));
  }
};

// mxfp4 and nvfp4.
template <Mode kModeOfCodes>
struct E2m1Codes : NeighboursInLane<8> {
  static constexpr Mode kMode = kModeOfCodes;
  static constexpr int kBytes = 64;
  __m512 table;
  E2m1Codes()
      : table(_mm512_setr_ps(0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f, -0.0f, -0.5f, -1.0f,
                             -1.5f, -2.0f, -3.0f, -4.0f, -6.0f)) {}
  using Spread = __m512i;
  THINBIT_INLINE Spread spread(__m512i bytes) const { return bytes; }
  template <int kIndex>
  THINBIT_INLINE __m512 value(const Spread& lanes) const {
    return _mm512_permutexvar_ps(_mm512_srli_epi32(lanes, 4 * kIndex), table);
  }
};

// The bytes 8..15 and 16..23 of an E4M3 element as a float, by magnitude; a bfloat16 has just
// these.
struct E4m3Table {
  alignas(64) uint8_t low[128];
  alignas(64) uint8_t high[128];
  constexpr E4m3Table() : low(), high() {
    for (int size = 0; size < 128; ++size) {
      int exponent = size >> 3;
      int mantissa = size & 7;
      if (exponent == 0 && mantissa != 0) {
        for (exponent = 1; mantissa < 8; mantissa *= 2) --exponent;
        mantissa &= 7;
      }
      int bits = size == 0 ? 0 : (exponent + 127 - 7) << 7 | mantissa << 4;
      if (size == 127) bits = 0x7FC0;
      low[size] = static_cast<uint8_t>(bits & 0xFF);
      high[size] = static_cast<uint8_t>(bits >> 8);
    }
  }
};
inline constexpr E4m3Table kE4m3Table;

// Two lookups in 128 bytes make the two halves of a bfloat16, and unpacking puts them together.
struct E4m3Codes {
  static constexpr Mode kMode = Mode::kMxfp8;
  static constexpr int kPerLane = 4;
  static constexpr int kBytes = 64;
  static constexpr int column(int index, int lane) { return lane / 4 * 16 + index * 4 + lane % 4; }
  __m512i low[2];
  __m512i high[2];
  E4m3Codes() {
    for (int i = 0; i < 2; ++i) {
      low[i] = _mm512_load_si512(kE4m3Table.low + 64 * i);
      high[i] = _mm512_load_si512(kE4m3Table.high + 64 * i);
    }
  }
  struct Spread {
    __m512i words[2];  // bfloat16
  };
  THINBIT_INLINE Spread spread(__m512i bytes) const {
    const __m512i lower = _mm512_permutex2var_epi8(low[0], bytes, low[1]);
    const __m512i size = _mm512_permutex2var_epi8(high[0], bytes, high[1]);
    const __m512i upper = _mm512_ternarylogic_epi32(size, bytes, _mm512_set1_epi8(-128), 0xF8);
    return {{_mm512_unpacklo_epi8(lower, upper), _mm512_unpackhi_epi8(lower, upper)}};
  }
  template <int kIndex>
  THINBIT_INLINE __m512 value(const Spread& lanes) const {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i words = lanes.words[kIndex / 2];
    return _mm512_castsi512_ps(kIndex % 2 == 0 ? _mm512_unpacklo_epi16(zero, words)
                                               : _mm512_unpackhi_epi16(zero, words));
  }
};

}  // namespace
}  // namespace thinbit
