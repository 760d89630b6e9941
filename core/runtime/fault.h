#pragma once

#include <cstdint>

#include "thinbit/thinbit.h"

namespace thinbit {

// What a kernel found wrong while it worked; the dispatcher words it and adds the op's name.
struct Fault {
  enum class Kind : uint8_t {
    kNone,
    kNonFinite,
    kScaleOverflow,
    kScaleValue,
    kIndexRange,
    kIndexOrder,
    kOutOfMemory,
    kDevice
  };

  Kind kind = Kind::kNone;
  int64_t index = -1;  // flat (row-major) index of the first offending element of the operand
  const char* text = nullptr;  // what the device said; the context keeps it

  static Fault none() { return {}; }
  static Fault non_finite(int64_t index) { return {Kind::kNonFinite, index, nullptr}; }
  static Fault scale_overflow(int64_t index) { return {Kind::kScaleOverflow, index, nullptr}; }
  static Fault scale_value(int64_t index) { return {Kind::kScaleValue, index, nullptr}; }
  static Fault index_range(int64_t index) { return {Kind::kIndexRange, index, nullptr}; }
  static Fault index_order(int64_t index) { return {Kind::kIndexOrder, index, nullptr}; }
  static Fault out_of_memory() { return {Kind::kOutOfMemory, -1, nullptr}; }
  static Fault device(const char* text) { return {Kind::kDevice, -1, text}; }

  explicit operator bool() const { return kind != Kind::kNone; }
};

}  // namespace thinbit
