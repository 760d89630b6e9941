#pragma once

// Included by the file of each instruction set; see float_rows.h.

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "cpu/levels/row_kernels.h"

namespace thinbit {
namespace {

// Four floats, which gcc and clang map to whatever the target has.
using Float4 = float __attribute__((vector_size(16)));

inline Float4 load4(const float* values) {
  Float4 loaded;
  std::memcpy(&loaded, values, sizeof loaded);
  return loaded;
}

// The sum of at most kDotBlock products, a multiple of kDotLanes: lane l adds the terms l, l + 16,
// l + 32 ..., and the lanes then add up in a tree.
inline float dot_block(const float* a, const float* b, int64_t count) {
  Float4 lanes0 = load4(a) * load4(b);
  Float4 lanes1 = load4(a + 4) * load4(b + 4);
  Float4 lanes2 = load4(a + 8) * load4(b + 8);
  Float4 lanes3 = load4(a + 12) * load4(b + 12);
  for (int64_t i = kDotLanes; i < count; i += kDotLanes) {
    lanes0 += load4(a + i) * load4(b + i);
    lanes1 += load4(a + i + 4) * load4(b + i + 4);
    lanes2 += load4(a + i + 8) * load4(b + i + 8);
    lanes3 += load4(a + i + 12) * load4(b + i + 12);
  }
  const Float4 sum = (lanes0 + lanes1) + (lanes2 + lanes3);
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

inline void dot(const float* weights, int64_t count, const float* const* x, int64_t first, int rows,
                double* sums, int64_t sums_stride) {
  for (int row = 0; row < rows; ++row) {
    const float* values = x[row] + first;
    double sum = sums[row * sums_stride];
    for (int64_t i = 0; i < count; i += kDotBlock) {
      sum += dot_block(weights + i, values + i, std::min<int64_t>(kDotBlock, count - i));
    }
    sums[row * sums_stride] = sum;
  }
}

inline void accumulate(const float* weights, int64_t count, int depth, const float* const* x,
                       int64_t first, int rows, double* sums, int64_t sums_stride) {
  constexpr int64_t kStep = 128;
  for (int row = 0; row < rows; ++row) {
    const float* values = x[row] + first;
    for (int64_t begin = 0; begin < count; begin += kStep) {
      const int64_t size = std::min(kStep, count - begin);
      float part[kStep];
      const float* __restrict top = weights + begin;
      for (int64_t n = 0; n < size; ++n) part[n] = values[0] * top[n];
      for (int j = 1; j < depth; ++j) {
        const float* __restrict next = top + j * count;
        const float value = values[j];
        for (int64_t n = 0; n < size; ++n) part[n] += value * next[n];
      }
      double* __restrict total = sums + row * sums_stride + begin;
      for (int64_t n = 0; n < size; ++n) total[n] += static_cast<double>(part[n]);
    }
  }
}

}  // namespace
}  // namespace thinbit
