#pragma once

#include "numerics/portability.h"

namespace thinbit {

// E2M1, the element of mxfp4 and nvfp4: bit 3 is the sign, bits 1 and 2 the exponent with bias 1,
// bit 0 the mantissa. Magnitudes of the codes 0..7: 0, .5, 1, 1.5, 2, 3, 4, 6.
THINBIT_CONSTANT float kE2m1Max = 6.0f;

// Half to even, saturating at 6, the sign of zero kept. One comparison per midpoint; at a midpoint
// the even code wins, which is the upper one where the comparison includes it. NaN is the caller's
// to refuse.
THINBIT_FN uint32_t e2m1_encode(float value) {
  const float size = magnitude(value);
  const uint32_t code = static_cast<uint32_t>(size > 0.25f) + static_cast<uint32_t>(size >= 0.75f) +
                        static_cast<uint32_t>(size > 1.25f) + static_cast<uint32_t>(size >= 1.75f) +
                        static_cast<uint32_t>(size > 2.5f) + static_cast<uint32_t>(size >= 3.5f) +
                        static_cast<uint32_t>(size > 5.0f);
  return code | (bits_of(value) >> 31 << 3);
}

// Exact. Placed at bits 22..24 of a float, exponent and mantissa need only the difference of the
// biases; 0.5, the subnormal, would come out as 2^-1 * 1.5 and stands apart.
THINBIT_FN float e2m1_decode(uint32_t code) {
  const uint32_t size = code & 7u;
  const uint32_t normal =
      (size << 22) + (static_cast<uint32_t>(kExponentBias - 1) << kMantissaBits);
  const uint32_t subnormal = size == 0 ? 0u : 0x3F000000u;
  return float_of((size < 2u ? subnormal : normal) | ((code & 8u) << 28));
}

}  // namespace thinbit
