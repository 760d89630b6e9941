#pragma once

#include "numerics/e2m1.h"
#include "numerics/e4m3.h"
#include "numerics/e8m0.h"
#include "numerics/portability.h"

namespace thinbit {

// mxfp4 and mxfp8: a group shares 2^n, n the smallest integer with M * 2^n >= amax, where M is the
// largest element, m_M * 2^(e_M). With amax = m * 2^e, 1 <= m < 2, that is n = e - e_M + (m > m_M):
// integer arithmetic on the bits, with no division and no logarithm. n is clamped to [-127, 127]; a
// zero group has n = 0.
THINBIT_FN int mx_exponent(float amax, int max_exponent, uint32_t max_mantissa) {
  const uint32_t bits = bits_of(amax);
  const int exponent = static_cast<int>(bits >> kMantissaBits) - kExponentBias;
  const int n = exponent - max_exponent + ((bits & kMantissaMask) > max_mantissa ? 1 : 0);
  const int above = n < -127 ? -127 : n;
  return bits == 0 ? 0 : (above > 127 ? 127 : above);
}

// amax is the largest magnitude of the group, flushed. M = 6 = 1.5 * 2^2.
THINBIT_FN int mxfp4_exponent(float amax) { return mx_exponent(amax, 2, 0x400000u); }

// M = 448 = 1.75 * 2^8.
THINBIT_FN int mxfp8_exponent(float amax) { return mx_exponent(amax, 8, 0x600000u); }

// The code of w * 2^-n, w flushed.
THINBIT_FN uint32_t mxfp4_code(float w, int n) { return e2m1_encode(scale_by_power_of_two(w, -n)); }
THINBIT_FN uint32_t mxfp8_code(float w, int n) { return e4m3_encode(scale_by_power_of_two(w, -n)); }

// element * 2^(byte - 127); byte 255 gives NaN. A subnormal result counts as zero.
THINBIT_FN float mx_dequantize(float element, uint32_t byte) {
  const float scaled = scale_by_power_of_two(element, e8m0_exponent(byte));
  return float_of(select_bits(byte == kE8m0Nan, kNanBits, bits_of(scaled)));
}
THINBIT_FN float mxfp4_dequantize(uint32_t code, uint32_t byte) {
  return mx_dequantize(e2m1_decode(code), byte);
}
THINBIT_FN float mxfp8_dequantize(uint32_t code, uint32_t byte) {
  return mx_dequantize(e4m3_decode(code), byte);
}

}  // namespace thinbit
