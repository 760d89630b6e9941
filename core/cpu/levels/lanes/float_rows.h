#pragma once

// Included by the file of each instruction set; see scales.h.
//
// float16 and bfloat16 elements side by side to floats and back, with the bits of numerics/half.h.
// What is strided, and what is left below a vector, goes through the generic loops.

#include "cpu/levels/generic/float_rows.h"

namespace thinbit {
namespace {

inline void load_lanes_of(const std::byte* data, DType dtype, int64_t stride, int64_t count,
                          float* values) {
  if (stride != 1 || dtype == DType::kFloat32) return load(data, dtype, stride, count, values);
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const std::byte* from = data + 2 * i;
    store_lanes(values + i, dtype == DType::kFloat16 ? float16s(from) : bfloat16s(from));
  }
  load(data + 2 * i, dtype, 1, count - i, values + i);
}

// The bits of floats rounded to bfloat16, in the low 16 bits of each lane.
THINBIT_INLINE Ints to_bfloat16(Lanes v) {
  const Ints bits = lane_bits(v);
  const Ints upper = shift_right<16>(bits);
  const Ints half = add(both(upper, ints_of(1)), ints_of(0x7FFF));
  const Ints rounded = shift_right<16>(add(bits, half));
  const Ints is_nan_above = ints_of(0x7F800000);
  return select_less(is_nan_above, both(bits, ints_of(0x7FFFFFFF)), either(upper, ints_of(0x0040)),
                     rounded);
}

THINBIT_INLINE Lanes round_to_bfloat16(Lanes v) {
  return floats_of_bits(shift_left<16>(to_bfloat16(v)));
}

THINBIT_INLINE void store_halves(Lanes v, DType dtype, std::byte* to) {
  if (dtype == DType::kFloat16) return store_float16s(v, to);
  store_words(to_bfloat16(v), to);
}

inline void store_lanes_of(const float* values, int64_t count, DType dtype, int64_t stride,
                           std::byte* data) {
  if (stride != 1 || dtype == DType::kFloat32) return store(values, count, dtype, stride, data);
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    store_halves(load_lanes(values + i), dtype, data + 2 * i);
  }
  store(values + i, count - i, dtype, 1, data + 2 * i);
}

}  // namespace
}  // namespace thinbit
