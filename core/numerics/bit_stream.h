#pragma once

#include "numerics/portability.h"

namespace thinbit {

// The one packing rule: a row is one little-endian bit stream, in which element i has the bits [i *
// bits, (i + 1) * bits), stored in little-endian 32-bit words. So 32 elements fill `bits` words
// exactly, and codes of 3, 5 and 6 bits straddle words. Words and Codes are pointers to (or arrays
// of) unsigned integers, in any address space.

// Code `index` of the row that begins at `words`; `bits` is 1..8.
template <class Words, class Index>
THINBIT_FN uint32_t read_code(Words words, Index index, int bits) {
  const int position = static_cast<int>(index % 32) * bits;
  const Index word = index / 32 * bits + position / 32;
  const int shift = position % 32;
  uint32_t code = static_cast<uint32_t>(words[word]) >> shift;
  if (shift + bits > 32) code |= static_cast<uint32_t>(words[word + 1]) << (32 - shift);
  return code & ((1u << bits) - 1u);
}

// Word `index` (0 .. bits - 1) of the `bits` words that 32 codes fill. Where fewer follow (a group
// of 16 4-bit codes fills two words), only the codes whose bits lie in the word are read.
template <class Codes>
THINBIT_FN uint32_t packed_word(Codes codes, int index, int bits) {
  uint32_t word = 0;
  for (int code = index * 32 / bits; code * bits < (index + 1) * 32; ++code) {
    const int shift = code * bits - index * 32;
    const uint32_t value = static_cast<uint32_t>(codes[code]);
    word |= shift >= 0 ? value << shift : value >> -shift;
  }
  return word;
}

}  // namespace thinbit
