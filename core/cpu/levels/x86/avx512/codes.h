#pragma once

// Included inside an AVX-512 region.
//
// How codes leave their words. A load of kBytes bytes is spread over 16 dwords so that lane l holds
// the kPerLane codes [l * kPerLane, (l + 1) * kPerLane) of the load; value<i>() is code i of every
// lane as a float. Table lookups read the low bits of an index alone, so that the codes above need
// no mask: tables of fewer codes than the lookup has entries repeat.
//
// Instructions for 64 codes: 8 for 4 bits and fewer, 9 for 5, 13 for 6, 10 for 8, 16 for E4M3.

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

THINBIT_INLINE __m512i spread_bytes(const int8_t* index, __m512i bytes) {
  return _mm512_permutexvar_epi8(_mm512_load_si512(index), bytes);
}

// 1 to 4 bits: a lookup in 16 floats.
template <int kBits>
struct SmallCodes {
  static constexpr Mode kMode = Mode::kAffine;
  static constexpr int kPerLane = kBits == 3 ? 8 : 32 / kBits;
  static constexpr int kBytes = kBits == 3 ? 48 : 64;
  __m512 table;
  SmallCodes() {
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    table = _mm512_cvtepi32_ps(_mm512_and_si512(lanes, _mm512_set1_epi32((1 << kBits) - 1)));
  }
  THINBIT_INLINE __m512i spread(__m512i bytes) const {
    return kBits == 3 ? spread_bytes(kThreeBytesEach.index, bytes) : bytes;
  }
  template <int kIndex>
  THINBIT_INLINE __m512 value(__m512i lanes) const {
    return _mm512_permutexvar_ps(_mm512_srli_epi32(lanes, kBits * kIndex), table);
  }
};

struct FiveBitCodes {
  static constexpr Mode kMode = Mode::kAffine;
  static constexpr int kPerLane = 4;
  static constexpr int kBytes = 40;
  __m512 low;
  __m512 high;
  __m512i shift;  // odd lanes begin in the middle of a byte
  FiveBitCodes() {
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    low = _mm512_cvtepi32_ps(lanes);
    high = _mm512_add_ps(low, _mm512_set1_ps(16.0f));
    shift = _mm512_slli_epi32(_mm512_and_si512(lanes, _mm512_set1_epi32(1)), 2);
  }
  THINBIT_INLINE __m512i spread(__m512i bytes) const {
    return _mm512_srlv_epi32(spread_bytes(kFiveHalvesEach.index, bytes), shift);
  }
  template <int kIndex>
  THINBIT_INLINE __m512 value(__m512i lanes) const {
    return _mm512_permutex2var_ps(low, _mm512_srli_epi32(lanes, 5 * kIndex), high);
  }
};

// 6 and 8 bits: as integers.
template <int kBits>
struct LargeCodes {
  static constexpr Mode kMode = Mode::kAffine;
  static constexpr int kPerLane = 4;
  static constexpr int kBytes = 8 * kBits;
  THINBIT_INLINE __m512i spread(__m512i bytes) const {
    return kBits == 6 ? spread_bytes(kThreeBytesEach.index, bytes) : bytes;
  }
  template <int kIndex>
  THINBIT_INLINE __m512 value(__m512i lanes) const {
    const __m512i shifted = _mm512_srli_epi32(lanes, kBits * kIndex);
    if (kBits == 8 && kIndex == 3) return _mm512_cvtepi32_ps(shifted);
    return _mm512_cvtepi32_ps(_mm512_and_si512(shifted, _mm512_set1_epi32((1 << kBits) - 1)));
  }
};

// mxfp4 and nvfp4.
template <Mode kModeOfCodes>
struct E2m1Codes {
  static constexpr Mode kMode = kModeOfCodes;
  static constexpr int kPerLane = 8;
  static constexpr int kBytes = 64;
  __m512 table;
  E2m1Codes()
      : table(_mm512_setr_ps(0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f, -0.0f, -0.5f, -1.0f,
                             -1.5f, -2.0f, -3.0f, -4.0f, -6.0f)) {}
  THINBIT_INLINE __m512i spread(__m512i bytes) const { return bytes; }
  template <int kIndex>
  THINBIT_INLINE __m512 value(__m512i lanes) const {
    return _mm512_permutexvar_ps(_mm512_srli_epi32(lanes, 4 * kIndex), table);
  }
};

struct E4m3Codes {
  static constexpr Mode kMode = Mode::kMxfp8;
  static constexpr int kPerLane = 4;
  static constexpr int kBytes = 64;
  THINBIT_INLINE __m512i spread(__m512i bytes) const { return bytes; }
  // Without NaN, which is_nan() finds for all codes of a load at once.
  template <int kIndex>
  THINBIT_INLINE __m512 value(__m512i lanes) const {
    // The sign fills bits 31..27, seven bits follow.
    const __m512i top = _mm512_slli_epi32(lanes, 24 - 8 * kIndex);
    const __m512i moved =
        _mm512_and_si512(_mm512_srai_epi32(top, 4), _mm512_set1_epi32(-0x78100000));
    return scale_e4m3(moved);
  }
  THINBIT_INLINE __mmask64 is_nan(__m512i bytes) const {
    const __m512i all = _mm512_set1_epi8(0x7F);
    return _mm512_cmpeq_epi8_mask(_mm512_and_si512(bytes, all), all);
  }
};

}  // namespace
}  // namespace thinbit
