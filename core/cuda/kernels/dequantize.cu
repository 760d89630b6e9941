// Codes to the floats that they stand for, rounded as the contract says.
//
// Bound by memory: bits / 8 bytes are read and 4 (2 of 16-bit floats) written for each weight. A
// thread decodes eight elements, which lie in one group, and writes 16 or 32 bytes.
//
// THINBIT_MODE and THINBIT_BITS say what a module is compiled for.

#include "cuda/kernels/codes.h"
#include "cuda/kernels/faults.h"
#include "cuda/kernels/float_memory.h"
#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"
#include "numerics/affine.h"
#include "numerics/mx.h"
#include "numerics/nvfp4.h"

namespace thinbit {

THINBIT_KERNEL(kConversionThreads, dequantize, DequantizeParameters) {
  constexpr CodeMode kMode = static_cast<CodeMode>(THINBIT_MODE);
  constexpr int kBits = THINBIT_BITS;
  const uint64_t chunk = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  if (chunk >= parameters.chunks) return;
  const uint64_t group = chunk / (parameters.group_size / kChunk);
  const uint64_t packed = load_codes<kBits>(parameters.codes, chunk * kBits);
  float values[8];
  if constexpr (kMode == CodeMode::kAffine) {
    const FloatFormat format = parameters.scale_format;
    const float scale = load_float(parameters.scales, group, format);
    const float bias = load_float(parameters.biases, group, format);
    for (int i = 0; i < 8; ++i) {
      values[i] = affine_dequantize(code_at<kBits>(packed, i), scale, bias, format);
    }
  } else if constexpr (kMode == CodeMode::kNvfp4) {
    float factor = 1.0f;
    if (parameters.global_scales != nullptr) {
      const uint64_t matrix = chunk / parameters.chunks_per_matrix;
      const float global = load_read_only(
          parameters.global_scales + static_cast<int64_t>(matrix) * parameters.global_scale_stride);
      factor = nvfp4_decode_factor(global);
      if (chunk % parameters.chunks_per_matrix == 0 && !is_global_scale(global)) {
        report(parameters.fault, FaultKind::kWeightScale, parameters.global_scale_stride * matrix);
      }
    }
    const float scale = e4m3_decode(load_read_only(parameters.scales + group));
    for (int i = 0; i < 8; ++i) {
      values[i] = nvfp4_dequantize(code_at<kBits>(packed, i), scale, factor);
    }
  } else {
    const uint32_t byte = load_read_only(parameters.scales + group);
    for (int i = 0; i < 8; ++i) {
      values[i] = mx_dequantize(element_of<kMode>(code_at<kBits>(packed, i)), byte);
    }
  }
  store_eight(parameters.out, chunk * kChunk, parameters.output_format, values);
}

}  // namespace thinbit
