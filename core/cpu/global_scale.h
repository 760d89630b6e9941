#pragma once

#include <cstdint>
#include <cstring>

#include "cpu/strided_span.h"
#include "numerics/nvfp4.h"
#include "runtime/tensor_view.h"

namespace thinbit::cpu {

// The float at flat position `index` of a tensor of global scales.
inline float global_scale_at(const TensorView& scales, int64_t index) {
  float value;
  std::memcpy(&value, element(scales, scales.offset_of(index, scales.ndim)), sizeof value);
  return value;
}

// The factors of encoding and decoding with the scale at `index`; 1 where there are none.
inline float encode_factor(const TensorView& scales, int64_t index) {
  return scales.present ? nvfp4_encode_factor(global_scale_at(scales, index)) : 1.0f;
}

inline float decode_factor(const TensorView& scales, int64_t index) {
  return scales.present ? nvfp4_decode_factor(global_scale_at(scales, index)) : 1.0f;
}

}  // namespace thinbit::cpu
