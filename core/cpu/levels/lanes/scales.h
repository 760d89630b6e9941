#pragma once

// Included by the file of each instruction set, after its lanes.h, which says what a vector of
// kLanes floats is, and its blocks.h, which unpacks codes and packs them.

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "cpu/levels/row_kernels.h"
#include "numerics/e8m0.h"

namespace thinbit {
namespace {

// `count` scales or biases of 16 or 32 bits as floats. Nothing is read beyond them; floats are
// written to a multiple of kLanes.
inline void load_scales(const std::byte* from, DType dtype, int count, float* to) {
  const auto load = [&](const std::byte* at, float* floats) __attribute__((always_inline)) {
    if (dtype == DType::kFloat32) {
      store_lanes(floats, load_lanes(reinterpret_cast<const float*>(at)));
    } else if (dtype == DType::kFloat16) {
      store_lanes(floats, float16s(at));
    } else {
      store_lanes(floats, bfloat16s(at));
    }
  };
  const int64_t bytes = dtype_bytes(dtype);
  int i = 0;
  for (; i + kLanes <= count; i += kLanes) load(from + i * bytes, to + i);
  if (i == count) return;
  alignas(4) std::byte rest[kLanes * sizeof(float)] = {};
  std::memcpy(rest, from + i * bytes, static_cast<size_t>((count - i) * bytes));
  load(rest, to + i);
}

// The same of E8M0 bytes, times `factor`.
inline void load_e8m0(const std::byte* from, int count, float factor, float* to) {
  for (int i = 0; i < count; ++i) {
    to[i] = e8m0_decode(std::to_integer<uint32_t>(from[i])) * factor;
  }
}

// The same of E4M3 bytes; floats are written to a multiple of 2 * kLanes.
inline void load_e4m3(const std::byte* from, int count, float factor, float* to) {
  const auto load = [&](const std::byte* at, float* floats) __attribute__((always_inline)) {
    Lanes low;
    Lanes high;
    e4m3_pair(at, low, high);
    const Lanes factors = broadcast(&factor);
    store_lanes(floats, multiply(low, factors));
    store_lanes(floats + kLanes, multiply(high, factors));
  };
  int i = 0;
  for (; i + 2 * kLanes <= count; i += 2 * kLanes) load(from + i, to + i);
  if (i == count) return;
  std::byte rest[2 * kLanes] = {};
  std::memcpy(rest, from + i, static_cast<size_t>(count - i));
  load(rest, to + i);
}

}  // namespace
}  // namespace thinbit
