#include "cuda/plugin/placement.h"

#include <algorithm>
#include <limits>

namespace thinbit::cuda {
namespace {

FlatMap map_of(const Repetition& repetition) {
  FlatMap map = {};
  map.axes = repetition.axes();
  for (int axis = 0; axis < map.axes; ++axis) {
    map.shape[axis] = repetition.size(axis);
    map.steps[axis] = repetition.step(axis);
  }
  return map;
}

int64_t matrices_of(const TensorView& view) {
  int64_t count = 1;
  for (int axis = 0; axis < view.ndim - 2; ++axis) count *= view.shape[axis];
  return count;
}

// The elements of an index tensor lie in their order, each once; one that is not present has
// implied values.
Selection selection_of(Work& work, const TensorView* indices, const TensorView& out,
                       const TensorView& operand, const Repetition& kept) {
  Selection selection = {};
  selection.matrices = matrices_of(operand);
  selection.kept = map_of(kept);
  if (indices == nullptr) {
    selection.offsets.axes = 1;
    selection.offsets.shape[0] = std::max<int64_t>(1, matrices_of(out));
    selection.offsets.steps[0] = 1;
  } else if (indices->present) {
    const Repetition own(indices->ndim, {indices});
    selection.indices = work.input(own.once(*indices));
    selection.index_bytes = static_cast<int32_t>(dtype_bytes(indices->dtype));
    selection.is_signed = indices->dtype != DType::kUint32 ? 1 : 0;
    selection.offsets = map_of(own);
  } else {
    selection.offsets.axes = indices->ndim;
    std::copy_n(indices->shape, indices->ndim, selection.offsets.shape);
    std::copy_n(indices->strides, indices->ndim, selection.offsets.steps);
  }
  return selection;
}

}  // namespace

Repetitions::Repetitions(const Product& product)
    : x(product.x.ndim - 2, {&product.x}),
      w(product.w.packed.ndim - 2,
        {&product.w.packed, &product.w.scales, &product.w.biases, &product.w.global_scale}),
      c(product.out.ndim - 2, {&product.c}) {}

uint32_t narrow(int64_t value, const char* name) {
  if (value > int64_t{std::numeric_limits<int32_t>::max()}) {
    throw DeviceError{std::string(name) + " is more than 2^31 - 1, and the kernels count to there"};
  }
  return static_cast<uint32_t>(value);
}

Placement place(Work& work, const FaultReport& fault, const Product& product,
                const Repetitions& repetitions, uint32_t segment_rows) {
  const int64_t positions = matrices_of(product.out);
  Placement placement;
  placement.rows = positions * product.M;
  narrow(placement.rows, "the number of rows");
  if (positions == 1 && product.lhs_indices == nullptr) {
    placement.most_segments = (product.M + segment_rows - 1) / segment_rows;
    return placement;
  }
  const int64_t matrices = repetitions.w.count();
  // Each matrix that is met may end with a segment that is not full.
  placement.most_segments = placement.rows / segment_rows + std::min(positions, matrices);

  PlaceParameters parameters = {};
  parameters.x = selection_of(work, product.lhs_indices, product.out, product.x, repetitions.x);
  parameters.w =
      selection_of(work, product.rhs_indices, product.out, product.w.packed, repetitions.w);
  if (product.c.present) parameters.c = map_of(repetitions.c);
  parameters.fault = fault;
  const auto scratch = [&](int64_t count, size_t bytes) {
    return work.scratch(static_cast<size_t>(count) * bytes);
  };
  parameters.places = reinterpret_cast<Place*>(scratch(positions, sizeof(Place)));
  parameters.segments =
      reinterpret_cast<Segment*>(scratch(placement.most_segments, sizeof(Segment)));
  parameters.segment_count = reinterpret_cast<uint32_t*>(scratch(1, sizeof(uint32_t)));
  parameters.firsts = reinterpret_cast<uint32_t*>(scratch(matrices, sizeof(uint32_t)));
  parameters.positions = narrow(positions, "the number of matrices of the result");
  parameters.matrices = narrow(matrices, "the number of matrices of w");
  parameters.M = narrow(product.M, "M");
  parameters.segment_rows = segment_rows;
  parameters.sorted = product.sorted_indices ? 1 : 0;
  work.launch("place", "place", parameters, {}, kPlaceThreads);
  placement.places = parameters.places;
  placement.segments = parameters.segments;
  placement.segment_count = parameters.segment_count;
  return placement;
}

}  // namespace thinbit::cuda
