#pragma once

#include <cstdint>

#include "thinbit/thinbit.h"

namespace thinbit {

// What a kernel found wrong while it worked; the dispatcher words it and adds the op's name.
struct Fault {
  enum class Kind : uint8_t { kNone, kNonFinite, kScaleOverflow, kOutOfMemory };

  Kind kind = Kind::kNone;
  int64_t index = -1;  // flat (row-major) index of the first offending element of the operand

  static Fault none() { return {}; }
  static Fault non_finite(int64_t index) { return {Kind::kNonFinite, index}; }
  static Fault scale_overflow(int64_t index) { return {Kind::kScaleOverflow, index}; }
  static Fault out_of_memory() { return {Kind::kOutOfMemory, -1}; }

  explicit operator bool() const { return kind != Kind::kNone; }
};

}  // namespace thinbit
