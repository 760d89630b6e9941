#include "cpu/encoded_row.h"
#include "cpu/first_fault.h"
#include "cpu/global_scale.h"
#include "cpu/levels/dispatch.h"
#include "cpu/row_chunks.h"
#include "cpu/strided_span.h"
#include "generated/cpu_kernels.gen.h"

namespace thinbit::cpu {

Fault quantize(Context& context, const QuantizeCall& call) {
  const RowKernels& level = *current_level();
  const RowFormat format = {call.mode, call.bits, call.group_size, call.scales.dtype};
  const TensorView& w = call.w;
  const int64_t columns = call.K;
  if (w.elements() == 0) return Fault::none();
  const int64_t rows = w.elements() / columns;
  const int64_t stride = last_stride(w);
  FirstFault fault;
  for_each_chunk(context, rows, columns, [&](int64_t row, int64_t first, int64_t count) {
    float buffered[kChunk];
    SpanBuffer buffer;
    const std::byte* from = element(w, w.offset_of(row, w.ndim - 1) + first * stride);
    const float* values = buffered;
    if (has_rows_of_floats(w)) {
      values = reinterpret_cast<const float*>(from);
    } else {
      level.load(from, w.dtype, stride, count, buffered);
    }
    const EncodedRow out = encoded_row(call.wq, call.scales, call.biases, row);
    const MutableEncodedSpan span = out.write(format, first, buffer);
    const float factor = encode_factor(call.global_scale, row / call.N);
    fault.record(level.quantize(format, values, count, factor, span), row * columns + first);
    out.written(format, first, count, buffer);
  });
  return fault.get();
}

}  // namespace thinbit::cpu
