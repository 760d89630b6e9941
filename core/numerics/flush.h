#pragma once

#include "numerics/portability.h"

namespace thinbit {

// f32 subnormals count as zero and keep their sign, because GPUs flush them. f16 subnormals are
// ordinary f32 numbers and stay; bf16 subnormals are f32 subnormals and go.
THINBIT_FN float flush_subnormal(float value) {
  const uint32_t bits = bits_of(value);
  return float_of((bits & kInfinityBits) == 0 ? bits & kSignBit : bits);
}

}  // namespace thinbit
