// generated from codegen/schema/thinbit.yaml: do not edit
#include <algorithm>

#include "generated/backend.gen.h"
#include "generated/records.gen.h"
#include "runtime/dispatch.h"

namespace thinbit {
namespace {

struct GatherQqmmOp {
  using Params = thinbit_gather_qqmm_params;
  using Call = GatherQqmmCall;
  static constexpr const char* kName = "gather_qqmm";
  static constexpr const char* kFiniteArgument = "w";
  static constexpr auto kSlot = &Backend::gather_qqmm;
  static constexpr int kOutputs = 1;

  static bool resolve(Checker& check, const Params& params, Call& call, thinbit_tensor_info* outputs) {
    if (!check.boolean("sorted_indices", params.sorted_indices, call.sorted_indices)) return false;
    if (!check.reserved("reserved", params.reserved)) return false;
    static constexpr QuantizedTensorRules kWRules = {
        "w", "scales", "biases", "global_scale_w", "mode", "group_size", "bits", "prepared",
        Mode::kNvfp4, set_of(Mode::kMxfp4, Mode::kMxfp8, Mode::kNvfp4), true, true};
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
    if (!check.tensor("lhs_indices", params.lhs_indices, set_of(DType::kInt32, DType::kUint32,
        DType::kInt64), call.lhs_indices)) return false;
    if (!check.indices("lhs_indices", call.lhs_indices, X.elements(),
        call.sorted_indices)) return false;
    const Axes lhs_indices_axes = call.lhs_indices.present ? leading_axes(call.lhs_indices, 0) : X;
    if (!check.tensor("rhs_indices", params.rhs_indices, set_of(DType::kInt32, DType::kUint32,
        DType::kInt64), call.rhs_indices)) return false;
    if (!check.indices("rhs_indices", call.rhs_indices, E.elements(),
        call.sorted_indices)) return false;
    const Axes rhs_indices_axes = call.rhs_indices.present ? leading_axes(call.rhs_indices, 0) : E;
    Axes batch;
    if (!check.broadcast("rhs_indices", lhs_indices_axes, rhs_indices_axes, batch)) return false;
    if (!check.output(outputs[0], "out", call.x.dtype, batch, {{M, has_M}, {N}})) return false;
    if (!check.runs()) return true;  // the rest is for the kernel
    if (!check.bind("out", params.out, outputs[0], call.out)) return false;
    if (!check.separate("out", call.out, {{"x", &call.x}, {"global_scale_x", &call.global_scale_x},
        {"w", &call.w.packed}, {"scales", &call.w.scales}, {"biases", &call.w.biases},
        {"global_scale_w", &call.w.global_scale}, {"lhs_indices", &call.lhs_indices},
        {"rhs_indices", &call.rhs_indices}})) return false;
    call.x = matrices_over(call.x, has_M ? 2 : 1, X);
    call.w.global_scale = scalar_over(call.w.global_scale, E);
    call.lhs_indices = index_over(call.lhs_indices, X, batch);
    call.rhs_indices = index_over(call.rhs_indices, E, batch);
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

thinbit_status thinbit_gather_qqmm(thinbit_context* context, const thinbit_gather_qqmm_params* params,
                                     thinbit_error* error) noexcept {
  return thinbit::run<thinbit::GatherQqmmOp>(context, params, error);
}

thinbit_status thinbit_gather_qqmm_infer(const thinbit_gather_qqmm_params* params, thinbit_tensor_info* outputs,
                                           thinbit_error* error) noexcept {
  return thinbit::infer<thinbit::GatherQqmmOp>(params, outputs, error);
}

thinbit_status thinbit_gather_qqmm_supports(thinbit_context* context, const thinbit_gather_qqmm_params* params,
                                              thinbit_error* error) noexcept {
  return thinbit::supports<thinbit::GatherQqmmOp>(context, params, error);
}

}  // extern "C"
