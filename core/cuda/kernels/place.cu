// Which rows of a batch meet which matrix of w: for products of several matrices, gathered or not.
//
// One block: positions are counted by the matrix that they meet, the counts summed, and each
// position put into its matrix' run. Bound by latency, as it reads each index twice and makes two
// atomic operations for each position; the products read what it makes, so that the host need not
// know the indices. Positions of one matrix come in any order, which no result depends on.

#include "cuda/kernels/faults.h"
#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"

namespace thinbit {
namespace {

THINBIT_DEVICE int64_t mapped(const FlatMap& map, int64_t flat) {
  int64_t sum = 0;
#pragma unroll 1
  for (int axis = map.axes - 1; axis >= 0; --axis) {
    sum += flat % map.shape[axis] * map.steps[axis];
    flat /= map.shape[axis];
  }
  return sum;
}

THINBIT_DEVICE int64_t load_index(const Selection& selection, int64_t element) {
  if (selection.index_bytes == 8) {
    return load_read_only(reinterpret_cast<const int64_t*>(selection.indices) + element);
  }
  const uint32_t bits =
      load_read_only(reinterpret_cast<const uint32_t*>(selection.indices) + element);
  return selection.is_signed != 0 ? static_cast<int32_t>(bits) : static_cast<int64_t>(bits);
}

// The matrix of a position, the first where the index is out of range.
THINBIT_DEVICE uint32_t matrix_of(const Selection& selection, uint32_t position) {
  if (selection.matrices == 0) return 0;
  const int64_t element = mapped(selection.offsets, position);
  int64_t index = element;
  if (selection.indices != nullptr) index = load_index(selection, element);
  if (index < 0 || index >= selection.matrices) index = 0;
  return static_cast<uint32_t>(mapped(selection.kept, index));
}

// Reports an index that is out of range, or lower than the one before it in its tensor where they
// ascend by promise.
THINBIT_DEVICE void check(const PlaceParameters& parameters, const Selection& selection,
                          uint32_t position, FaultKind range, FaultKind order) {
  if (selection.indices == nullptr) return;
  const int64_t element = mapped(selection.offsets, position);
  const int64_t index = load_index(selection, element);
  if (index < 0 || index >= selection.matrices) {
    report(parameters.fault, range, static_cast<uint64_t>(element));
  } else if (parameters.sorted != 0 && element > 0 && load_index(selection, element - 1) > index) {
    report(parameters.fault, order, static_cast<uint64_t>(element));
  }
}

// Sums of a value over the threads before this one, and over all of them.
struct Scan {
  uint32_t before;
  uint32_t all;
};

THINBIT_DEVICE Scan scan(uint32_t (&memory)[kPlaceThreads], uint32_t value) {
  memory[thread_index()] = value;
  block_barrier();
  for (uint32_t step = 1; step < kPlaceThreads; step *= 2) {
    const uint32_t other = thread_index() >= step ? memory[thread_index() - step] : 0;
    block_barrier();
    memory[thread_index()] += other;
    block_barrier();
  }
  const Scan result = {memory[thread_index()] - value, memory[kPlaceThreads - 1]};
  block_barrier();
  return result;
}

struct ScanMemory {
  uint32_t values[kPlaceThreads];
};

}  // namespace

THINBIT_KERNEL(kPlaceThreads, place, PlaceParameters) {
  THINBIT_BLOCK_MEMORY(ScanMemory, memory);
  const uint32_t self = thread_index();
  for (uint32_t w = self; w < parameters.matrices; w += kPlaceThreads) parameters.firsts[w] = 0;
  block_barrier();
#pragma unroll 1
  for (uint32_t i = self; i < parameters.positions; i += kPlaceThreads) {
    check(parameters, parameters.x, i, FaultKind::kLeftRange, FaultKind::kLeftOrder);
    check(parameters, parameters.w, i, FaultKind::kRightRange, FaultKind::kRightOrder);
    atomic_add(parameters.firsts + matrix_of(parameters.w, i), 1u);
  }
  block_barrier();

  uint32_t placed = 0;
  uint32_t segments = 0;
#pragma unroll 1
  for (uint32_t from = 0; from < parameters.matrices; from += kPlaceThreads) {
    const uint32_t w = from + self;
    const uint32_t count = w < parameters.matrices ? parameters.firsts[w] : 0;
    const uint32_t rows = count * parameters.M;
    const uint32_t own_segments = (rows + parameters.segment_rows - 1) / parameters.segment_rows;
    const Scan positions_before = scan(memory.values, count);
    const Scan segments_before = scan(memory.values, own_segments);
    const uint32_t first = placed + positions_before.before;
#pragma unroll 1
    for (uint32_t i = 0; i < own_segments; ++i) {
      const uint32_t done = i * parameters.segment_rows;
      const uint32_t left = rows - done;
      const uint32_t most = parameters.segment_rows;
      parameters.segments[segments + segments_before.before + i] = {first * parameters.M + done,
                                                                    left < most ? left : most, w};
    }
    if (w < parameters.matrices) parameters.firsts[w] = first;
    placed += positions_before.all;
    segments += segments_before.all;
  }
  if (self == 0) *parameters.segment_count = segments;
  block_barrier();

#pragma unroll 1
  for (uint32_t i = self; i < parameters.positions; i += kPlaceThreads) {
    const uint32_t w = matrix_of(parameters.w, i);
    const uint32_t at = atomic_add(parameters.firsts + w, 1u);
    parameters.places[at] = {matrix_of(parameters.x, i), w,
                             static_cast<uint32_t>(mapped(parameters.c, i)), i};
  }
}

}  // namespace thinbit
