#pragma once

// Values that break a rule: kernels stay in bounds, and report the first of them.

#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"
#include "numerics/nvfp4.h"

namespace thinbit {

THINBIT_DEVICE void report(const FaultReport& fault, FaultKind kind, uint64_t index) {
  atomic_min(fault.word, fault_word(fault.order, fault.call, kind, index));
}

// A global scale is positive and finite, and so is 2688 divided by it.
THINBIT_DEVICE bool is_global_scale(float value) {
  return value > 0.0f && is_finite(value) && is_finite(nvfp4_encode_factor(value));
}

}  // namespace thinbit
