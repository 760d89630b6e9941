#pragma once

#include <algorithm>
#include <cstdint>

#include "cpu/levels/row_kernels.h"
#include "runtime/context.h"

namespace thinbit::cpu {

// Calls body(row, first column, columns) for every chunk of at most kChunk columns of `rows` rows,
// in parallel.
template <class Body>
void for_each_chunk(Context& context, int64_t rows, int64_t columns, const Body& body) {
  if (rows <= 0 || columns <= 0) return;
  constexpr int64_t kElementsPerRange = 16 * kChunk;
  const int64_t chunks = (columns + kChunk - 1) / kChunk;
  const int64_t grain = std::max<int64_t>(1, kElementsPerRange / std::min(columns, kChunk));
  context.parallel_for(rows * chunks, grain, [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; ++item) {
      const int64_t first = item % chunks * kChunk;
      body(item / chunks, first, std::min(kChunk, columns - first));
    }
  });
}

}  // namespace thinbit::cpu
