#include "metal/presence.h"

#if THINBIT_HAS_METAL

#include "generated/metal_kernels.gen.h"
#include "metal/conversion.h"

namespace thinbit::metal {

Fault quantize(Context& context, const QuantizeCall& call) {
  if (call.w.elements() == 0) return Fault::none();
  return run_work(context, [&](Work& work) {
    const GroupFormat format = {call.mode, call.bits, call.group_size};
    QuantizedBuffers to;
    to.codes = work.output(call.wq);
    to.scales = work.output(call.scales);
    // A mode without biases writes none, but the kernel's parameter is there.
    to.biases = call.biases.present ? work.output(call.biases) : work.scratch(1);
    to.first_fault = no_fault(work);
    quantize(work, format, call.w, encode_factors(call.global_scale, 1), to);
    work.finish();
    return fault_of(format, call.w, to.first_fault);
  });
}

}  // namespace thinbit::metal

#endif
