#include "runtime/axes.h"

namespace thinbit {

Axes leading_axes(const TensorView& view, int trailing) {
  Axes axes;
  axes.ndim = view.ndim > trailing ? view.ndim - trailing : 0;
  for (int axis = 0; axis < axes.ndim; ++axis) axes.shape[axis] = view.shape[axis];
  return axes;
}

namespace {

// Puts the first `count` axes of `source` at the end of the axes of `batch`, repeated where they
// are 1 or missing.
void lay(const TensorView& source, int count, const Axes& batch, TensorView& target) {
  for (int axis = 0; axis < batch.ndim; ++axis) {
    const int from = axis - (batch.ndim - count);
    const bool repeated = from < 0 || (source.shape[from] == 1 && batch.shape[axis] != 1);
    target.shape[axis] = batch.shape[axis];
    target.strides[axis] = repeated ? 0 : source.strides[from];
  }
}

}  // namespace

TensorView matrices_over(const TensorView& view, int trailing, const Axes& batch) {
  if (!view.present) return view;
  TensorView result = view;
  result.ndim = batch.ndim + 2;
  lay(view, view.ndim - trailing, batch, result);
  const bool has_rows = trailing == 2;
  result.shape[batch.ndim] = has_rows ? axis_size(view, 2) : 1;
  result.strides[batch.ndim] = has_rows ? view.strides[view.ndim - 2] : 0;
  result.shape[batch.ndim + 1] = axis_size(view, 1);
  result.strides[batch.ndim + 1] = view.strides[view.ndim - 1];
  return result;
}

TensorView laid_over(const TensorView& view, const Axes& axes) {
  if (!view.present) return view;
  TensorView result = view;
  result.ndim = axes.ndim;
  lay(view, view.ndim, axes, result);
  return result;
}

TensorView scalar_over(const TensorView& view, const Axes& axes) {
  if (!view.present) return view;
  TensorView scalar = view;
  if (view.elements() == 1) scalar.ndim = 0;
  return laid_over(scalar, axes);
}

TensorView index_over(const TensorView& index, const Axes& operand, const Axes& batch) {
  if (index.present) return laid_over(index, batch);
  TensorView implied;
  implied.ndim = operand.ndim;
  int64_t stride = 1;
  for (int axis = operand.ndim - 1; axis >= 0; --axis) {
    implied.shape[axis] = operand.shape[axis];
    implied.strides[axis] = stride;
    stride *= operand.shape[axis];
  }
  implied.present = true;
  TensorView result = laid_over(implied, batch);
  result.present = false;
  return result;
}

}  // namespace thinbit
