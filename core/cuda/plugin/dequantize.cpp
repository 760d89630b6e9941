#include "cuda/plugin/conversion.h"
#include "generated/cuda_kernels.gen.h"

namespace thinbit::cuda {

Fault dequantize(Session& session, const DequantizeCall& call) {
  const auto elements = static_cast<uint64_t>(call.out.elements());
  if (elements == 0) return Fault::none();
  return run_work(session, [&](Work& work) {
    const QuantizedView& w = call.w;
    const GlobalScales global = global_scales_of(work, w.global_scale);
    DequantizeParameters parameters = {};
    parameters.codes = work.input(w.packed);
    parameters.scales = work.input(w.scales);
    parameters.biases = w.biases.present ? work.input(w.biases) : nullptr;
    parameters.global_scales = global.data;
    parameters.global_scale_stride = global.stride;
    parameters.fault = work.report(Op::kDequantize);
    parameters.out = work.output(call.out);
    parameters.chunks = elements / kChunk;
    parameters.chunks_per_matrix = static_cast<uint64_t>(w.rows * w.columns) / kChunk;
    parameters.group_size = static_cast<uint32_t>(w.group_size);
    parameters.scale_format = float_format(w.scales.dtype);
    parameters.output_format = float_format(call.out.dtype);
    work.launch_for(module_name("dequantize", w.mode, w.bits), "dequantize", parameters,
                    parameters.chunks);
  });
}

}  // namespace thinbit::cuda
