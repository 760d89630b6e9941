#include "runtime/repetition.h"

namespace thinbit {

Repetition::Repetition(int axes, std::initializer_list<const TensorView*> tensors) : axes_(axes) {
  for (int axis = 0; axis < axes; ++axis) {
    repeated_[axis] = true;
    for (const TensorView* tensor : tensors) {
      if (!tensor->present) continue;
      shape_[axis] = tensor->shape[axis];
      repeated_[axis] = repeated_[axis] && tensor->strides[axis] == 0;
    }
  }
}

int64_t Repetition::count() const {
  int64_t count = 1;
  for (int axis = 0; axis < axes_; ++axis) count *= repeated_[axis] ? 1 : shape_[axis];
  return count;
}

int64_t Repetition::step(int axis) const {
  if (repeated_[axis]) return 0;
  int64_t step = 1;
  for (int inner = axis + 1; inner < axes_; ++inner) step *= repeated_[inner] ? 1 : shape_[inner];
  return step;
}

int64_t Repetition::index_of(int64_t position) const {
  int64_t index = 0;
  for (int axis = axes_ - 1; axis >= 0; --axis) {
    index += position % shape_[axis] * step(axis);
    position /= shape_[axis];
  }
  return index;
}

TensorView Repetition::once(TensorView tensor) const {
  for (int axis = 0; axis < axes_; ++axis) {
    if (repeated_[axis] && tensor.shape[axis] > 1) tensor.shape[axis] = 1;
  }
  return tensor;
}

}  // namespace thinbit
