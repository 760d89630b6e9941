// generated from codegen/schema/thinbit.yaml: do not edit
#include "generated/records.gen.h"

namespace thinbit {

bool resolve_quantized_tensor(Checker& check, const QuantizedTensorRules& names, const thinbit_quantized_tensor* given,
                               QuantizedView& view, Axes& E) {
  thinbit_quantized_tensor params;
  if (!check.read(names.packed, given, params)) return false;
  if (!check.mode(names.mode, params.mode, names.default_mode, names.modes,
      view.mode)) return false;
  const ModeInfo& mode = mode_info(view.mode);
  if (!check.choice(names.group_size, params.group_size, mode.default_group_size, mode.group_sizes,
      mode, view.group_size)) return false;
  if (!check.choice(names.bits, params.bits, mode.default_bits, mode.bits, mode,
      view.bits)) return false;
  if (!check.reserved("reserved", params.reserved)) return false;
  if (!check.no_handle(names.prepared, params.prepared)) return false;
  if (names.accepts_float && params.scales == nullptr) {
    if (!check.required(names.packed, params.packed)) return false;
    if (!check.tensor(names.packed, params.packed, set_of(DType::kFloat32, DType::kFloat16,
        DType::kBfloat16, DType::kUint32), view.packed)) return false;
    if ((set_of(DType::kUint32) & set_of(view.packed.dtype)) != 0) {
      return check.required(names.scales, params.scales);
    }
    if (!check.required_by_mode(names.biases, params.biases, mode, false)) return false;
    if (!check.rank(names.packed, view.packed, 2)) return false;
    view.rows = axis_size(view.packed, 2);
    view.columns = axis_size(view.packed, 1);
    E = leading_axes(view.packed, 2);
    if (!check.multiple(names.packed, view.columns, view.group_size, mode)) return false;
  } else {
    if (!check.required(names.packed, params.packed)) return false;
    if (!check.tensor(names.packed, params.packed, set_of(DType::kUint32),
        view.packed)) return false;
    if (!check.rank(names.packed, view.packed, 2)) return false;
    const int64_t columns = exact_quotient((axis_size(view.packed, 1) * 32), view.bits);
    if (!check.whole(names.packed, view.packed, 1, columns, "columns * bits / 32")) return false;
    const int64_t rows = axis_size(view.packed, 2);
    E = leading_axes(view.packed, 2);
    if (!check.required(names.scales, params.scales)) return false;
    if (!check.scales(names.scales, params.scales, mode, view.scales)) return false;
    if (!check.rank(names.scales, view.scales, 2)) return false;
    if (!check.size(names.scales, view.scales, 1, exact_quotient(columns, view.group_size),
        "columns / group_size")) return false;
    if (!check.size(names.scales, view.scales, 2, rows, "rows")) return false;
    if (!check.batch(names.scales, view.scales, 2, E)) return false;
    if (!check.required_by_mode(names.biases, params.biases, mode, mode.has_bias)) return false;
    if (!check.same_dtype(names.biases, params.biases, "scales", view.scales,
        view.biases)) return false;
    if (view.biases.present) {
      if (!check.rank(names.biases, view.biases, 2)) return false;
      if (!check.size(names.biases, view.biases, 1, exact_quotient(columns, view.group_size),
          "columns / group_size")) return false;
      if (!check.size(names.biases, view.biases, 2, rows, "rows")) return false;
      if (!check.batch(names.biases, view.biases, 2, E)) return false;
    }
    view.rows = rows;
    view.columns = columns;
  }
  if (!check.allowed_by_mode(names.global_scale, params.global_scale, mode,
      mode.has_global_scale)) return false;
  if (!check.tensor(names.global_scale, params.global_scale, set_of(DType::kFloat32),
      view.global_scale)) return false;
  if (view.global_scale.present) {
    if (!check.scalar_or_each(names.global_scale, view.global_scale,
        names.per_expert ? &E : nullptr)) return false;
    if (!check.positive_scale(names.global_scale, view.global_scale)) return false;
  }
  return true;
}

}  // namespace thinbit
