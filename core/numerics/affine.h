#pragma once

#include "numerics/half.h"
#include "numerics/portability.h"

namespace thinbit {

// The smallest scale: float32(1e-7).
THINBIT_CONSTANT float kAffineEpsilon = 1e-7f;

// The scale and bias a group's codes are made with. Unrounded: storage rounds them to the dtype of
// w afterwards.
struct AffineGroup {
  float scale;
  float bias;
};

// The largest code: n = 2^bits - 1.
THINBIT_FN int affine_levels(int bits) { return (1 << bits) - 1; }

// From the least and the largest element of a group, both flushed. Of equal elements the first
// counts, which shows in one place only: the sign of a zero bias of one bit.
//   1 bit: scale = max(hi - lo, eps), bias = lo.
//   else:  s = max((hi - lo) / n, eps); |lo| > |hi| takes the edge lo and scale s, else the edge hi
//   and scale -s (so that
//          |lo| == |hi| is negative). q0 = rint(edge / scale); q0 != 0 gives scale = edge / q0 and
//          bias = edge, which puts zero on a code; else bias = 0.
THINBIT_FN AffineGroup affine_group(float lo, float hi, int bits) {
  AffineGroup group;
  const float range = subtract(hi, lo);
  if (bits == 1) {
    group.scale = range > kAffineEpsilon ? range : kAffineEpsilon;
    group.bias = lo;
    return group;
  }
  const float step = divide(range, static_cast<float>(affine_levels(bits)));
  const float size = step > kAffineEpsilon ? step : kAffineEpsilon;
  const bool low_edge = magnitude(lo) > magnitude(hi);
  const float edge = low_edge ? lo : hi;
  const float scale = low_edge ? size : -size;
  const float q0 = round_half_even(divide(edge, scale));
  group.scale = q0 != 0.0f ? divide(edge, q0) : scale;
  group.bias = q0 != 0.0f ? edge : 0.0f;
  return group;
}

// clamp(rint((w - bias) / scale), 0, n), with the unrounded scale and bias. w is flushed.
THINBIT_FN uint32_t affine_code(float w, AffineGroup group, int bits) {
  const float levels = static_cast<float>(affine_levels(bits));
  const float q = round_half_even(divide(subtract(w, group.bias), group.scale));
  const float above = q > 0.0f ? q : 0.0f;
  return static_cast<uint32_t>(static_cast<int32_t>(above < levels ? above : levels));
}

// round(round(code * scale) + bias): two roundings to the format of the scales, never a fused
// multiply-add. In f32 the product with a 16-bit scale is exact and the sum of two 16-bit floats
// rounds innocuously (24 >= 2 * 11 + 2), so rounding the f32 results rounds the real ones.
THINBIT_FN float affine_dequantize(uint32_t code, float scale, float bias, FloatFormat format) {
  const float product =
      round_to(format, multiply(static_cast<float>(static_cast<int32_t>(code)), scale));
  return round_to(format, add(product, bias));
}

}  // namespace thinbit
