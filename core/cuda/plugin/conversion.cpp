#include "cuda/plugin/conversion.h"

namespace thinbit::cuda {

FloatFormat float_format(DType dtype) {
  switch (dtype) {
    case DType::kFloat16:
      return FloatFormat::kFloat16;
    case DType::kBfloat16:
      return FloatFormat::kBfloat16;
    default:
      return FloatFormat::kFloat32;
  }
}

GlobalScales global_scales_of(Work& work, const TensorView& view) {
  if (!view.present) return {};
  bool one = true;
  for (int axis = 0; axis < view.ndim; ++axis) {
    one = one && (view.shape[axis] == 1 || view.strides[axis] == 0);
  }
  if (one) return {reinterpret_cast<const float*>(view.data), 0};
  return {reinterpret_cast<const float*>(work.input(view)), 1};
}

void quantize(Work& work, const FaultReport& fault, const GroupFormat& format, const TensorView& w,
              const GlobalScales& scales, int64_t matrices, const QuantizedMemory& to) {
  QuantizeParameters parameters = {};
  parameters.w = work.input(w);
  parameters.codes = to.codes;
  parameters.scales = to.scales;
  parameters.biases = to.biases;
  parameters.global_scales = scales.data;
  parameters.global_scale_stride = scales.stride;
  parameters.fault = fault;
  parameters.groups = static_cast<uint64_t>(w.elements() / format.group_size);
  parameters.groups_per_matrix = parameters.groups / static_cast<uint64_t>(matrices);
  parameters.group_size = static_cast<uint32_t>(format.group_size);
  parameters.format = float_format(w.dtype);
  work.launch_for(module_name("quantize", format.mode, format.bits), "quantize", parameters,
                  static_cast<uint64_t>(w.elements()) / kChunk);
}

const uint8_t* quantized_values(Work& work, const FaultReport& fault, const GroupFormat& format,
                                const TensorView& x, const GlobalScales& scale) {
  const auto elements = static_cast<uint64_t>(x.elements());
  uint8_t* const values = work.scratch(elements * sizeof(uint16_t));
  QuantizedValuesParameters parameters = {};
  parameters.x = work.input(x);
  parameters.values = reinterpret_cast<uint16_t*>(values);
  parameters.global_scale = scale.data;
  parameters.fault = fault;
  parameters.groups = elements / static_cast<uint64_t>(format.group_size);
  parameters.group_size = static_cast<uint32_t>(format.group_size);
  parameters.format = float_format(x.dtype);
  work.launch_for(module_name("quantize", format.mode, format.bits), "quantized_values", parameters,
                  elements / kChunk);
  return values;
}

}  // namespace thinbit::cuda
