#pragma once

// Included inside an AVX-512 region.
//
// A group's weights are s * q + b = s * (q - z) + r, with the zero point z = rint(-b / s) clamped
// to the codes and r = s * z + b, which fma makes with one rounding. So a sum over the group is s *
// sum((q - z) * x) + r * sum(x), and nothing large cancels in it: where z is clamped the two have
// one sign, else |r| <= .52 |s| (the quotient is a reciprocal of 14 bits), so that |s * (q - z)| <=
// 2.1 |w| and |r| <= 1.1 |w| where q != z, and r = w where q = z. Both parts together are at most
// 3.2 R, with R the sum of magnitudes. With b and s taken out of the sum as they are, a row of x
// that meets weights of zero alone would have R = 0 and an error.

#include "cpu/levels/x86/avx512/registers.h"

namespace thinbit {
namespace {

// The zero points z and the rests r of sixteen groups.
struct ZeroPoints {
  __m512 zero;
  __m512 rest;
};

THINBIT_INLINE ZeroPoints zero_points(__m512 scale, __m512 bias, int largest) {
  const __m512 quotient = _mm512_mul_ps(_mm512_rcp14_ps(scale), bias);
  const __m512 rounded = _mm512_roundscale_ps(_mm512_sub_ps(_mm512_setzero_ps(), quotient),
                                              _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  // The second operand is the result where the first is NaN.
  const __m512 zero = _mm512_min_ps(_mm512_max_ps(rounded, _mm512_setzero_ps()),
                                    _mm512_set1_ps(static_cast<float>(largest)));
  return {zero, _mm512_fmadd_ps(zero, scale, bias)};
}

}  // namespace
}  // namespace thinbit
