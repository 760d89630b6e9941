// generated from codegen/schema/thinbit.yaml: do not edit
#include <algorithm>

#include "generated/backend.gen.h"
#include "generated/records.gen.h"
#include "runtime/dispatch.h"

namespace thinbit {
namespace {

struct FromFp8Op {
  using Params = thinbit_from_fp8_params;
  using Call = FromFp8Call;
  static constexpr const char* kName = "from_fp8";
  static constexpr const char* kFiniteArgument = "";
  static constexpr auto kSlot = &Backend::from_fp8;
  static constexpr int kOutputs = 1;

  static bool resolve(Checker& check, const Params& params, Call& call, thinbit_tensor_info* outputs) {
    if (!check.reserved("reserved", params.reserved)) return false;
    if (!check.required("x", params.x)) return false;
    if (!check.tensor("x", params.x, set_of(DType::kUint8), call.x)) return false;
    if (!check.rank("x", call.x, 0)) return false;
    const Axes S = leading_axes(call.x, 0);
    if (!check.dtype("dtype", params.dtype, DType::kFloat32, set_of(DType::kFloat32,
        DType::kFloat16, DType::kBfloat16), call.dtype)) return false;
    if (!check.output(outputs[0], "out", call.dtype, S, {})) return false;
    if (!check.runs()) return true;  // the rest is for the kernel
    if (!check.bind("out", params.out, outputs[0], call.out)) return false;
    if (!check.separate("out", call.out, {{"x", &call.x}})) return false;
    return true;
  }
};

}  // namespace
}  // namespace thinbit

extern "C" {

thinbit_status thinbit_from_fp8(thinbit_context* context, const thinbit_from_fp8_params* params,
                                     thinbit_error* error) noexcept {
  return thinbit::run<thinbit::FromFp8Op>(context, params, error);
}

thinbit_status thinbit_from_fp8_infer(const thinbit_from_fp8_params* params, thinbit_tensor_info* outputs,
                                           thinbit_error* error) noexcept {
  return thinbit::infer<thinbit::FromFp8Op>(params, outputs, error);
}

thinbit_status thinbit_from_fp8_supports(thinbit_context* context, const thinbit_from_fp8_params* params,
                                              thinbit_error* error) noexcept {
  return thinbit::supports<thinbit::FromFp8Op>(context, params, error);
}

}  // extern "C"
