#pragma once

// Included inside an AVX-512 region.
//
// How codes leave their words. A load of kBytes bytes is spread so that each of 16 lanes holds
// kPerLane codes, and value<i>() is code i of every lane as a float; column(i, lane) says which of
// the load's codes that is. Neighbouring lanes hold neighbouring codes, so that lane l belongs to
// the group of code l * kPerLane. Table lookups read the low bits of an index alone, and need no
// mask for the codes above: tables of fewer codes than the lookup has entries repeat.
//
// Instructions for 64 codes: 8 for 4 bits and fewer, 1 more for 3, 11 for 5, 14 for 6, 10 for 8, 21
// for E4M3 (vbmi_codes.h has a shorter way).

#include "cpu/levels/x86/avx512/registers.h"

namespace thinbit {
namespace {

// Bytes of a load to the dwords they are codes of: lane l gets `kCount` bytes from byte l *
// kStepHalves / 2 on. The rest repeats the first, whose bits are above the codes. Words go to their
// quarters of a register first, and bytes then to their places.
template <int kStepHalves, int kCount>
struct ByteSpread {
  alignas(64) int16_t words[32];
  alignas(64) int8_t bytes[64];
  constexpr ByteSpread() : words(), bytes() {
    for (int lane = 0; lane < 16; ++lane) {
      for (int b = 0; b < 4; ++b) {
        const int count = b < kCount ? b : 0;
        bytes[4 * lane + b] = static_cast<int8_t>(lane % 4 * kStepHalves / 2 + count);
      }
    }
    for (int word = 0; word < 32; ++word) {
      words[word] = static_cast<int16_t>(word / 8 * kStepHalves + word % 8);
    }
  }
};
inline constexpr ByteSpread<6, 3> kThreeBytesEach;
inline constexpr ByteSpread<5, 4> kFiveHalvesEach;

template <class Spread>
THINBIT_INLINE __m512i spread_bytes(const Spread& spread, __m512i bytes) {
  const __m512i words = _mm512_permutexvar_epi16(_mm512_load_si512(spread.words), bytes);
  return _mm512_shuffle_epi8(words, _mm512_load_si512(spread.bytes));
}

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
    return kBits == 3 ? spread_bytes(kThreeBytesEach, bytes) : bytes;
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
    return _mm512_srlv_epi32(spread_bytes(kFiveHalvesEach, bytes), shift);
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
    return kBits == 6 ? spread_bytes(kThreeBytesEach, bytes) : bytes;
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

// The bits of an E4M3 element, moved to those of a float16, are 2^-8 of it, subnormals included.
struct E4m3Codes {
  static constexpr Mode kMode = Mode::kMxfp8;
  static constexpr int kPerLane = 4;
  static constexpr int kBytes = 64;
  static constexpr int column(int index, int lane) {
    return lane / 8 * 32 + index % 2 * 16 + index / 2 * 8 + lane % 8;
  }
  struct Spread {
    __m512i halves[2];
  };
  static THINBIT_INLINE __m512i halves_of(__m512i upper_bytes) {
    const __m512i moved = _mm512_srai_epi16(upper_bytes, 1);
    const __m512i nan = _mm512_set1_epi16(0x3F80);
    const __mmask32 is_nan = _mm512_cmpeq_epi16_mask(_mm512_and_si512(moved, nan), nan);
    const __m512i halves = _mm512_and_si512(moved, _mm512_set1_epi16(-0x4001));
    return _mm512_mask_mov_epi16(halves, is_nan, _mm512_set1_epi16(0x7E00));
  }
  // The quarters of the load in the order 0, 2, 1, 3 bring one group to each half of a value.
  THINBIT_INLINE Spread spread(__m512i bytes) const {
    const __m512i quarters = _mm512_shuffle_i64x2(bytes, bytes, 0xD8);
    const __m512i zero = _mm512_setzero_si512();
    return {{halves_of(_mm512_unpacklo_epi8(zero, quarters)),
             halves_of(_mm512_unpackhi_epi8(zero, quarters))}};
  }
  template <int kIndex>
  THINBIT_INLINE __m512 value(const Spread& lanes) const {
    const __m256i halves = _mm512_extracti64x4_epi64(lanes.halves[kIndex / 2], kIndex % 2);
    return _mm512_mul_ps(_mm512_cvtph_ps(halves), _mm512_set1_ps(0x1p8f));
  }
};

}  // namespace
}  // namespace thinbit
