// generated from codegen/schema/thinbit.yaml: do not edit
#include <algorithm>

#include "generated/backend.gen.h"
#include "generated/records.gen.h"
#include "runtime/dispatch.h"

namespace thinbit {
namespace {

struct QuantizeOp {
  using Params = thinbit_quantize_params;
  using Call = QuantizeCall;
  static constexpr const char* kName = "quantize";
  static constexpr const char* kFiniteArgument = "w";
  static constexpr auto kSlot = &Backend::quantize;
  static constexpr int kOutputs = 3;

  static bool resolve(Checker& check, const Params& params, Call& call, thinbit_tensor_info* outputs) {
    if (!check.mode("mode", params.mode, Mode::kAffine, set_of(Mode::kAffine, Mode::kMxfp4,
        Mode::kMxfp8, Mode::kNvfp4), call.mode)) return false;
    const ModeInfo& mode = mode_info(call.mode);
    if (!check.choice("group_size", params.group_size, mode.default_group_size, mode.group_sizes,
        mode, call.group_size)) return false;
    if (!check.choice("bits", params.bits, mode.default_bits, mode.bits, mode,
        call.bits)) return false;
    if (!check.reserved("reserved", params.reserved)) return false;
    if (!check.required("w", params.w)) return false;
    if (!check.tensor("w", params.w, set_of(DType::kFloat32, DType::kFloat16, DType::kBfloat16),
        call.w)) return false;
    if (!check.rank("w", call.w, 2)) return false;
    const int64_t K = axis_size(call.w, 1);
    const int64_t N = axis_size(call.w, 2);
    const Axes E = leading_axes(call.w, 2);
    if (!check.multiple("w", K, call.group_size, mode)) return false;
    if (!check.allowed_by_mode("global_scale", params.global_scale, mode,
        mode.has_global_scale)) return false;
    if (!check.tensor("global_scale", params.global_scale, set_of(DType::kFloat32),
        call.global_scale)) return false;
    if (call.global_scale.present) {
      if (!check.scalar("global_scale", call.global_scale)) return false;
      if (!check.positive_scale("global_scale", call.global_scale)) return false;
    }
    if (!check.output(outputs[0], "wq", DType::kUint32, E, {{N}, {exact_quotient((K * call.bits),
        32)}})) return false;
    if (!check.output(outputs[1], "scales", (mode.has_bias ? call.w.dtype : DType::kUint8), E, {{N},
        {exact_quotient(K, call.group_size)}})) return false;
    if (mode.has_bias && !check.output(outputs[2], "biases", call.w.dtype, E, {{N},
        {exact_quotient(K, call.group_size)}})) return false;
    if (!check.runs()) return true;  // the rest is for the kernel
    if (!check.bind("wq", params.wq, outputs[0], call.wq)) return false;
    if (!check.bind("scales", params.scales, outputs[1], call.scales)) return false;
    if (!check.required_by_mode("biases", params.biases, mode, mode.has_bias)) return false;
    if (!check.bind("biases", params.biases, outputs[2], call.biases)) return false;
    if (!check.separate("wq", call.wq, {{"w", &call.w}, {"global_scale",
        &call.global_scale}})) return false;
    if (!check.separate("scales", call.scales, {{"w", &call.w}, {"global_scale",
        &call.global_scale}, {"wq", &call.wq}})) return false;
    if (!check.separate("biases", call.biases, {{"w", &call.w}, {"global_scale",
        &call.global_scale}, {"wq", &call.wq}, {"scales", &call.scales}})) return false;
    call.N = N;
    call.K = K;
    return true;
  }
};

}  // namespace
}  // namespace thinbit

extern "C" {

thinbit_status thinbit_quantize(thinbit_context* context, const thinbit_quantize_params* params,
                                     thinbit_error* error) noexcept {
  return thinbit::run<thinbit::QuantizeOp>(context, params, error);
}

thinbit_status thinbit_quantize_infer(const thinbit_quantize_params* params, thinbit_tensor_info* outputs,
                                           thinbit_error* error) noexcept {
  return thinbit::infer<thinbit::QuantizeOp>(params, outputs, error);
}

thinbit_status thinbit_quantize_supports(thinbit_context* context, const thinbit_quantize_params* params,
                                              thinbit_error* error) noexcept {
  return thinbit::supports<thinbit::QuantizeOp>(context, params, error);
}

}  // extern "C"
