#pragma once

#include "numerics/portability.h"

namespace thinbit {

// E4M3FN, the element of mxfp8 and the block scale of nvfp4: bit 7 is the sign, then 4 exponent
// bits with bias 7 and 3 mantissa bits. No infinity; the largest magnitude is 448 = 1.75 * 256
// (0x7E), NaN is 0x7F and 0xFF.
THINBIT_CONSTANT float kE4m3Max = 448.0f;

// Half to even, subnormals included, saturating at 448 (infinity too), the sign of zero kept; NaN
// gives 0x7F.
THINBIT_FN uint32_t e4m3_encode(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t size = bits & ~kSignBit;
  const uint32_t rounded = (size + 0x7FFFFu + ((size >> 20) & 1u)) >> 20;
  const uint32_t normal = rounded - (static_cast<uint32_t>(kExponentBias - 7) << 3);
  // A float next to 2^14 has steps of 2^-9, those of a subnormal E4M3: the addition rounds.
  const uint32_t subnormal = bits_of(add(float_of(size), 16384.0f)) - 0x46800000u;
  const uint32_t finite = select_bits(size < 0x3C800000u, subnormal, normal);  // 2^-6
  const uint32_t code = finite < 0x7Eu ? finite : 0x7Eu;
  return select_bits(size > kInfinityBits, 0x7Fu, code | (bits >> 31 << 7));
}

// Exact.
THINBIT_FN float e4m3_decode(uint32_t code) {
  const uint32_t size = code & 0x7Fu;
  const uint32_t normal =
      (size << 20) + (static_cast<uint32_t>(kExponentBias - 7) << kMantissaBits);
  const uint32_t subnormal =
      bits_of(multiply(static_cast<float>(static_cast<int32_t>(size)), 0.001953125f));  // 2^-9
  const uint32_t finite = select_bits(size < 8u, subnormal, normal);
  return float_of(select_bits(size == 0x7Fu, kNanBits, finite) | ((code & 0x80u) << 24));
}

}  // namespace thinbit
