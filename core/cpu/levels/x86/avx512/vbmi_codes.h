#pragma once

// Included inside a region of AVX-512 with VBMI: codes whose shortest way out of their words are
// lookups of bytes across the whole register. See codes.h; E4M3 takes 9 instructions for 64 codes.

#include "cpu/levels/x86/avx512/codes.h"

namespace thinbit {
namespace {

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
struct E4m3Lookup {
  static constexpr Mode kMode = Mode::kMxfp8;
  static constexpr int kPerLane = 4;
  static constexpr int kBytes = 64;
  static constexpr int column(int index, int lane) { return lane / 4 * 16 + index * 4 + lane % 4; }
  __m512i low[2];
  __m512i high[2];
  E4m3Lookup() {
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
