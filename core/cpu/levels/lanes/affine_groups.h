#pragma once

// Included by the file of each instruction set; see scales.h.

#include "cpu/levels/lanes/float_rows.h"
#include "cpu/levels/lanes/scales.h"
#include "numerics/affine.h"

namespace thinbit {
namespace {

constexpr int64_t kMostGroups = kChunk / 16;

// Groups side by side are made kLanes at a time, and a block of codes may reach beyond the last.
constexpr int64_t kPaddedMostGroups = kMostGroups + kLanes;

// a where `chosen` is not zero, else b.
THINBIT_INLINE Lanes where_nonzero(Lanes chosen, Lanes a, Lanes b) {
  return floats_of_bits(
      select_less(lane_bits(magnitude(chosen)), ints_of(1), lane_bits(b), lane_bits(a)));
}

THINBIT_INLINE Lanes rounded_to(DType dtype, Lanes v) {
  if (dtype == DType::kFloat32) return v;
  return dtype == DType::kFloat16 ? round_to_float16(v) : round_to_bfloat16(v);
}

// What the codes of groups are made with: affine_group of the groups of a span, given by their
// least and largest elements, which are flushed and followed by kLanes zeros.
struct AffineGroups {
  float scales[kPaddedMostGroups];
  float biases[kPaddedMostGroups];
  float inverses[kPaddedMostGroups];  // of the scales
  bool inverses_are_normal;
  bool fit;  // scales and biases are finite in the dtype that they are stored in

  AffineGroups(const float* lows, const float* highs, int64_t groups, const RowFormat& format) {
    const Lanes levels = lanes_of(static_cast<float>(affine_levels(format.bits)));
    const Lanes epsilon = lanes_of(kAffineEpsilon);
    Lanes poison = zero_lanes();  // NaN from what is not finite on
    Lanes largest_scale = zero_lanes();
    for (int64_t i = 0; i < groups + kBlockCodes / 32; i += kLanes) {
      const Lanes low = load_lanes(lows + i);
      const Lanes high = load_lanes(highs + i);
      const Lanes range = subtract(high, low);
      Lanes scale = maximum(range, epsilon);
      Lanes bias = low;
      if (format.bits != 1) {
        const Lanes size = maximum(divide(range, levels), epsilon);
        const Ints low_size = lane_bits(magnitude(low));
        const Ints high_size = lane_bits(magnitude(high));
        const auto by_edge = [&](Lanes of_low, Lanes of_high) __attribute__((always_inline)) {
          return floats_of_bits(
              select_less(high_size, low_size, lane_bits(of_low), lane_bits(of_high)));
        };
        const Lanes edge = by_edge(low, high);
        const Lanes step = by_edge(size, subtract(zero_lanes(), size));
        const Lanes q0 = round_half_even(divide(edge, step));
        scale = where_nonzero(q0, divide(edge, q0), step);
        bias = where_nonzero(q0, edge, zero_lanes());
      }
      store_lanes(scales + i, scale);
      store_lanes(biases + i, bias);
      store_lanes(inverses + i, divide(lanes_of(1.0f), scale));
      largest_scale = maximum(largest_scale, magnitude(scale));
      poison = fma(rounded_to(format.scale_dtype, scale), zero_lanes(), poison);
      poison = fma(rounded_to(format.scale_dtype, bias), zero_lanes(), poison);
    }
    inverses_are_normal = !any_above(largest_scale, 0x1p100f);  // no scale is below kAffineEpsilon
    fit = !any_nan(poison);
  }
};

}  // namespace
}  // namespace thinbit
