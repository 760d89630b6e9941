#pragma once

#include <cstdint>

#include "runtime/tensor_view.h"

namespace thinbit {

// The sizes of some leading axes: a batch.
struct Axes {
  int ndim = 0;
  int64_t shape[kMaxRank] = {};

  int64_t elements() const {
    int64_t count = 1;
    for (int axis = 0; axis < ndim; ++axis) count *= shape[axis];
    return count;
  }
};

// The axes of a tensor but the last `trailing`.
Axes leading_axes(const TensorView& view, int trailing);

// The size of the axis that lies `from_end` from the end, 1 being the last.
inline int64_t axis_size(const TensorView& view, int from_end) {
  return view.shape[view.ndim - from_end];
}

// The matrices of `view` laid over `batch`: (batch..., rows, columns), stride 0 where an axis is
// repeated. `trailing` is 2, or 1 where the view has no row axis; it then gets one of size 1.
TensorView matrices_over(const TensorView& view, int trailing, const Axes& batch);

// `view` laid over `axes`, stride 0 where an axis is repeated or missing. An absent view stays
// absent.
TensorView laid_over(const TensorView& view, const Axes& axes);

// A tensor of one element for all of `axes` (stride 0), or of one for each.
TensorView scalar_over(const TensorView& view, const Axes& axes);

// The view of an index operand over `batch`: absent, its strides say which matrix of `operand` each
// position picks.
TensorView index_over(const TensorView& index, const Axes& operand, const Axes& batch);

// a / b where b divides a, else -1; -1 where a is.
inline int64_t exact_quotient(int64_t a, int64_t b) { return a < 0 || a % b != 0 ? -1 : a / b; }

}  // namespace thinbit
