#pragma once

#include "numerics/portability.h"

namespace thinbit {

// The float formats of activations, scales and results. Values as in the schema's dtypes.
enum class FloatFormat : int32_t { kFloat32 = 1, kFloat16 = 2, kBfloat16 = 3 };

// binary16: 5 exponent bits with bias 15, 10 mantissa bits. Exact.
THINBIT_FN float f16_to_f32(uint16_t code) {
  const uint32_t sign = static_cast<uint32_t>(code & 0x8000u) << 16;
  const uint32_t size = code & 0x7FFFu;
  // Subnormals are mantissa * 2^-24; infinity and NaN (exponent 31) go to exponent 255.
  const uint32_t subnormal =
      bits_of(multiply(static_cast<float>(static_cast<int32_t>(size)), 5.9604644775390625e-8f));
  const uint32_t rebias = static_cast<uint32_t>(size >= 0x7C00u ? 255 - 31 : 127 - 15)
                          << kMantissaBits;
  return float_of(sign | select_bits(size < 0x0400u, subnormal, (size << 13) + rebias));
}

// Half to even, subnormals included; from 65520 on (half a step above the maximum, 65504) infinity;
// NaN stays NaN.
THINBIT_FN uint16_t f32_to_f16(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t size = bits & ~kSignBit;
  const uint32_t normal =
      ((size + 0x0FFFu + ((size >> 13) & 1u)) >> 13) - (static_cast<uint32_t>(127 - 15) << 10);
  // A float next to 0.5 has steps of 2^-24, those of a subnormal f16: the addition rounds.
  const uint32_t subnormal = bits_of(add(float_of(size), 0.5f)) - 0x3F000000u;
  const uint32_t nan = 0x7E00u | ((size >> 13) & 0x03FFu);
  const uint32_t finite = select_bits(size < 0x38800000u, subnormal, normal);  // 2^-14
  const uint32_t ordered = select_bits(size >= 0x477FF000u, 0x7C00u, finite);  // 65520
  const uint32_t code = select_bits(size > kInfinityBits, nan, ordered);
  return static_cast<uint16_t>(code | ((bits >> 16) & 0x8000u));
}

// bfloat16: the upper half of a binary32. Exact.
THINBIT_FN float bf16_to_f32(uint16_t code) { return float_of(static_cast<uint32_t>(code) << 16); }

// Half to even; NaN stays NaN.
THINBIT_FN uint16_t f32_to_bf16(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
  const uint32_t nan = (bits >> 16) | 0x0040u;
  return static_cast<uint16_t>((bits & ~kSignBit) > kInfinityBits ? nan : rounded);
}

// The value of the given format nearest to `value`.
THINBIT_FN float round_to(FloatFormat format, float value) {
  if (format == FloatFormat::kFloat16) return f16_to_f32(f32_to_f16(value));
  if (format == FloatFormat::kBfloat16) return bf16_to_f32(f32_to_bf16(value));
  return value;
}

}  // namespace thinbit
