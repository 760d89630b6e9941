#pragma once

#include "numerics/e2m1.h"
#include "numerics/e4m3.h"
#include "numerics/flush.h"
#include "numerics/portability.h"

namespace thinbit {

// A group of nvfp4 whose elements and block scale are all at their largest, the magnitude that
// global_scale maps to.
THINBIT_CONSTANT float kNvfp4Max = kE4m3Max * kE2m1Max;  // 448 * 6 = 2688

// What weights are multiplied by when they are quantized: 2688 / global_scale (1 without a global
// scale).
THINBIT_FN float nvfp4_encode_factor(float global_scale) { return divide(kNvfp4Max, global_scale); }

// What weights are multiplied by when they are decoded: g = global_scale / 2688 (1 without a global
// scale), a subnormal counting as zero.
THINBIT_FN float nvfp4_decode_factor(float global_scale) {
  return flush_subnormal(divide(global_scale, kNvfp4Max));
}

// The byte of the block scale, e4m3((amax / 6) * enc); amax is the largest magnitude of the group,
// flushed.
THINBIT_FN uint32_t nvfp4_scale(float amax, float encode_factor) {
  return e4m3_encode(multiply(flush_subnormal(divide(amax, kE2m1Max)), encode_factor));
}

// The code of (w / d) * enc, d the value of the block scale's byte, w flushed; d = 0 gives code 0.
THINBIT_FN uint32_t nvfp4_code(float w, float d, float encode_factor) {
  const uint32_t code = e2m1_encode(multiply(flush_subnormal(divide(w, d)), encode_factor));
  return d == 0.0f ? 0u : code;
}

// element * (d * g), each product rounded once. Subnormal products count as zero.
THINBIT_FN float nvfp4_dequantize(uint32_t code, float d, float decode_factor) {
  const float scale = flush_subnormal(multiply(d, decode_factor));
  return flush_subnormal(multiply(e2m1_decode(code), scale));
}

}  // namespace thinbit
