#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "runtime/tensor_view.h"

namespace thinbit::cpu {

// The element at an offset, counted in elements of the tensor's dtype.
inline std::byte* element(const TensorView& tensor, int64_t offset) {
  return tensor.data + offset * dtype_bytes(tensor.dtype);
}

// The last axis' stride; 0 of a tensor without axes.
inline int64_t last_stride(const TensorView& tensor) {
  return tensor.ndim == 0 ? 0 : tensor.strides[tensor.ndim - 1];
}

// Whether rows of a tensor can be read as floats where they lie.
inline bool has_rows_of_floats(const TensorView& tensor) {
  return tensor.dtype == DType::kFloat32 && last_stride(tensor) == 1;
}

// Copies `count` elements of `bytes` bytes each from one stride, in elements, to another.
inline void copy_strided(const std::byte* from, int64_t from_stride, std::byte* to,
                         int64_t to_stride, int64_t count, int64_t bytes) {
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(to + i * to_stride * bytes, from + i * from_stride * bytes,
                static_cast<size_t>(bytes));
  }
}

// Elements that lie side by side: those given, or a copy of them in `buffer`.
inline const std::byte* contiguous(const std::byte* elements, int64_t stride, int64_t count,
                                   int64_t bytes, std::byte* buffer) {
  if (stride == 1) return elements;
  copy_strided(elements, stride, buffer, 1, count, bytes);
  return buffer;
}

}  // namespace thinbit::cpu
