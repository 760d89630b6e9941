#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "runtime/tensor_view.h"

namespace thinbit::metal {

// Kernels take row-major operands; these go between them and tensors of any strides.

// Whether the elements lie in row-major order without gaps.
bool is_row_major(const TensorView& view);

// Copies the elements of a tensor to row-major order, and back.
void copy_to_row_major(const TensorView& from, std::byte* to);
void copy_from_row_major(const std::byte* from, const TensorView& to);

// The first `axes` axes of an operand, of which some are repeated: broadcast, with stride 0. Each
// matrix is given to the kernels once.
class Repetition {
 public:
  // The axes along which all of the given tensors repeat; those that are not present do anyway.
  Repetition(int axes, std::initializer_list<const TensorView*> tensors);

  // Matrices without the repeated ones.
  int64_t count() const;

  // Which of them lies at a flat position over the axes.
  int64_t index_of(int64_t position) const;

  // The tensor with every repeated axis once.
  TensorView once(TensorView tensor) const;

 private:
  int axes_;
  int64_t shape_[kMaxViewRank] = {};
  bool repeated_[kMaxViewRank] = {};
};

}  // namespace thinbit::metal
