#include "cpu/levels/dispatch.h"
#include "cpu/row_chunks.h"
#include "cpu/strided_span.h"
#include "generated/cpu_kernels.gen.h"

namespace thinbit::cpu {
namespace {

// The two tensors, of one shape, with the fewest axes that reach the same elements: an axis joins
// the one before it where both tensors step over it evenly.
void join_axes(TensorView& a, TensorView& b) {
  int last = -1;
  for (int axis = 0; axis < a.ndim; ++axis) {
    if (a.shape[axis] == 1) continue;
    const bool joins = last >= 0 && a.strides[last] == a.strides[axis] * a.shape[axis] &&
                       b.strides[last] == b.strides[axis] * b.shape[axis];
    if (!joins) ++last;
    const int64_t size = joins ? a.shape[last] * a.shape[axis] : a.shape[axis];
    a.shape[last] = b.shape[last] = size;
    a.strides[last] = a.strides[axis];
    b.strides[last] = b.strides[axis];
  }
  a.ndim = b.ndim = last + 1;
}

// Calls body(element of from, its stride, element of to, its stride, count) for all elements.
template <class Body>
void for_each_span(Context& context, TensorView from, TensorView to, const Body& body) {
  const int64_t elements = from.elements();
  if (elements == 0) return;
  join_axes(from, to);
  const int64_t columns = from.ndim == 0 ? 1 : from.shape[from.ndim - 1];
  const int axes = from.ndim == 0 ? 0 : from.ndim - 1;
  const int64_t from_stride = last_stride(from);
  const int64_t to_stride = last_stride(to);
  for_each_chunk(context, elements / columns, columns,
                 [&](int64_t row, int64_t first, int64_t count) {
                   body(element(from, from.offset_of(row, axes) + first * from_stride), from_stride,
                        element(to, to.offset_of(row, axes) + first * to_stride), to_stride, count);
                 });
}

}  // namespace

Fault to_fp8(Context& context, const ToFp8Call& call) {
  const RowKernels& level = *current_level();
  for_each_span(context, call.x, call.out,
                [&](const std::byte* from, int64_t from_stride, std::byte* to, int64_t to_stride,
                    int64_t count) {
                  float values[kChunk];
                  uint8_t bytes[kChunk];
                  level.load(from, call.x.dtype, from_stride, count, values);
                  level.to_fp8(values, count, bytes);
                  copy_strided(reinterpret_cast<const std::byte*>(bytes), 1, to, to_stride, count,
                               1);
                });
  return Fault::none();
}

Fault from_fp8(Context& context, const FromFp8Call& call) {
  const RowKernels& level = *current_level();
  for_each_span(context, call.x, call.out,
                [&](const std::byte* from, int64_t from_stride, std::byte* to, int64_t to_stride,
                    int64_t count) {
                  float values[kChunk];
                  std::byte bytes[kChunk];
                  const std::byte* codes = contiguous(from, from_stride, count, 1, bytes);
                  level.from_fp8(reinterpret_cast<const uint8_t*>(codes), count, values);
                  level.store(values, count, call.out.dtype, to_stride, to);
                });
  return Fault::none();
}

}  // namespace thinbit::cpu
