// What products read of x besides x itself. Bound by memory: each kernel reads x once.

#include "cuda/kernels/float_memory.h"
#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"

namespace thinbit {

// Planes of bf16 whose sum is x, exactly: 3 of float32, 2 of float16, 1 of bfloat16. Each takes the
// upper half of what is left. An element a thread.
THINBIT_KERNEL(kConversionThreads, planes, PlanesParameters) {
  const uint64_t index = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  const uint64_t row = index / parameters.stride;
  const uint32_t k = static_cast<uint32_t>(index % parameters.stride);
  if (row >= parameters.rows) return;
  float left = 0.0f;
  if (k < parameters.K) left = load_float(parameters.x, row * parameters.K + k, parameters.format);
  for (int plane = 0; plane < parameters.count; ++plane) {
    uint32_t upper = bits_of(left) >> 16;
    if (left != left) upper |= 0x40u;  // stays NaN where only lower bits said so
    parameters.planes[plane * parameters.rows * parameters.stride + index] =
        static_cast<uint16_t>(upper);
    left = is_finite(left) ? subtract(left, float_of(upper << 16)) : 0.0f;
  }
}

// x with the elements that a lane has beside its run of codes where a fragment of 16 wants them: in
// pairs, a lane's at t and t + 4 of eight. A pair a thread; it reads where it writes side by side.
THINBIT_KERNEL(kConversionThreads, permute, PermuteParameters) {
  const uint64_t index = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  if (index >= parameters.pairs) return;
  const uint32_t unit = 2 * parameters.run;  // pairs of four lanes' runs
  const uint32_t at = static_cast<uint32_t>(index % unit);
  const uint32_t fragment = at / 8;
  const uint32_t lane = at % 4;
  const uint32_t from = lane * (parameters.run / 2) + fragment * 2 + at % 8 / 4;
  parameters.to[index] = parameters.x[index - at + from];
}

// The sum of each group of a row of x, in float32. Eight elements a thread.
THINBIT_KERNEL(kConversionThreads, group_sums, GroupSumsParameters) {
  const uint64_t chunk = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  const uint32_t threads = parameters.group_size / kChunk;
  const uint64_t group = chunk / threads;
  const bool inside = group < parameters.rows * parameters.groups;
  float values[8] = {};
  if (inside) load_eight(parameters.x, chunk * kChunk, parameters.format, values);
  float sum = ((values[0] + values[1]) + (values[2] + values[3])) +
              ((values[4] + values[5]) + (values[6] + values[7]));
  for (uint32_t step = 1; step < threads; step *= 2) sum += shuffle_xor(sum, step);
  if (inside && chunk % threads == 0) {
    parameters.sums[group % parameters.groups * parameters.rows + group / parameters.groups] = sum;
  }
}

}  // namespace thinbit
