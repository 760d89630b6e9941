#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "runtime/fault.h"

namespace thinbit::cpu {

// Of the faults that threads find, the one of the lowest index, whatever the order they come in.
class FirstFault {
 public:
  // `base` is added to the fault's index.
  void record(const Fault& fault, int64_t base) {
    if (!fault) return;
    const int64_t key = (base + fault.index) * 2 + (fault.kind == Fault::Kind::kScaleOverflow);
    int64_t lowest = lowest_.load(std::memory_order_relaxed);
    while (key < lowest && !lowest_.compare_exchange_weak(lowest, key, std::memory_order_relaxed)) {
    }
  }

  Fault get() const {
    const int64_t key = lowest_.load(std::memory_order_relaxed);
    if (key == kNothing) return Fault::none();
    return key % 2 != 0 ? Fault::scale_overflow(key / 2) : Fault::non_finite(key / 2);
  }

 private:
  static constexpr int64_t kNothing = std::numeric_limits<int64_t>::max();
  std::atomic<int64_t> lowest_{kNothing};
};

}  // namespace thinbit::cpu
