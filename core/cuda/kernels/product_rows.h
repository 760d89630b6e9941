#pragma once

// Which rows of x meet which matrix of w, and where their results go. Batches, broadcasting and
// gathering are one thing to kernels: rows that meet the same matrix lie one after another in an
// order that place.cu makes, and a segment is a run of them.

#include "cuda/kernels/faults.h"
#include "cuda/kernels/float_memory.h"
#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"
#include "numerics/nvfp4.h"

namespace thinbit {

// Reports a global scale that is none.
THINBIT_DEVICE void check_global_scales(const ProductParameters& parameters, uint32_t w) {
  if (thread_index() != 0 || block_y() != 0 || block_z() != 0) return;
  if (parameters.w_global_scales != nullptr) {
    const int64_t index = static_cast<int64_t>(w) * parameters.w_global_stride;
    if (!is_global_scale(load_read_only(parameters.w_global_scales + index))) {
      report(parameters.fault, FaultKind::kWeightScale, static_cast<uint64_t>(index));
    }
  }
  if (parameters.x_global_scale != nullptr &&
      !is_global_scale(load_read_only(parameters.x_global_scale))) {
    report(parameters.fault, FaultKind::kActivationScale, 0);
  }
}

// The segment of a block; of no rows where the block has nothing to do.
THINBIT_DEVICE Segment segment_of(const ProductParameters& parameters, uint32_t index,
                                  uint32_t most) {
  Segment segment = {};
  if (parameters.places == nullptr) {
    segment.first = index * most;
    const uint32_t left = parameters.M - segment.first;
    segment.count = left < most ? left : most;
  } else if (index < *parameters.segment_count) {
    segment = parameters.segments[index];
  }
  if (segment.count > 0) check_global_scales(parameters, segment.w);
  return segment;
}

// A row in the order of segments.
struct RowPlace {
  uint32_t x;  // rows of x, out, and of c as it is given
  uint64_t out;
  uint64_t c;
  uint32_t w;
};

THINBIT_DEVICE RowPlace place_of(const ProductParameters& parameters, uint32_t row) {
  uint32_t m = row;
  Place place = {};
  if (parameters.places != nullptr) {
    place = parameters.places[row / parameters.M];
    m = row % parameters.M;
  }
  const uint64_t M = parameters.M;
  return {place.x * parameters.M + m, place.position * M + m,
          static_cast<uint64_t>(place.c) * parameters.c_rows + (parameters.c_rows > 1 ? m : 0),
          place.w};
}

// From a sum to an element of the result: the global scales, alpha, beta * c, and one rounding.
THINBIT_DEVICE void store_result(const ProductParameters& parameters, const RowPlace& row,
                                 uint32_t column, float sum) {
  float value = sum;
  if (parameters.w_global_scales != nullptr) {
    const float scale = load_read_only(parameters.w_global_scales +
                                       static_cast<int64_t>(row.w) * parameters.w_global_stride);
    value = multiply(value, nvfp4_decode_factor(scale));
  }
  if (parameters.x_global_scale != nullptr) {
    value = multiply(value, nvfp4_decode_factor(load_read_only(parameters.x_global_scale)));
  }
  if (parameters.c != nullptr) {
    const uint64_t at = row.c * parameters.c_columns + (parameters.c_columns > 1 ? column : 0);
    value = fused(parameters.beta, load_float(parameters.c, at, parameters.c_format),
                  multiply(parameters.alpha, value));
  }
  store_float(parameters.out, row.out * parameters.N + column, value, parameters.output_format);
}

}  // namespace thinbit
