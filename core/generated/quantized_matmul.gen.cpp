// generated from codegen/schema/thinbit.yaml: do not edit
#include <algorithm>

#include "generated/backend.gen.h"
#include "generated/records.gen.h"
#include "runtime/dispatch.h"

namespace thinbit {
namespace {

struct QuantizedMatmulOp {
  using Params = thinbit_quantized_matmul_params;
  using Call = QuantizedMatmulCall;
  static constexpr const char* kName = "quantized_matmul";
  static constexpr const char* kFiniteArgument = "";
  static constexpr auto kSlot = &Backend::quantized_matmul;
  static constexpr int kOutputs = 1;

  static bool resolve(Checker& check, const Params& params, Call& call, thinbit_tensor_info* outputs) {
    if (!check.boolean("transpose", params.transpose, call.transpose)) return false;
    if (!check.reserved("reserved", params.reserved)) return false;
    static constexpr QuantizedTensorRules kWRules = {
        "w", "scales", "biases", "global_scale", "mode", "group_size", "bits", "prepared",
        Mode::kAffine, set_of(Mode::kAffine, Mode::kMxfp4, Mode::kMxfp8, Mode::kNvfp4), false,
            false};
    Axes E;
    if (!resolve_quantized_tensor(check, kWRules, params.w, call.w, E)) return false;
    [[maybe_unused]] const ModeInfo& mode = mode_info(call.w.mode);
    const int64_t K = (call.transpose ? call.w.columns : call.w.rows);
    const int64_t N = (call.transpose ? call.w.rows : call.w.columns);
    if (!check.required("x", params.x)) return false;
    if (!check.tensor("x", params.x, set_of(DType::kFloat32, DType::kFloat16, DType::kBfloat16),
        call.x)) return false;
    if (!check.rank("x", call.x, 1)) return false;
    if (!check.size("x", call.x, 1, K, "K")) return false;
    const bool has_M = call.x.ndim >= 2;
    const int64_t M = has_M ? axis_size(call.x, 2) : 1;
    const Axes X = leading_axes(call.x, has_M ? 2 : 1);
    Axes batch;
    if (!check.broadcast("x", X, E, batch)) return false;
    if (!check.output(outputs[0], "out", call.x.dtype, batch, {{M, has_M}, {N}})) return false;
    if (!check.runs()) return true;  // the rest is for the kernel
    if (!check.bind("out", params.out, outputs[0], call.out)) return false;
    if (!check.separate("out", call.out, {{"x", &call.x}, {"w", &call.w.packed}, {"scales",
        &call.w.scales}, {"biases", &call.w.biases}, {"global_scale",
        &call.w.global_scale}})) return false;
    call.x = matrices_over(call.x, has_M ? 2 : 1, batch);
    call.w.packed = matrices_over(call.w.packed, 2, batch);
    call.w.scales = matrices_over(call.w.scales, 2, batch);
    call.w.biases = matrices_over(call.w.biases, 2, batch);
    call.w.global_scale = scalar_over(call.w.global_scale, batch);
    call.out = matrices_over(call.out, has_M ? 2 : 1, batch);
    call.M = M;
    call.N = N;
    call.K = K;
    return true;
  }
};

}  // namespace
}  // namespace thinbit

extern "C" {

thinbit_status thinbit_quantized_matmul(thinbit_context* context, const thinbit_quantized_matmul_params* params,
                                     thinbit_error* error) noexcept {
  return thinbit::run<thinbit::QuantizedMatmulOp>(context, params, error);
}

thinbit_status thinbit_quantized_matmul_infer(const thinbit_quantized_matmul_params* params, thinbit_tensor_info* outputs,
                                           thinbit_error* error) noexcept {
  return thinbit::infer<thinbit::QuantizedMatmulOp>(params, outputs, error);
}

thinbit_status thinbit_quantized_matmul_supports(thinbit_context* context, const thinbit_quantized_matmul_params* params,
                                              thinbit_error* error) noexcept {
  return thinbit::supports<thinbit::QuantizedMatmulOp>(context, params, error);
}

}  // extern "C"
