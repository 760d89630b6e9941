#pragma once

// Included by the file of each instruction set; see float_rows.h.

#include <algorithm>
#include <cstdint>

#include "cpu/levels/generic/codes.h"
#include "cpu/levels/generic/float_rows.h"
#include "cpu/levels/row_kernels.h"
#include "numerics/affine.h"
#include "numerics/mx.h"
#include "numerics/nvfp4.h"

namespace thinbit {
namespace {

template <FloatFormat kFormat>
inline void affine_dequantize_group(const uint8_t* __restrict codes, int count, float scale,
                                    float bias, float* __restrict values) {
  for (int i = 0; i < count; ++i) {
    values[i] = affine_dequantize(codes[i], scale, bias, kFormat);
  }
}

inline void affine_dequantize_group(const uint8_t* codes, int count, float scale, float bias,
                                    DType dtype, float* values) {
  if (dtype == DType::kFloat16) {
    affine_dequantize_group<FloatFormat::kFloat16>(codes, count, scale, bias, values);
  } else if (dtype == DType::kBfloat16) {
    affine_dequantize_group<FloatFormat::kBfloat16>(codes, count, scale, bias, values);
  } else {
    affine_dequantize_group<FloatFormat::kFloat32>(codes, count, scale, bias, values);
  }
}

// code * scale + bias, rounded once. The product with a 16-bit scale is exact in f32 (8 + 11
// digits); with an f32 scale it is in double, whose own rounding is 2^29 times finer.
inline void affine_decode_group(const uint8_t* __restrict codes, int count, float scale, float bias,
                                DType dtype, float* __restrict values) {
  if (dtype == DType::kFloat32) {
    const double wide_scale = scale;
    const double wide_bias = bias;
    for (int i = 0; i < count; ++i) {
      values[i] = static_cast<float>(static_cast<int32_t>(codes[i]) * wide_scale + wide_bias);
    }
  } else {
    for (int i = 0; i < count; ++i) {
      values[i] = static_cast<float>(static_cast<int32_t>(codes[i])) * scale + bias;
    }
  }
}

// The exact element * d of codes.
inline void float_values(Mode mode, const uint8_t* __restrict codes, int count, float d,
                         float* __restrict values) {
  if (mode == Mode::kMxfp8) {
    for (int i = 0; i < count; ++i) values[i] = e4m3_decode(codes[i]) * d;
  } else {
    for (int i = 0; i < count; ++i) values[i] = e2m1_decode(codes[i]) * d;
  }
}

// Calls group(codes, count, index of the group, values) for every group of a span.
template <class Group>
inline void for_each_group(const RowFormat& format, const EncodedSpan& encoded, int64_t count,
                           float* values, const Group& group) {
  uint8_t codes[kChunk];
  for (int64_t begin = 0; begin < count; begin += kChunk) {
    const int64_t size = std::min(kChunk, count - begin);
    unpack(encoded.words + format.words(begin), size, format.bits, codes);
    for (int64_t i = 0; i < size; i += format.group_size) {
      group(codes + i, format.group_size, format.groups(begin + i), values + begin + i);
    }
  }
}

inline float scale_at(const std::byte* scales, DType dtype, int64_t group) {
  float scale;
  load(scales + group * dtype_bytes(dtype), dtype, 1, 1, &scale);
  return scale;
}

template <class Affine>
inline void for_each_affine_group(const RowFormat& format, const EncodedSpan& encoded,
                                  int64_t count, float* values, const Affine& affine) {
  const DType dtype = format.scale_dtype;
  for_each_group(format, encoded, count, values,
                 [&](const uint8_t* codes, int size, int64_t group, float* out) {
                   affine(codes, size, scale_at(encoded.scales, dtype, group),
                          scale_at(encoded.biases, dtype, group), dtype, out);
                 });
}

inline void dequantize(const RowFormat& format, const EncodedSpan& encoded, int64_t count,
                       float decode_factor, float* values) {
  if (format.mode == Mode::kAffine) {
    return for_each_affine_group(
        format, encoded, count, values,
        [](const uint8_t* codes, int size, float scale, float bias, DType dtype, float* out) {
          affine_dequantize_group(codes, size, scale, bias, dtype, out);
        });
  }
  for_each_group(
      format, encoded, count, values,
      [&](const uint8_t* __restrict codes, int size, int64_t group, float* __restrict out) {
        const auto byte = static_cast<uint32_t>(encoded.scales[group]);
        if (format.mode == Mode::kNvfp4) {
          const float d = e4m3_decode(byte);
          for (int i = 0; i < size; ++i) {
            out[i] = nvfp4_dequantize(codes[i], d, decode_factor);
          }
        } else if (format.mode == Mode::kMxfp8) {
          for (int i = 0; i < size; ++i) out[i] = mxfp8_dequantize(codes[i], byte);
        } else {
          for (int i = 0; i < size; ++i) out[i] = mxfp4_dequantize(codes[i], byte);
        }
      });
}

// element * d is exact in f32, 4 + 4 digits at most, so that times the factor rounds once.
inline void decode(const RowFormat& format, const EncodedSpan& encoded, int64_t count,
                   float decode_factor, float* values) {
  if (format.mode == Mode::kAffine) {
    return for_each_affine_group(
        format, encoded, count, values,
        [](const uint8_t* codes, int size, float scale, float bias, DType dtype, float* out) {
          affine_decode_group(codes, size, scale, bias, dtype, out);
        });
  }
  for_each_group(
      format, encoded, count, values,
      [&](const uint8_t* __restrict codes, int size, int64_t group, float* __restrict out) {
        const auto byte = static_cast<uint32_t>(encoded.scales[group]);
        if (format.mode == Mode::kNvfp4) {
          const float d = e4m3_decode(byte);
          for (int i = 0; i < size; ++i) {
            out[i] = e2m1_decode(codes[i]) * d * decode_factor;
          }
        } else {
          float_values(format.mode, codes, size, e8m0_decode(byte), out);
        }
      });
}

}  // namespace
}  // namespace thinbit
