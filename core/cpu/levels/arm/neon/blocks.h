#pragma once

// How codes leave their words on aarch64 and enter them, 32 at a time and in their order, for
// levels/lanes.
//
// Instructions for a weight in a product with one row of x, as gcc 12 compiles its loops: 2.2 for
// affine 4 bits, 1.9 for 8, 2.5 for the other widths, 2.0 for mxfp4 and nvfp4, 2.9 for mxfp8. Of
// these a quarter is the fused multiply-add with x and its load. In a panel a weight takes 0.54 for
// each row of x, of which 0.25 are multiply-adds.

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "cpu/levels/arm/neon/lanes.h"

namespace thinbit {
namespace {

constexpr int kBlockCodes = 32;

// The bytes beyond a block's own that unpack_block may read.
constexpr int kReadAhead = 14;

// Of every code of 16 its own byte and the next come to a word, and a shift moves the code to the
// word's bottom.
template <int kBits>
struct CodeWords {
  uint8_t bytes[2][16];  // for codes 0..7, and 8..15
  int16_t shifts[2][8];
  constexpr CodeWords() : bytes(), shifts() {
    for (int code = 0; code < 16; ++code) {
      const int bit = code * kBits;
      bytes[code / 8][code % 8 * 2] = static_cast<uint8_t>(bit / 8);
      bytes[code / 8][code % 8 * 2 + 1] = static_cast<uint8_t>(bit / 8 + 1);
      shifts[code / 8][code % 8] = static_cast<int16_t>(-(bit % 8));
    }
  }
};
template <int kBits>
inline constexpr CodeWords<kBits> kCodeWords;

template <int kBits>
THINBIT_INLINE uint8x16_t code_words(uint8x16_t bytes, int which) {
  const uint8x16_t words = vqtbl1q_u8(bytes, vld1q_u8(kCodeWords<kBits>.bytes[which]));
  return vreinterpretq_u8_u16(
      vshlq_u16(vreinterpretq_u16_u8(words), vld1q_s16(kCodeWords<kBits>.shifts[which])));
}

// 32 codes of kBits bits, a byte each.
template <int kBits>
THINBIT_INLINE uint8x16x2_t unpack_block(const std::byte* from) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(from);
  if constexpr (kBits == 4) {
    const uint8x16_t both = vld1q_u8(bytes);
    return vzipq_u8(vandq_u8(both, vdupq_n_u8(15)), vshrq_n_u8(both, 4));
  } else {
    uint8x16x2_t codes;
    unroll<2>([&](auto half) __attribute__((always_inline)) {
      const uint8x16_t sixteen = vld1q_u8(bytes + 2 * kBits * half);
      const uint8x16_t low =
          vuzp1q_u8(code_words<kBits>(sixteen, 0), code_words<kBits>(sixteen, 1));
      codes.val[half] = vandq_u8(low, vdupq_n_u8((1 << kBits) - 1));
    });
    return codes;
  }
}

template <int kBits>
THINBIT_INLINE void unpack_block(const std::byte* from, uint8_t* codes) {
  const uint8x16x2_t unpacked = unpack_block<kBits>(from);
  vst1q_u8(codes, unpacked.val[0]);
  vst1q_u8(codes + 16, unpacked.val[1]);
}

// The low bytes of 32 lanes, in order.
THINBIT_INLINE void store_codes(const Ints (&codes)[kBlockCodes / kLanes], uint8_t* to) {
  unroll<2>([&](auto half) __attribute__((always_inline)) {
    const int8x8_t low = vmovn_s16(words_of(codes[2 * half]));
    const int8x16_t bytes = vmovn_high_s16(low, words_of(codes[2 * half + 1]));
    vst1q_u8(to + 16 * half, vreinterpretq_u8_s8(bytes));
  });
}

// Eight codes lie in each half of a register; their kBits bytes move next to one another.
template <int kBits>
struct PackedBytes {
  uint8_t index[16];
  constexpr PackedBytes() : index() {
    for (int i = 0; i < 16; ++i) {
      index[i] = static_cast<uint8_t>(i < kBits ? i : i < 2 * kBits ? 8 + i - kBits : 255);
    }
  }
};
template <int kBits>
inline constexpr PackedBytes<kBits> kPackedBytes;

// The words of 16 codes of kBits bits, a byte each: neighbours join, bytes to words, those to
// dwords, and those to what lies in eight bytes.
template <int kBits>
THINBIT_INLINE void pack_sixteen(const uint8_t* from, std::byte* words) {
  const uint16x8_t bytes = vreinterpretq_u16_u8(vld1q_u8(from));
  const uint32x4_t pairs = vreinterpretq_u32_u16(
      vorrq_u16(vandq_u16(bytes, vdupq_n_u16(0xFF)), vshlq_n_u16(vshrq_n_u16(bytes, 8), kBits)));
  const uint64x2_t fours = vreinterpretq_u64_u32(vorrq_u32(
      vandq_u32(pairs, vdupq_n_u32(0xFFFF)), vshlq_n_u32(vshrq_n_u32(pairs, 16), 2 * kBits)));
  const uint64x2_t eights = vorrq_u64(vandq_u64(fours, vdupq_n_u64(0xFFFFFFFF)),
                                      vshlq_n_u64(vshrq_n_u64(fours, 32), 4 * kBits));
  const uint8x16_t packed =
      vqtbl1q_u8(vreinterpretq_u8_u64(eights), vld1q_u8(kPackedBytes<kBits>.index));
  std::memcpy(words, &packed, 2 * kBits);
}

// The words of 32 codes of kBits bits, a byte each.
template <int kBits>
THINBIT_INLINE void pack_block(const uint8_t* from, std::byte* words) {
  if constexpr (kBits == 8) {
    std::memcpy(words, from, kBlockCodes);
  } else if constexpr (kBits == 4) {
    const uint8x16x2_t codes = vld2q_u8(from);  // even ones, odd ones
    vst1q_u8(reinterpret_cast<uint8_t*>(words), vsliq_n_u8(codes.val[0], codes.val[1], 4));
  } else {
    pack_sixteen<kBits>(from, words);
    pack_sixteen<kBits>(from + 16, words + 2 * kBits);
  }
}

// 32 E2M1 elements, times two.
THINBIT_INLINE void e2m1_twice(const std::byte* from, int8_t* values) {
  static constexpr int8_t kTwice[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
  const int8x16_t table = vld1q_s8(kTwice);
  const uint8x16x2_t codes = unpack_block<4>(from);
  vst1q_s8(values, vqtbl1q_s8(table, codes.val[0]));
  vst1q_s8(values + 16, vqtbl1q_s8(table, codes.val[1]));
}

// The upper bytes of 32 E2M1 elements as float16, -0 among them; the lower ones are zero.
THINBIT_INLINE void e2m1_upper_halves(const std::byte* from, uint8_t* to) {
  static constexpr uint8_t kUpper[16] = {0x00, 0x38, 0x3C, 0x3E, 0x40, 0x42, 0x44, 0x46,
                                         0x80, 0xB8, 0xBC, 0xBE, 0xC0, 0xC2, 0xC4, 0xC6};
  const uint8x16_t table = vld1q_u8(kUpper);
  const uint8x16x2_t codes = unpack_block<4>(from);
  vst1q_u8(to, vqtbl1q_u8(table, codes.val[0]));
  vst1q_u8(to + 16, vqtbl1q_u8(table, codes.val[1]));
}

// Eight E4M3 elements. Their bits, moved to those of a float16, are 2^-8 of the element, subnormals
// included.
THINBIT_INLINE Lanes e4m3_floats(int8x8_t bytes) {
  const uint16x8_t moved = vreinterpretq_u16_s16(vshll_n_s8(bytes, 7));
  const uint16x8_t nan = vdupq_n_u16(0x3F80);  // 0x7F, moved
  const uint16x8_t is_nan = vceqq_u16(vandq_u16(moved, nan), nan);
  const uint16x8_t halves =
      vbslq_u16(is_nan, vdupq_n_u16(0x7E00), vandq_u16(moved, vdupq_n_u16(0xBFFF)));
  const float32x4_t factor = vdupq_n_f32(0x1p8f);
  return multiply(float16s(vreinterpretq_f16_u16(halves)), {factor, factor});
}

// 2 * kLanes E4M3 elements.
THINBIT_INLINE void e4m3_pair(const std::byte* from, Lanes& low, Lanes& high) {
  const int8x16_t bytes = vld1q_s8(reinterpret_cast<const int8_t*>(from));
  low = e4m3_floats(vget_low_s8(bytes));
  high = e4m3_floats(vget_high_s8(bytes));
}

}  // namespace
}  // namespace thinbit
