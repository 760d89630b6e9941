#pragma once

// Included inside an AVX-512 region: how codes leave their words and enter them, 64 at a time and
// in their order, for levels/lanes.

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "cpu/levels/x86/avx512/lanes.h"

namespace thinbit {
namespace {

constexpr int kBlockCodes = 64;

// The bytes beyond a block's own that unpack_block may read.
constexpr int kReadAhead = 14;

// Sixteen codes, which begin at a byte, go to each quarter of a register. Of every code its own
// byte and the next come to a word, a product moves the code to the word's top, and a shift to its
// bottom.
template <int kBits>
struct CodeWords {
  alignas(64) int8_t bytes[2][64];  // for codes 0..7, and 8..15, of each quarter
  alignas(64) uint16_t factors[2][32];
  constexpr CodeWords() : bytes(), factors() {
    for (int code = 0; code < 16; ++code) {
      const int bit = code * kBits;
      for (int quarter = 0; quarter < 4; ++quarter) {
        const int word = 8 * quarter + code % 8;
        bytes[code / 8][2 * word] = static_cast<int8_t>(bit / 8);
        bytes[code / 8][2 * word + 1] = static_cast<int8_t>(bit / 8 + 1);
        factors[code / 8][word] = static_cast<uint16_t>(1 << (16 - kBits - bit % 8));
      }
    }
  }
};
template <int kBits>
inline constexpr CodeWords<kBits> kCodeWords;

template <int kBits>
THINBIT_INLINE __m512i code_words(__m512i quarters, int which) {
  const __m512i bytes = _mm512_load_si512(kCodeWords<kBits>.bytes[which]);
  const __m512i factors = _mm512_load_si512(kCodeWords<kBits>.factors[which]);
  const __m512i words = _mm512_shuffle_epi8(quarters, bytes);
  return _mm512_srli_epi16(_mm512_mullo_epi16(words, factors), 16 - kBits);
}

// 64 codes of kBits bits, a byte each.
template <int kBits>
THINBIT_INLINE __m512i unpack_block(const std::byte* from) {
  if constexpr (kBits == 8) {
    return _mm512_loadu_si512(from);
  } else if constexpr (kBits == 4) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    const __m512i words = _mm512_cvtepu8_epi16(bytes);
    return _mm512_and_si512(_mm512_or_si512(words, _mm512_slli_epi16(words, 4)),
                            _mm512_set1_epi8(0x0F));
  } else {
    const auto sixteen = [&](int quarter) __attribute__((always_inline)) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 2 * kBits * quarter));
    };
    __m512i quarters = _mm512_castsi128_si512(sixteen(0));
    quarters = _mm512_inserti32x4(quarters, sixteen(1), 1);
    quarters = _mm512_inserti32x4(quarters, sixteen(2), 2);
    quarters = _mm512_inserti32x4(quarters, sixteen(3), 3);
    return _mm512_packus_epi16(code_words<kBits>(quarters, 0), code_words<kBits>(quarters, 1));
  }
}

template <int kBits>
THINBIT_INLINE void unpack_block(const std::byte* from, uint8_t* codes) {
  _mm512_storeu_si512(codes, unpack_block<kBits>(from));
}

// The low bytes of 64 lanes, in order.
THINBIT_INLINE void store_codes(const Ints (&codes)[kBlockCodes / kLanes], uint8_t* to) {
  unroll<kBlockCodes / kLanes>([&](auto i) __attribute__((always_inline)) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + kLanes * i), _mm512_cvtepi32_epi8(codes[i]));
  });
}

// Eight codes lie in each half of each quarter; their kBits bytes move next to one another.
template <int kBits>
struct PackedBytes {
  alignas(16) int8_t index[16];
  constexpr PackedBytes() : index() {
    for (int i = 0; i < 16; ++i) {
      index[i] = static_cast<int8_t>(i < kBits ? i : i < 2 * kBits ? 8 + i - kBits : -1);
    }
  }
};
template <int kBits>
inline constexpr PackedBytes<kBits> kPackedBytes;

// The words of 64 codes of kBits bits, a byte each. Products and sums join neighbours: two codes to
// a word, two words to a dword, and a shift two of those.
template <int kBits>
THINBIT_INLINE void pack_block(const uint8_t* from, std::byte* words) {
  const __m512i codes = _mm512_loadu_si512(from);
  if constexpr (kBits == 8) {
    _mm512_storeu_si512(words, codes);
  } else if constexpr (kBits == 4) {
    const __m512i pairs = _mm512_maddubs_epi16(codes, _mm512_set1_epi16(0x1001));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(words), _mm512_cvtepi16_epi8(pairs));
  } else if constexpr (kBits == 1) {
    const __mmask64 mask = _mm512_movepi8_mask(_mm512_slli_epi16(codes, 7));
    std::memcpy(words, &mask, sizeof mask);
  } else {
    const __m512i pairs = _mm512_maddubs_epi16(codes, _mm512_set1_epi16(1 << (8 + kBits) | 1));
    const __m512i fours = _mm512_madd_epi16(pairs, _mm512_set1_epi32(1 << (16 + 2 * kBits) | 1));
    const __m512i low = _mm512_and_si512(fours, _mm512_set1_epi64(0xFFFFFFFF));
    const __m512i high = _mm512_slli_epi64(_mm512_srli_epi64(fours, 32), 4 * kBits);
    const auto* index = reinterpret_cast<const __m128i*>(kPackedBytes<kBits>.index);
    const __m512i bytes = _mm512_shuffle_epi8(_mm512_or_si512(low, high),
                                              _mm512_broadcast_i32x4(_mm_load_si128(index)));
    unroll<4>([&](auto quarter) __attribute__((always_inline)) {
      const __m128i sixteen = _mm512_extracti32x4_epi32(bytes, quarter);
      std::memcpy(words + 2 * kBits * quarter, &sixteen, 2 * kBits);
    });
  }
}

// 64 E2M1 elements, times two.
THINBIT_INLINE void e2m1_twice(const std::byte* from, int8_t* values) {
  const __m128i table = _mm_setr_epi8(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);
  _mm512_storeu_si512(values,
                      _mm512_shuffle_epi8(_mm512_broadcast_i32x4(table), unpack_block<4>(from)));
}

// The upper bytes of 64 E2M1 elements as float16, -0 among them; the lower ones are zero.
THINBIT_INLINE void e2m1_upper_halves(const std::byte* from, uint8_t* to) {
  const __m128i table = _mm_setr_epi8(0x00, 0x38, 0x3C, 0x3E, 0x40, 0x42, 0x44, 0x46, -0x80, -0x48,
                                      -0x44, -0x42, -0x40, -0x3E, -0x3C, -0x3A);
  _mm512_storeu_si512(to,
                      _mm512_shuffle_epi8(_mm512_broadcast_i32x4(table), unpack_block<4>(from)));
}

// 2 * kLanes E4M3 elements. Their bits, moved to those of a float16, are 2^-8 of the element,
// subnormals included.
THINBIT_INLINE void e4m3_pair(const std::byte* from, Lanes& low, Lanes& high) {
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  const __m512i moved = _mm512_slli_epi16(_mm512_cvtepi8_epi16(bytes), 7);
  const __m512i nan = _mm512_set1_epi16(0x3F80);  // 0x7F, moved
  const __mmask32 is_nan = _mm512_cmpeq_epi16_mask(_mm512_and_si512(moved, nan), nan);
  const __m512i halves = _mm512_mask_mov_epi16(_mm512_and_si512(moved, _mm512_set1_epi16(-0x4001)),
                                               is_nan, _mm512_set1_epi16(0x7E00));
  const __m512 factor = _mm512_set1_ps(0x1p8f);
  low = _mm512_mul_ps(_mm512_cvtph_ps(_mm512_castsi512_si256(halves)), factor);
  high = _mm512_mul_ps(_mm512_cvtph_ps(_mm512_extracti64x4_epi64(halves, 1)), factor);
}

}  // namespace
}  // namespace thinbit
