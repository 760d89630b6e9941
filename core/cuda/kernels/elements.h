#pragma once

// Packed codes to pairs of 16-bit floats, as tensor cores take them: what a code stands for before
// its scale, exactly. Pair i holds the codes 2 * i and 2 * i + 1, the first in its low half.
//
// Codes of affine become code - centre, where the centre is the code that lies nearest to zero: the
// products of weights that nearly cancel their bias stay small, and so do the errors of their sums.
// The integer goes into the mantissa of a power of two, and the difference of two floats is exact.

#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"
#include "numerics/half.h"

namespace thinbit {

// The two halves of a pair alike.
THINBIT_CONSTANT uint32_t kBothHalves = 0x00010001u;

// The float of `format` whose steps are 1, and which has room for codes below: 2^10 or 2^7.
template <FloatFormat format>
THINBIT_DEVICE constexpr uint32_t unit_steps() {
  return (format == FloatFormat::kFloat16 ? 0x6400u : 0x4300u) * kBothHalves;
}

template <FloatFormat format>
THINBIT_DEVICE uint32_t difference(uint32_t a, uint32_t b) {
  return format == FloatFormat::kFloat16 ? subtract_f16x2(a, b) : subtract_bf16x2(a, b);
}

template <FloatFormat format>
THINBIT_DEVICE uint32_t product(uint32_t a, uint32_t b) {
  return format == FloatFormat::kFloat16 ? multiply_f16x2(a, b) : multiply_bf16x2(a, b);
}

// The codes 2 * i and 2 * i + 1 of up to six bits in the low bits of two halves; bits above them
// are not cleared.
template <int bits>
THINBIT_DEVICE uint32_t spread_codes(uint64_t packed, int i) {
  if constexpr (bits == 4) {
    // Byte i, and the same moved down by a code.
    const uint32_t word = static_cast<uint32_t>(packed);
    return permute_bytes(word, word >> 4, 0x4400u + static_cast<uint32_t>(i) * 0x1111u);
  } else {
    // Every second code moves up to the upper half, past all that is wanted of the lower one.
    constexpr int kTogether = bits < 4 ? 4 : 2;
    const int first = 2 * i / kTogether * kTogether;
    const uint32_t codes =
        static_cast<uint32_t>(packed >> (bits * first)) & ((1u << (bits * kTogether)) - 1u);
    return (codes | codes << (16 - bits)) >> (bits * (2 * i - first));
  }
}

template <int bits, FloatFormat format>
THINBIT_DEVICE uint32_t affine_pair(uint64_t packed, int i, uint32_t centre) {
  if constexpr (bits < 8) {
    constexpr uint32_t kMask = ((1u << bits) - 1u) * kBothHalves;
    const uint32_t codes = and_or(spread_codes<bits>(packed, i), kMask, unit_steps<format>());
    return difference<format>(codes, centre * kBothHalves | unit_steps<format>());
  }
  const uint32_t word = static_cast<uint32_t>(packed >> (i / 2 * 32));
  const uint32_t low = i % 2 * 2;
  if constexpr (format == FloatFormat::kFloat16) {
    const uint32_t codes = permute_bytes(word, 0x64646464u, 0x4140u + low * 0x0101u);
    return difference<format>(codes, centre * kBothHalves | unit_steps<format>());
  }
  // Eight bits are as many as the significand of bfloat16 has, and leave none to put them beside:
  // through float32, whose upper half holds a difference exactly.
  const float first = float_of(permute_bytes(word, 0x4B000000u, 0x7440u + low));  // 2^23 + code
  const float second = float_of(permute_bytes(word, 0x4B000000u, 0x7441u + low));
  const float middle = float_of(0x4B000000u | centre);
  return permute_bytes(bits_of(subtract(first, middle)), bits_of(subtract(second, middle)),
                       0x7632u);
}

// Exponent and mantissa in their places give the value times a power of two, subnormals included,
// and a multiplication takes that away.
template <FloatFormat format>
THINBIT_DEVICE uint32_t e2m1_pair(uint64_t packed, int i) {
  const uint32_t codes = spread_codes<4>(packed, i);
  const uint32_t signs = codes << 12 & 0x80008000u;
  if constexpr (format == FloatFormat::kFloat16) {
    return product<format>(and_or(codes << 9, 0x0E000E00u, signs), 0x74007400u);  // 2^14
  }
  return product<format>(and_or(codes << 6, 0x01C001C0u, signs), 0x7E807E80u);  // 2^126
}

template <FloatFormat format>
THINBIT_DEVICE uint32_t e4m3_pair(uint64_t packed, int i) {
  const uint32_t word = static_cast<uint32_t>(packed >> (i / 2 * 32));
  const uint32_t codes = permute_bytes(word, 0u, i % 2 == 0 ? 0x1404u : 0x3424u);
  const uint32_t signs = codes & 0x80008000u;
  uint32_t pair = 0;
  if constexpr (format == FloatFormat::kFloat16) {
    pair = product<format>((codes >> 1 & 0x3F803F80u) | signs, 0x5C005C00u);  // 2^8
  } else {
    pair = product<format>((codes >> 4 & 0x07F007F0u) | signs, 0x7B807B80u);  // 2^120
  }
  // The largest magnitude is NaN.
  if ((codes & 0x7F00u) == 0x7F00u) pair |= 0x7FFFu;
  if ((codes & 0x7F000000u) == 0x7F000000u) pair |= 0x7FFF0000u;
  return pair;
}

// Pair i of eight packed codes. `centre` is of affine.
template <CodeMode mode, int bits, FloatFormat format>
THINBIT_DEVICE uint32_t element_pair(uint64_t packed, int i, uint32_t centre) {
  if constexpr (mode == CodeMode::kAffine) {
    return affine_pair<bits, format>(packed, i, centre);
  } else if constexpr (mode == CodeMode::kMxfp8) {
    return e4m3_pair<format>(packed, i);
  } else {
    return e2m1_pair<format>(packed, i);
  }
}

}  // namespace thinbit
