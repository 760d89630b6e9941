#include "cpu/quantized_on_the_fly.h"

#include <cstdint>

#include "cpu/weight_matrix.h"
#include "generated/cpu_kernels.gen.h"

namespace thinbit::cpu {
namespace {

// Whether all positions along a batch axis are the same matrix with the same global scale.
bool repeats(const QuantizedView& w, int axis) {
  return w.packed.strides[axis] == 0 &&
         (!w.global_scale.present || w.global_scale.strides[axis] == 0);
}

// The tensor with each axis that w repeats once.
TensorView without_repeats(const QuantizedView& w, TensorView tensor) {
  for (int axis = 0; axis < w.packed.ndim - 2; ++axis) {
    if (repeats(w, axis) && tensor.shape[axis] > 1) tensor.shape[axis] = 1;
  }
  return tensor;
}

// A tensor in row-major order with the rows of w, each of `columns` elements; no data yet.
TensorView rows_of(const QuantizedView& w, DType dtype, int64_t columns) {
  TensorView tensor = w.packed;
  tensor.data = nullptr;
  tensor.dtype = dtype;
  tensor.shape[tensor.ndim - 1] = columns;
  int64_t stride = 1;
  for (int axis = tensor.ndim - 1; axis >= 0; --axis) {
    const bool repeated = axis < tensor.ndim - 2 && repeats(w, axis);
    tensor.strides[axis] = repeated ? 0 : stride;
    if (!repeated) stride *= tensor.shape[axis];
  }
  return tensor;
}

size_t aligned_bytes(const TensorView& tensor) {
  constexpr int64_t kAlignment = 64;
  const int64_t bytes = tensor.elements() * dtype_bytes(tensor.dtype);
  return static_cast<size_t>((bytes + kAlignment - 1) / kAlignment * kAlignment);
}

}  // namespace

QuantizedOnTheFly::QuantizedOnTheFly(const QuantizedView& w) : w_(w), quantized_(w) {
  const RowFormat format = {w.mode, w.bits, w.group_size, DType::kUint8};
  quantized_.packed = rows_of(w, DType::kUint32, format.words(w.columns));
  quantized_.scales = rows_of(w, DType::kUint8, format.groups(w.columns));
  words_bytes_ = aligned_bytes(without_repeats(w, quantized_.packed));
  scales_bytes_ = aligned_bytes(without_repeats(w, quantized_.scales));
}

Fault QuantizedOnTheFly::quantize(Context& context, std::byte* scratch) {
  quantized_.packed.data = scratch;
  quantized_.scales.data = scratch + words_bytes_;
  QuantizeCall call;
  call.w = without_repeats(w_, w_.packed);
  call.global_scale = w_.global_scale;
  if (w_.global_scale.present) call.global_scale = without_repeats(w_, w_.global_scale);
  call.mode = w_.mode;
  call.group_size = w_.group_size;
  call.bits = w_.bits;
  call.wq = without_repeats(w_, quantized_.packed);
  call.scales = without_repeats(w_, quantized_.scales);
  call.N = w_.rows;
  call.K = w_.columns;
  return cpu::quantize(context, call);
}

}  // namespace thinbit::cpu
