#pragma once

// Included inside an AVX2 region: how codes leave their words and enter them, 32 at a time and in
// their order, for levels/lanes.

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "cpu/levels/x86/avx2/lanes.h"

namespace thinbit {
namespace {

// Codes 0..15 begin at byte 0 of a block of 32, and codes 16..31 at byte 2 * kBits, which go to the
// two halves of a register. Of every code its own byte and the next come to a word, a product moves
// the code to the word's top, and a shift to its bottom.
template <int kBits>
struct CodeWords {
  alignas(32) int8_t bytes[2][32];  // for codes 0..7, and 8..15, of each half
  alignas(32) uint16_t factors[2][16];
  constexpr CodeWords() : bytes(), factors() {
    for (int code = 0; code < 16; ++code) {
      const int bit = code * kBits;
      for (int half = 0; half < 2; ++half) {
        const int word = 8 * half + code % 8;
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
THINBIT_INLINE __m256i code_words(__m256i halves, int which) {
  const auto* bytes = reinterpret_cast<const __m256i*>(kCodeWords<kBits>.bytes[which]);
  const auto* factors = reinterpret_cast<const __m256i*>(kCodeWords<kBits>.factors[which]);
  const __m256i words = _mm256_shuffle_epi8(halves, _mm256_load_si256(bytes));
  return _mm256_srli_epi16(_mm256_mullo_epi16(words, _mm256_load_si256(factors)), 16 - kBits);
}

constexpr int kBlockCodes = 32;

// The bytes beyond a block's own that unpack_block may read.
constexpr int kReadAhead = 14;

// 32 codes of kBits bits, a byte each.
template <int kBits>
THINBIT_INLINE __m256i unpack_block(const std::byte* from) {
  if constexpr (kBits == 8) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  } else if constexpr (kBits == 4) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m256i words = _mm256_cvtepu8_epi16(bytes);
    return _mm256_and_si256(_mm256_or_si256(words, _mm256_slli_epi16(words, 4)),
                            _mm256_set1_epi8(0x0F));
  } else {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 2 * kBits));
    const __m256i halves = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
    return _mm256_packus_epi16(code_words<kBits>(halves, 0), code_words<kBits>(halves, 1));
  }
}

template <int kBits>
THINBIT_INLINE void unpack_block(const std::byte* from, uint8_t* codes) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(codes), unpack_block<kBits>(from));
}

// The low bytes of 32 lanes, in order.
THINBIT_INLINE void store_codes(const Ints (&codes)[kBlockCodes / kLanes], uint8_t* to) {
  const __m256i low = _mm256_packs_epi32(codes[0], codes[1]);
  const __m256i high = _mm256_packs_epi32(codes[2], codes[3]);
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                      _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), order));
}

// Eight codes lie in each half of each 128 bits; their kBits bytes move next to one another.
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

// The words of 32 codes of kBits bits, a byte each. Products and sums join neighbours: two codes to
// a word, two words to a dword, and a shift two of those.
template <int kBits>
THINBIT_INLINE void pack_block(const uint8_t* from, std::byte* words) {
  const __m256i codes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  if constexpr (kBits == 8) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(words), codes);
  } else if constexpr (kBits == 4) {
    const __m256i pairs = _mm256_maddubs_epi16(codes, _mm256_set1_epi16(0x1001));
    const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(pairs, pairs), 0x08);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(words), _mm256_castsi256_si128(bytes));
  } else if constexpr (kBits == 1) {
    const int mask = _mm256_movemask_epi8(_mm256_slli_epi16(codes, 7));
    std::memcpy(words, &mask, sizeof mask);
  } else {
    const __m256i pairs = _mm256_maddubs_epi16(codes, _mm256_set1_epi16(1 << (8 + kBits) | 1));
    const __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(1 << (16 + 2 * kBits) | 1));
    const __m256i low = _mm256_and_si256(fours, _mm256_set1_epi64x(0xFFFFFFFF));
    const __m256i high = _mm256_slli_epi64(_mm256_srli_epi64(fours, 32), 4 * kBits);
    const auto* index = reinterpret_cast<const __m128i*>(kPackedBytes<kBits>.index);
    const __m256i bytes = _mm256_shuffle_epi8(_mm256_or_si256(low, high),
                                              _mm256_broadcastsi128_si256(_mm_load_si128(index)));
    const __m128i halves[2] = {_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1)};
    std::memcpy(words, &halves[0], 2 * kBits);
    std::memcpy(words + 2 * kBits, &halves[1], 2 * kBits);
  }
}

// 32 E2M1 elements, times two.
THINBIT_INLINE void e2m1_twice(const std::byte* from, int8_t* values) {
  const __m128i table = _mm_setr_epi8(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);
  _mm256_storeu_si256(
      reinterpret_cast<__m256i*>(values),
      _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table), unpack_block<4>(from)));
}

// The upper bytes of 32 E2M1 elements as float16, -0 among them; the lower ones are zero.
THINBIT_INLINE void e2m1_upper_halves(const std::byte* from, uint8_t* to) {
  const __m128i table = _mm_setr_epi8(0x00, 0x38, 0x3C, 0x3E, 0x40, 0x42, 0x44, 0x46, -0x80, -0x48,
                                      -0x44, -0x42, -0x40, -0x3E, -0x3C, -0x3A);
  _mm256_storeu_si256(
      reinterpret_cast<__m256i*>(to),
      _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table), unpack_block<4>(from)));
}

// 16 E4M3 elements. Their bits, moved to those of a float16, are 2^-8 of the element, subnormals
// included.
THINBIT_INLINE void e4m3_pair(const std::byte* from, Lanes& low, Lanes& high) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  const __m256i moved = _mm256_slli_epi16(_mm256_cvtepi8_epi16(bytes), 7);
  const __m256i nan = _mm256_set1_epi16(0x3F80);  // 0x7F, moved
  const __m256i is_nan = _mm256_cmpeq_epi16(_mm256_and_si256(moved, nan), nan);
  const __m256i halves =
      _mm256_or_si256(_mm256_and_si256(moved, _mm256_set1_epi16(static_cast<int16_t>(0xBFFF))),
                      _mm256_and_si256(is_nan, _mm256_set1_epi16(0x7E00)));
  const __m256 factor = _mm256_set1_ps(0x1p8f);
  low = _mm256_mul_ps(_mm256_cvtph_ps(_mm256_castsi256_si128(halves)), factor);
  high = _mm256_mul_ps(_mm256_cvtph_ps(_mm256_extracti128_si256(halves, 1)), factor);
}

}  // namespace
}  // namespace thinbit
