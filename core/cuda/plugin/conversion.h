#pragma once

#include <cstdint>

#include "cuda/plugin/work.h"
#include "runtime/tensor_view.h"

namespace thinbit::cuda {

// How groups are encoded.
struct GroupFormat {
  Mode mode;
  int32_t bits;
  int32_t group_size;
};

// What the float w becomes, in row-major order.
struct QuantizedMemory {
  uint8_t* codes;
  uint8_t* scales;
  uint8_t* biases;
};

FloatFormat float_format(DType dtype);

// The factors of matrices come from their global scales: `view` is absent, one element, or of the
// matrices' axes.
struct GlobalScales {
  const float* data = nullptr;  // null: none
  int64_t stride = 0;           // elements from matrix to matrix
};
GlobalScales global_scales_of(Work& work, const TensorView& view);

// Launches the quantization of `w`, of so many matrices.
void quantize(Work& work, const FaultReport& fault, const GroupFormat& format, const TensorView& w,
              const GlobalScales& scales, int64_t matrices, const QuantizedMemory& to);

// Launches the rounding of x to what its quantized elements stand for, without the global scale;
// bf16, in row-major order.
const uint8_t* quantized_values(Work& work, const FaultReport& fault, const GroupFormat& format,
                                const TensorView& x, const GlobalScales& scale);

}  // namespace thinbit::cuda
