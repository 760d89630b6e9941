// generated from codegen/schema/thinbit.yaml: do not edit
#include <algorithm>

#include "generated/backend.gen.h"
#include "generated/records.gen.h"
#include "runtime/dispatch.h"

namespace thinbit {
namespace {

struct DequantizeOp {
  using Params = thinbit_dequantize_params;
  using Call = DequantizeCall;
  static constexpr const char* kName = "dequantize";
  static constexpr const char* kFiniteArgument = "";
  static constexpr auto kSlot = &Backend::dequantize;
  static constexpr int kOutputs = 1;

  static bool resolve(Checker& check, const Params& params, Call& call, thinbit_tensor_info* outputs) {
    if (!check.reserved("reserved", params.reserved)) return false;
    static constexpr QuantizedTensorRules kWRules = {
        "w", "scales", "biases", "global_scale", "mode", "group_size", "bits", "prepared",
        Mode::kAffine, set_of(Mode::kAffine, Mode::kMxfp4, Mode::kMxfp8, Mode::kNvfp4), false,
            true};
    Axes E;
    if (!resolve_quantized_tensor(check, kWRules, params.w, call.w, E)) return false;
    [[maybe_unused]] const ModeInfo& mode = mode_info(call.w.mode);
    if (!check.dtype("dtype", params.dtype, (mode.has_bias ? call.w.scales.dtype : DType::kFloat32),
        set_of(DType::kFloat32, DType::kFloat16, DType::kBfloat16), call.dtype)) return false;
    if (!check.output(outputs[0], "out", call.dtype, E, {{call.w.rows},
        {call.w.columns}})) return false;
    if (!check.runs()) return true;  // the rest is for the kernel
    if (!check.bind("out", params.out, outputs[0], call.out)) return false;
    if (!check.separate("out", call.out, {{"w", &call.w.packed}, {"scales", &call.w.scales},
        {"biases", &call.w.biases}, {"global_scale", &call.w.global_scale}})) return false;
    call.w.global_scale = scalar_over(call.w.global_scale, E);
    return true;
  }
};

}  // namespace
}  // namespace thinbit

extern "C" {

thinbit_status thinbit_dequantize(thinbit_context* context, const thinbit_dequantize_params* params,
                                     thinbit_error* error) noexcept {
  return thinbit::run<thinbit::DequantizeOp>(context, params, error);
}

thinbit_status thinbit_dequantize_infer(const thinbit_dequantize_params* params, thinbit_tensor_info* outputs,
                                           thinbit_error* error) noexcept {
  return thinbit::infer<thinbit::DequantizeOp>(params, outputs, error);
}

thinbit_status thinbit_dequantize_supports(thinbit_context* context, const thinbit_dequantize_params* params,
                                              thinbit_error* error) noexcept {
  return thinbit::supports<thinbit::DequantizeOp>(context, params, error);
}

}  // extern "C"
