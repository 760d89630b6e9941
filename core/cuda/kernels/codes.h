#pragma once

// Eight codes at a time: whatever their width, eight of them fill whole bytes of the little-endian
// stream, and a row, a multiple of 16 codes, is so long that each eight has the alignment that
// its width is read with.

#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"
#include "numerics/e2m1.h"
#include "numerics/e4m3.h"

namespace thinbit {

// The eight packed codes that begin at byte `offset` of rows that begin at `rows`, as one integer,
// the first in the lowest bits. Of 3, 5 and 6 bits they lie in two words at most; the second is
// read where they reach into it.
template <int bits>
THINBIT_DEVICE uint64_t load_codes(const uint8_t* rows, uint64_t offset) {
  if constexpr (bits == 8) {
    const uint32_t* const words = reinterpret_cast<const uint32_t*>(rows + offset);
    return load_read_only(words) | static_cast<uint64_t>(load_read_only(words + 1)) << 32;
  } else if constexpr (bits == 4) {
    return load_read_only(reinterpret_cast<const uint32_t*>(rows + offset));
  } else if constexpr (bits == 2) {
    return load_read_only(reinterpret_cast<const uint16_t*>(rows + offset));
  } else if constexpr (bits == 1) {
    return load_read_only(rows + offset);
  } else {
    const uint32_t* const words = reinterpret_cast<const uint32_t*>(rows) + offset / 4;
    const uint32_t shift = static_cast<uint32_t>(offset % 4) * 8;
    uint64_t packed = load_read_only(words);
    if (shift + 8 * bits > 32) packed |= static_cast<uint64_t>(load_read_only(words + 1)) << 32;
    return packed >> shift;
  }
}

template <int bits>
THINBIT_DEVICE uint32_t code_at(uint64_t packed, int index) {
  return static_cast<uint32_t>(packed >> (bits * index)) & ((1u << bits) - 1u);
}

template <int bits>
THINBIT_DEVICE void store_codes(uint8_t* at, uint64_t packed) {
  if constexpr (bits == 8) {
    reinterpret_cast<uint32_t*>(at)[0] = static_cast<uint32_t>(packed);
    reinterpret_cast<uint32_t*>(at)[1] = static_cast<uint32_t>(packed >> 32);
  } else if constexpr (bits == 4) {
    *reinterpret_cast<uint32_t*>(at) = static_cast<uint32_t>(packed);
  } else if constexpr (bits == 2) {
    *reinterpret_cast<uint16_t*>(at) = static_cast<uint16_t>(packed);
  } else {
    for (int i = 0; i < bits; ++i) at[i] = static_cast<uint8_t>(packed >> (8 * i));
  }
}

// What a code stands for before its scale: an unsigned integer, E2M1 or E4M3.
template <CodeMode mode>
THINBIT_DEVICE float element_of(uint32_t code) {
  if constexpr (mode == CodeMode::kAffine) {
    return static_cast<float>(static_cast<int32_t>(code));
  } else if constexpr (mode == CodeMode::kMxfp8) {
    return e4m3_decode(code);
  } else {
    return e2m1_decode(code);
  }
}

}  // namespace thinbit
