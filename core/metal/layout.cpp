#include "metal/layout.h"

#include <cstring>

#include "metal/presence.h"

#if THINBIT_HAS_METAL

namespace thinbit::metal {
namespace {

// Calls visit(element in the tensor, its offset in row-major order in bytes, count, stride) for
// each run along the last axis.
template <class Visit>
void for_each_row(const TensorView& view, const Visit& visit) {
  const int64_t bytes = dtype_bytes(view.dtype);
  const int64_t elements = view.elements();
  if (elements == 0) return;
  const int last = view.ndim - 1;
  const int64_t count = last < 0 ? 1 : view.shape[last];
  const int64_t stride = last < 0 ? 1 : view.strides[last];
  for (int64_t row = 0; row < elements / count; ++row) {
    visit(view.data + view.offset_of(row, last < 0 ? 0 : last) * bytes, row * count * bytes, count,
          stride * bytes);
  }
}

}  // namespace

bool is_row_major(const TensorView& view) {
  int64_t stride = 1;
  for (int axis = view.ndim - 1; axis >= 0; --axis) {
    if (view.shape[axis] > 1 && view.strides[axis] != stride) return false;
    stride *= view.shape[axis];
  }
  return true;
}

void copy_to_row_major(const TensorView& from, std::byte* to) {
  const auto bytes = static_cast<size_t>(dtype_bytes(from.dtype));
  for_each_row(from, [&](const std::byte* row, int64_t offset, int64_t count, int64_t stride) {
    std::byte* out = to + offset;
    if (stride == static_cast<int64_t>(bytes)) {
      std::memcpy(out, row, static_cast<size_t>(count) * bytes);
      return;
    }
    for (int64_t i = 0; i < count; ++i) {
      std::memcpy(out + i * static_cast<int64_t>(bytes), row + i * stride, bytes);
    }
  });
}

void copy_from_row_major(const std::byte* from, const TensorView& to) {
  const auto bytes = static_cast<size_t>(dtype_bytes(to.dtype));
  for_each_row(to, [&](std::byte* row, int64_t offset, int64_t count, int64_t stride) {
    for (int64_t i = 0; i < count; ++i) {
      std::memcpy(row + i * stride, from + offset + i * static_cast<int64_t>(bytes), bytes);
    }
  });
}

}  // namespace thinbit::metal

#endif
