#pragma once

// Included by the file of each instruction set; see float_rows.h.

#include <cstdint>
#include <cstring>

#include "numerics/bit_stream.h"

namespace thinbit {
namespace {

template <int kBits>
inline void unpack_words(const uint32_t* words, int64_t count, uint8_t* __restrict codes) {
  for (int64_t i = 0; i < count; i += 32, words += kBits) {
    for (int j = 0; j < 32; ++j) codes[i + j] = static_cast<uint8_t>(read_code(words, j, kBits));
  }
}

template <int kBits>
inline void pack_words(const uint8_t* codes, int64_t count, uint32_t* words) {
  for (int64_t i = 0; i < count; i += 32, words += kBits) {
    for (int j = 0; j < kBits; ++j) words[j] = packed_word(codes + i, j, kBits);
  }
}

// Codes to bytes. `count` is a multiple of 32, or of 16 for 4 and 8 bits, whose codes do not
// straddle bytes: there the stream is its bytes, low nibble first.
inline void unpack(const uint32_t* words, int64_t count, int bits, uint8_t* __restrict codes) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(words);
  switch (bits) {
    case 1:
      return unpack_words<1>(words, count, codes);
    case 2:
      return unpack_words<2>(words, count, codes);
    case 3:
      return unpack_words<3>(words, count, codes);
    case 4:
      for (int64_t i = 0; i < count / 2; ++i) {
        codes[2 * i] = bytes[i] & 0xF;
        codes[2 * i + 1] = static_cast<uint8_t>(bytes[i] >> 4);
      }
      return;
    case 5:
      return unpack_words<5>(words, count, codes);
    case 6:
      return unpack_words<6>(words, count, codes);
    default:
      std::memcpy(codes, bytes, static_cast<size_t>(count));
  }
}

inline void pack(const uint8_t* __restrict codes, int64_t count, int bits, uint32_t* words) {
  auto* __restrict bytes = reinterpret_cast<uint8_t*>(words);
  switch (bits) {
    case 1:
      return pack_words<1>(codes, count, words);
    case 2:
      return pack_words<2>(codes, count, words);
    case 3:
      return pack_words<3>(codes, count, words);
    case 4:
      for (int64_t i = 0; i < count / 2; ++i) {
        bytes[i] = static_cast<uint8_t>(codes[2 * i] | (codes[2 * i + 1] << 4));
      }
      return;
    case 5:
      return pack_words<5>(codes, count, words);
    case 6:
      return pack_words<6>(codes, count, words);
    default:
      std::memcpy(bytes, codes, static_cast<size_t>(count));
  }
}

}  // namespace
}  // namespace thinbit
