// generated from codegen/schema/thinbit.yaml: do not edit
#include <algorithm>

#include "generated/backend.gen.h"
#include "generated/records.gen.h"
#include "runtime/dispatch.h"

namespace thinbit {
namespace {

struct QqmmOp {
  using Params = thinbit_qqmm_params;
  using Call = QqmmCall;
  static constexpr const char* kName = "qqmm";
  static constexpr const char* kFiniteArgument = "w";
  static constexpr auto kSlot = &Backend::qqmm;
  static constexpr int kOutputs = 1;

  static bool resolve(Checker& check, const Params& params, Call& call, thinbit_tensor_info* outputs) {
    static constexpr QuantizedTensorRules kWRules = {
        "w", "scales", "biases", "global_scale_w", "mode", "group_size", "bits", "prepared",
        Mode::kNvfp4, set_of(Mode::kMxfp4, Mode::kMxfp8, Mode::kNvfp4), true, false};
    Axes E;
    if (!resolve_quantized_tensor(check, kWRules, params.w, call.w, E)) return false;
    [[maybe_unused]] const ModeInfo& mode = mode_info(call.w.mode);
    const int64_t K = call.w.columns;
    const int64_t N = call.w.rows;
    if (!check.required("x", params.x)) return false;
    if (!check.tensor("x", params.x, set_of(DType::kFloat32, DType::kFloat16, DType::kBfloat16),
        call.x)) return false;
    if (!check.rank("x", call.x, 1)) return false;
    if (!check.size("x", call.x, 1, K, "K")) return false;
    const bool has_M = call.x.ndim >= 2;
    const int64_t M = has_M ? axis_size(call.x, 2) : 1;
    const Axes X = leading_axes(call.x, has_M ? 2 : 1);
    if (!check.allowed_by_mode("global_scale_x", params.global_scale_x, mode,
        mode.has_global_scale)) return false;
    if (!check.tensor("global_scale_x", params.global_scale_x, set_of(DType::kFloat32),
        call.global_scale_x)) return false;
    if (call.global_scale_x.present) {
      if (!check.scalar("global_scale_x", call.global_scale_x)) return false;
      if (!check.positive_scale("global_scale_x", call.global_scale_x)) return false;
    }
    if (!check.paired("global_scale_x", call.global_scale_x.present, "global_scale_w",
        call.w.global_scale.present)) return false;
    Axes batch;
    if (!check.broadcast("x", X, E, batch)) return false;
    if (!check.output(outputs[0], "out", call.x.dtype, batch, {{M, has_M}, {N}})) return false;
    if (!check.runs()) return true;  // the rest is for the kernel
    if (!check.bind("out", params.out, outputs[0], call.out)) return false;
    if (!check.separate("out", call.out, {{"x", &call.x}, {"global_scale_x", &call.global_scale_x},
        {"w", &call.w.packed}, {"scales", &call.w.scales}, {"biases", &call.w.biases},
        {"global_scale_w", &call.w.global_scale}})) return false;
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

thinbit_status thinbit_qqmm(thinbit_context* context, const thinbit_qqmm_params* params,
                                     thinbit_error* error) noexcept {
  return thinbit::run<thinbit::QqmmOp>(context, params, error);
}

thinbit_status thinbit_qqmm_infer(const thinbit_qqmm_params* params, thinbit_tensor_info* outputs,
                                           thinbit_error* error) noexcept {
  return thinbit::infer<thinbit::QqmmOp>(params, outputs, error);
}

thinbit_status thinbit_qqmm_supports(thinbit_context* context, const thinbit_qqmm_params* params,
                                              thinbit_error* error) noexcept {
  return thinbit::supports<thinbit::QqmmOp>(context, params, error);
}

}  // extern "C"
