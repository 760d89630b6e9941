#pragma once

// Included by the file of each instruction set; see float_rows.h.

#include <cstdint>
#include <limits>

#include "cpu/levels/generic/codes.h"
#include "cpu/levels/generic/decode_groups.h"
#include "cpu/levels/generic/float_rows.h"
#include "cpu/levels/row_kernels.h"
#include "numerics/affine.h"
#include "numerics/flush.h"
#include "numerics/mx.h"
#include "numerics/nvfp4.h"

namespace thinbit {
namespace {

constexpr int kLargestGroup = 128;

// The bits of the largest magnitude. Magnitudes of floats are ordered as their bits are, infinity
// and then NaN above all numbers.
inline int32_t largest_bits(const float* __restrict values, int count) {
  int32_t largest = 0;
  for (int i = 0; i < count; ++i) {
    const int32_t bits = static_cast<int32_t>(bits_of(values[i]) & ~kSignBit);
    largest = bits > largest ? bits : largest;
  }
  return largest;
}

// Flushes a group; its largest magnitude, which is not finite where an element is not.
inline float flush_group(const float* __restrict values, int count, float* __restrict flushed) {
  for (int i = 0; i < count; ++i) flushed[i] = flush_subnormal(values[i]);
  return float_of(static_cast<uint32_t>(largest_bits(flushed, count)));
}

inline int first_non_finite(const float* values, int count) {
  int i = 0;
  while (i < count && is_finite(values[i])) ++i;
  return i;
}

// Integers in the order of the floats; -0 comes before +0. Its own inverse.
inline int32_t ordered(int32_t bits) { return bits ^ ((bits >> 31) & 0x7FFFFFFF); }

// Least and largest element, as integers, so that compilers vectorise the comparisons. Of several
// zeros the first is the bound, as the contract has it, whatever their signs.
inline void bounds_of(const float* __restrict values, int count, float& lo, float& hi) {
  int32_t least = std::numeric_limits<int32_t>::max();
  int32_t largest = std::numeric_limits<int32_t>::min();
  for (int i = 0; i < count; ++i) {
    const int32_t key = ordered(static_cast<int32_t>(bits_of(values[i])));
    least = key < least ? key : least;
    largest = key > largest ? key : largest;
  }
  lo = float_of(static_cast<uint32_t>(ordered(least)));
  hi = float_of(static_cast<uint32_t>(ordered(largest)));
  if (lo == 0.0f || hi == 0.0f) {
    int first = 0;
    while (values[first] != 0.0f) ++first;
    if (lo == 0.0f) lo = values[first];
    if (hi == 0.0f) hi = values[first];
  }
}

template <int kBits>
inline void affine_codes(const float* __restrict values, int count, AffineGroup group,
                         uint8_t* __restrict codes) {
  for (int i = 0; i < count; ++i) {
    codes[i] = static_cast<uint8_t>(affine_code(values[i], group, kBits));
  }
}

inline void affine_codes(const float* values, int count, AffineGroup group, int bits,
                         uint8_t* codes) {
  switch (bits) {
    case 1:
      return affine_codes<1>(values, count, group, codes);
    case 2:
      return affine_codes<2>(values, count, group, codes);
    case 3:
      return affine_codes<3>(values, count, group, codes);
    case 4:
      return affine_codes<4>(values, count, group, codes);
    case 5:
      return affine_codes<5>(values, count, group, codes);
    case 6:
      return affine_codes<6>(values, count, group, codes);
    default:
      return affine_codes<8>(values, count, group, codes);
  }
}

inline void mxfp4_codes(const float* __restrict values, int count, int n,
                        uint8_t* __restrict codes) {
  for (int i = 0; i < count; ++i) codes[i] = static_cast<uint8_t>(mxfp4_code(values[i], n));
}

inline void mxfp8_codes(const float* __restrict values, int count, int n,
                        uint8_t* __restrict codes) {
  for (int i = 0; i < count; ++i) codes[i] = static_cast<uint8_t>(mxfp8_code(values[i], n));
}

inline void nvfp4_codes(const float* __restrict values, int count, float d, float encode_factor,
                        uint8_t* __restrict codes) {
  for (int i = 0; i < count; ++i) {
    codes[i] = static_cast<uint8_t>(nvfp4_code(values[i], d, encode_factor));
  }
}

// Codes and the scale's byte of a flushed group of a mode without biases.
inline uint8_t float_group(Mode mode, const float* values, int count, float amax,
                           float encode_factor, uint8_t* codes) {
  if (mode == Mode::kNvfp4) {
    const uint32_t byte = nvfp4_scale(amax, encode_factor);
    nvfp4_codes(values, count, e4m3_decode(byte), encode_factor, codes);
    return static_cast<uint8_t>(byte);
  }
  const int n = mode == Mode::kMxfp8 ? mxfp8_exponent(amax) : mxfp4_exponent(amax);
  if (mode == Mode::kMxfp8) {
    mxfp8_codes(values, count, n, codes);
  } else {
    mxfp4_codes(values, count, n, codes);
  }
  return static_cast<uint8_t>(e8m0_encode(n));
}

// Codes, scale and bias of a flushed group; false where one of the two overflows `dtype`.
inline bool affine_group_codes(const RowFormat& format, const float* values, uint8_t* codes,
                               std::byte* scale, std::byte* bias) {
  float lo;
  float hi;
  bounds_of(values, format.group_size, lo, hi);
  const AffineGroup group = affine_group(lo, hi, format.bits);
  const auto stored = static_cast<FloatFormat>(format.scale_dtype);
  if (!is_finite(round_to(stored, group.scale)) || !is_finite(round_to(stored, group.bias))) {
    return false;
  }
  affine_codes(values, format.group_size, group, format.bits, codes);
  store(&group.scale, 1, format.scale_dtype, 1, scale);
  store(&group.bias, 1, format.scale_dtype, 1, bias);
  return true;
}

inline Fault quantize(const RowFormat& format, const float* values, int64_t count,
                      float encode_factor, const MutableEncodedSpan& encoded) {
  const int group_size = format.group_size;
  const int64_t scale_bytes = dtype_bytes(format.scale_dtype);
  for (int64_t i = 0, group = 0; i < count; i += group_size, ++group) {
    float flushed[kLargestGroup];
    uint8_t codes[kLargestGroup];
    const float amax = flush_group(values + i, group_size, flushed);
    if (!is_finite(amax)) return Fault::non_finite(i + first_non_finite(values + i, group_size));
    std::byte* scale = encoded.scales + group * scale_bytes;
    if (format.mode == Mode::kAffine) {
      std::byte* bias = encoded.biases + group * scale_bytes;
      if (!affine_group_codes(format, flushed, codes, scale, bias)) return Fault::scale_overflow(i);
    } else {
      *scale = static_cast<std::byte>(
          float_group(format.mode, flushed, group_size, amax, encode_factor, codes));
    }
    pack(codes, group_size, format.bits, encoded.words + format.words(i));
  }
  return Fault::none();
}

inline void requantize(const RowFormat& format, float* values, int64_t count, float encode_factor) {
  const int group_size = format.group_size;
  bool finite = true;
  for (int64_t i = 0; i < count && finite; i += group_size) {
    float flushed[kLargestGroup];
    uint8_t codes[kLargestGroup];
    const float amax = flush_group(values + i, group_size, flushed);
    finite = is_finite(amax);
    const uint8_t scale = float_group(format.mode, flushed, group_size, amax, encode_factor, codes);
    const float d = format.mode == Mode::kNvfp4 ? e4m3_decode(scale) : e8m0_decode(scale);
    float_values(format.mode, codes, group_size, d, values + i);
  }
  if (finite) return;
  for (int64_t i = 0; i < count; ++i) values[i] = std::numeric_limits<float>::quiet_NaN();
}

}  // namespace
}  // namespace thinbit
