#pragma once

// Sums over groups. Those that have to meet float32's bound keep what rounding takes from them:
// the errors of thousands of terms of one sign would add up beyond it.

#include "cuda/kernels/machine.h"

namespace thinbit {

// The sum so far of scaled parts.
template <bool exact>
class Total;

template <>
class Total<false> {
 public:
  THINBIT_DEVICE void join(float scale, float part) { sum_ = fused(scale, part, sum_); }
  THINBIT_DEVICE void settle() {}
  THINBIT_DEVICE float value() const { return sum_; }

 private:
  float sum_ = 0.0f;
};

// A few parts are added as they are; settle() brings them to a compensated sum (Kahan).
template <>
class Total<true> {
 public:
  THINBIT_DEVICE void join(float scale, float part) { recent_ = fused(scale, part, recent_); }

  THINBIT_DEVICE void settle() {
    const float wanted = subtract(recent_, excess_);
    const float rounded = add(sum_, wanted);
    // Nothing is taken from infinity, and what is added to it later changes nothing.
    excess_ = is_finite(rounded) ? subtract(subtract(rounded, sum_), wanted) : 0.0f;
    sum_ = rounded;
    recent_ = 0.0f;
  }

  THINBIT_DEVICE float value() const { return sum_; }

 private:
  float recent_ = 0.0f;
  float sum_ = 0.0f;
  float excess_ = 0.0f;
};

}  // namespace thinbit
