// Sums of parts of K to results: the second phase of products that share K among blocks, in an
// order of its own, whatever order the blocks ran in. Bound by memory; an element a thread.

#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"
#include "cuda/kernels/product_rows.h"

namespace thinbit {

THINBIT_KERNEL(kConversionThreads, combine, ProductParameters) {
  const uint64_t index = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  const uint64_t elements = static_cast<uint64_t>(parameters.rows) * parameters.N;
  if (index >= elements) return;
  float sum = parameters.partial[index];
  for (uint32_t split = 1; split < parameters.splits; ++split) {
    sum += parameters.partial[split * elements + index];
  }
  const RowPlace row = place_of(parameters, static_cast<uint32_t>(index / parameters.N));
  store_result(parameters, row, static_cast<uint32_t>(index % parameters.N), sum);
}

}  // namespace thinbit
