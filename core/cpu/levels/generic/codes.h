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

// Codes of 1, 2 and 4 bits do not straddle bytes.
template <int kBits>
inline void unpack_bytes(const uint8_t* __restrict bytes, int64_t count,
                         uint8_t* __restrict codes) {
  constexpr int kCodes = 8 / kBits;
  for (int64_t i = 0; i < count / kCodes; ++i) {
    for (int j = 0; j < kCodes; ++j) {
      codes[i * kCodes + j] = static_cast<uint8_t>((bytes[i] >> (j * kBits)) & ((1 << kBits) - 1));
    }
  }
}

template <int kBits>
inline void pack_bytes(const uint8_t* __restrict codes, int64_t count, uint8_t* __restrict bytes) {
  constexpr int kCodes = 8 / kBits;
  for (int64_t i = 0; i < count / kCodes; ++i) {
    int byte = 0;
    for (int j = 0; j < kCodes; ++j) byte |= codes[i * kCodes + j] << (j * kBits);
    bytes[i] = static_cast<uint8_t>(byte);
  }
}

// `count` is a multiple of 16 for 4 and 8 bits, else of 32.
inline void unpack(const uint32_t* words, int64_t count, int bits, uint8_t* codes) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(words);
  switch (bits) {
    case 1:
      return unpack_bytes<1>(bytes, count, codes);
    case 2:
      return unpack_bytes<2>(bytes, count, codes);
    case 3:
      return unpack_words<3>(words, count, codes);
    case 4:
      return unpack_bytes<4>(bytes, count, codes);
    case 5:
      return unpack_words<5>(words, count, codes);
    case 6:
      return unpack_words<6>(words, count, codes);
    default:
      std::memcpy(codes, bytes, static_cast<size_t>(count));
  }
}

inline void pack(const uint8_t* codes, int64_t count, int bits, uint32_t* words) {
  auto* bytes = reinterpret_cast<uint8_t*>(words);
  switch (bits) {
    case 1:
      return pack_bytes<1>(codes, count, bytes);
    case 2:
      return pack_bytes<2>(codes, count, bytes);
    case 3:
      return pack_words<3>(codes, count, words);
    case 4:
      return pack_bytes<4>(codes, count, bytes);
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
