#include "cuda/plugin/conversion.h"
#include "generated/cuda_kernels.gen.h"

namespace thinbit::cuda {

Fault quantize(Session& session, const QuantizeCall& call) {
  if (call.w.elements() == 0) return Fault::none();
  return run_work(session, [&](Work& work) {
    const GroupFormat format = {call.mode, call.bits, call.group_size};
    const QuantizedMemory to = {work.output(call.wq), work.output(call.scales),
                                call.biases.present ? work.output(call.biases) : nullptr};
    quantize(work, work.report(Op::kQuantize), format, call.w,
             global_scales_of(work, call.global_scale), 1, to);
  });
}

}  // namespace thinbit::cuda
