#pragma once

#include <cstddef>

#include "runtime/tensor_view.h"

namespace thinbit::metal {

// Kernels take row-major operands; these go between them and tensors of any strides.

// Whether the elements lie in row-major order without gaps.
bool is_row_major(const TensorView& view);

// Copies the elements of a tensor to row-major order, and back.
void copy_to_row_major(const TensorView& from, std::byte* to);
void copy_from_row_major(const std::byte* from, const TensorView& to);

}  // namespace thinbit::metal
