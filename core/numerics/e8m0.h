#pragma once

#include "numerics/portability.h"

namespace thinbit {

// E8M0, the block scale of mxfp4 and mxfp8: byte b is 2^(b - 127); 0 is 2^-127 and not zero; 255 is
// NaN.
THINBIT_CONSTANT int kE8m0Bias = 127;
THINBIT_CONSTANT uint32_t kE8m0Nan = 255u;

// n in [-127, 127].
THINBIT_FN uint32_t e8m0_encode(int n) { return static_cast<uint32_t>(n + kE8m0Bias); }

THINBIT_FN int e8m0_exponent(uint32_t byte) { return static_cast<int>(byte) - kE8m0Bias; }

// The value as a float; 2^-127 is a subnormal, which a GPU that flushes reads as zero: kernels
// there scale by `scale_by_power_of_two` instead.
THINBIT_FN float e8m0_decode(uint32_t byte) {
  const uint32_t finite = byte == 0 ? 0x00400000u : byte << kMantissaBits;
  return float_of(byte == kE8m0Nan ? kNanBits : finite);
}

// value * 2^n by exponent arithmetic, exact. Subnormal values and results count as zero, and keep
// the sign; too large a result is infinite; zero, infinity and NaN stay.
THINBIT_FN float scale_by_power_of_two(float value, int n) {
  const uint32_t bits = bits_of(value);
  const uint32_t sign = bits & kSignBit;
  const int exponent = static_cast<int>((bits & kInfinityBits) >> kMantissaBits);
  const int moved = exponent + n;
  const uint32_t scaled =
      sign | (static_cast<uint32_t>(moved) << kMantissaBits) | (bits & kMantissaMask);
  const uint32_t bounded = select_bits(moved >= 255, sign | kInfinityBits, scaled);
  const uint32_t ranged = select_bits((moved <= 0) | (exponent == 0), sign, bounded);
  return float_of(select_bits(exponent == 255, bits, ranged));
}

}  // namespace thinbit
