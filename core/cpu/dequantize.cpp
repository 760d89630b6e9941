#include "cpu/encoded_row.h"
#include "cpu/global_scale.h"
#include "cpu/levels/dispatch.h"
#include "cpu/row_chunks.h"
#include "cpu/strided_span.h"
#include "generated/cpu_kernels.gen.h"

namespace thinbit::cpu {

Fault dequantize(Context& context, const DequantizeCall& call) {
  const RowKernels& level = *current_level();
  const QuantizedView& w = call.w;
  const RowFormat format = {w.mode, w.bits, w.group_size, w.scales.dtype};
  const TensorView& out = call.out;
  if (out.elements() == 0) return Fault::none();
  const int64_t rows = out.elements() / w.columns;
  const int64_t stride = last_stride(out);
  for_each_chunk(context, rows, w.columns, [&](int64_t row, int64_t first, int64_t count) {
    float values[kChunk];
    SpanBuffer buffer;
    const EncodedRow encoded = encoded_row(w.packed, w.scales, w.biases, row);
    level.dequantize(format, encoded.read(format, first, count, buffer), count,
                     decode_factor(w.global_scale, row / w.rows), values);
    std::byte* to = element(out, out.offset_of(row, out.ndim - 1) + first * stride);
    level.store(values, count, out.dtype, stride, to);
  });
  return Fault::none();
}

}  // namespace thinbit::cpu
