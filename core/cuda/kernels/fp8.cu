// Floats to E4M3FN bytes and back, an element a thread. Bound by memory.

#include "cuda/kernels/float_memory.h"
#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"
#include "numerics/e4m3.h"

namespace thinbit {

THINBIT_KERNEL(kConversionThreads, to_fp8, Fp8Parameters) {
  const uint64_t index = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  if (index >= parameters.elements) return;
  parameters.out[index] =
      static_cast<uint8_t>(e4m3_encode(load_float(parameters.x, index, parameters.format)));
}

THINBIT_KERNEL(kConversionThreads, from_fp8, Fp8Parameters) {
  const uint64_t index = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  if (index >= parameters.elements) return;
  store_float(parameters.out, index, e4m3_decode(load_read_only(parameters.x + index)),
              parameters.format);
}

}  // namespace thinbit
