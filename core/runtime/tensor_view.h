#pragma once

#include <cstddef>
#include <cstdint>

#include "generated/tables.gen.h"

namespace thinbit {

constexpr int kMaxRank = 8;

// A view has room for one axis more: an operand without a row axis gets one.
constexpr int kMaxViewRank = kMaxRank + 1;

// A tensor after validation: `data` already includes the byte offset, strides are in elements and
// always there. A broadcast axis has stride 0. `present` tells an absent operand from an empty one.
struct TensorView {
  std::byte* data = nullptr;
  DType dtype = DType::kFloat32;
  bool present = false;
  int ndim = 0;
  int64_t shape[kMaxViewRank] = {};
  int64_t strides[kMaxViewRank] = {};

  int64_t elements() const {
    int64_t count = 1;
    for (int axis = 0; axis < ndim; ++axis) count *= shape[axis];
    return count;
  }

  // Elements from the first element to the one at flat (row-major) position `index` of the first
  // `axes` axes.
  int64_t offset_of(int64_t index, int axes) const {
    int64_t offset = 0;
    for (int axis = axes - 1; axis >= 0; --axis) {
      offset += index % shape[axis] * strides[axis];
      index /= shape[axis];
    }
    return offset;
  }
};

// A quantized weight after validation. `packed` is (batch..., rows, words), `scales` and `biases`
// (batch..., rows, groups); `global_scale` is (batch...), with stride 0 where one value serves all.
// A float weight that is quantized on the fly has `packed` of a float dtype, (batch..., rows,
// columns), and no scales.
struct QuantizedView {
  TensorView packed;
  TensorView scales;
  TensorView biases;
  TensorView global_scale;
  Mode mode = Mode::kAffine;
  int32_t group_size = 0;
  int32_t bits = 0;
  int64_t rows = 0;
  int64_t columns = 0;

  bool is_float() const { return !scales.present; }
};

}  // namespace thinbit
