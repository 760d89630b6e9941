#include "cuda/plugin/conversion.h"
#include "generated/cuda_kernels.gen.h"

namespace thinbit::cuda {
namespace {

Fault convert(Session& session, const char* kernel, const TensorView& x, const TensorView& out,
              DType floats) {
  const auto elements = static_cast<uint64_t>(out.elements());
  if (elements == 0) return Fault::none();
  return run_work(session, [&](Work& work) {
    Fp8Parameters parameters = {};
    parameters.x = work.input(x);
    parameters.out = work.output(out);
    parameters.elements = elements;
    parameters.format = float_format(floats);
    work.launch_for("fp8", kernel, parameters, elements);
  });
}

}  // namespace

Fault to_fp8(Session& session, const ToFp8Call& call) {
  return convert(session, "to_fp8", call.x, call.out, call.x.dtype);
}

Fault from_fp8(Session& session, const FromFp8Call& call) {
  return convert(session, "from_fp8", call.x, call.out, call.out.dtype);
}

}  // namespace thinbit::cuda
