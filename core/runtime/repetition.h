#pragma once

#include <cstdint>
#include <initializer_list>

#include "runtime/tensor_view.h"

namespace thinbit {

// The first `axes` axes of an operand, of which some are repeated: broadcast, with stride 0.
// Kernels of a GPU are given each matrix once.
class Repetition {
 public:
  // The axes along which all of the given tensors repeat; those that are not present do anyway.
  Repetition(int axes, std::initializer_list<const TensorView*> tensors);

  // Matrices without the repeated ones.
  int64_t count() const;

  // Which of them lies at a flat position over the axes.
  int64_t index_of(int64_t position) const;

  int axes() const { return axes_; }
  int64_t size(int axis) const { return shape_[axis]; }

  // What one step along an axis adds to index_of(); 0 where it is repeated.
  int64_t step(int axis) const;

  // The tensor with every repeated axis once.
  TensorView once(TensorView tensor) const;

 private:
  int axes_;
  int64_t shape_[kMaxViewRank] = {};
  bool repeated_[kMaxViewRank] = {};
};

}  // namespace thinbit
