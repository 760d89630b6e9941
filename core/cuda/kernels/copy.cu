// Elements between row-major order and strides, one a thread: for operands that the other kernels
// do not read or write where they lie.

#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"

namespace thinbit {
namespace {

template <class Element>
THINBIT_DEVICE void copy_element(const CopyParameters& parameters, int64_t from, int64_t to) {
  reinterpret_cast<Element*>(parameters.to)[to] =
      reinterpret_cast<const Element*>(parameters.from)[from];
}

}  // namespace

THINBIT_KERNEL(kConversionThreads, copy, CopyParameters) {
  const uint64_t index = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  if (index >= parameters.elements) return;
  uint64_t rest = index;
  int64_t from = 0;
  int64_t to = 0;
  for (int axis = parameters.axes - 1; axis >= 0; --axis) {
    const uint64_t size = static_cast<uint64_t>(parameters.shape[axis]);
    const int64_t at = static_cast<int64_t>(rest % size);
    rest /= size;
    from += at * parameters.from_strides[axis];
    to += at * parameters.to_strides[axis];
  }
  switch (parameters.element_bytes) {
    case 1:
      return copy_element<uint8_t>(parameters, from, to);
    case 2:
      return copy_element<uint16_t>(parameters, from, to);
    case 4:
      return copy_element<uint32_t>(parameters, from, to);
    default:
      return copy_element<uint64_t>(parameters, from, to);
  }
}

}  // namespace thinbit
