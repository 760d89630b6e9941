#include <algorithm>
#include <cmath>

#include "runtime/checker.h"
#include "runtime/checks_text.h"

namespace thinbit {

bool Checker::rank(const char* argument, const TensorView& view, int least) {
  if (view.ndim >= least) return true;
  return fail(argument, "rank",
              std::string(argument) + " has the shape " + shape_text(view.shape, view.ndim) +
                  ", and must have at least " + std::to_string(least) +
                  (least == 1 ? " axis" : " axes"));
}

bool Checker::size(const char* argument, const TensorView& view, int from_end, int64_t expected,
                   const char* formula) {
  const int64_t given = axis_size(view, from_end);
  if (given == expected) return true;
  const std::string wanted =
      expected < 0 ? " for a whole number" : " = " + std::to_string(expected);
  return fail(argument, "shape",
              axis_name(argument, from_end) + " has " + std::to_string(given) +
                  " elements, and must have " + formula + wanted);
}

bool Checker::batch(const char* argument, const TensorView& view, int trailing,
                    const Axes& expected) {
  const Axes given = leading_axes(view, trailing);
  if (given.ndim == expected.ndim &&
      std::equal(given.shape, given.shape + given.ndim, expected.shape)) {
    return true;
  }
  return fail(argument, "shape",
              "the leading axes of " + std::string(argument) + " are " +
                  shape_text(given.shape, given.ndim) + ", and must be " +
                  shape_text(expected.shape, expected.ndim) + " as those of w");
}

bool Checker::whole(const char* argument, const TensorView& view, int from_end, int64_t solution,
                    const char* formula) {
  if (solution >= 0) return true;
  return fail(argument, "shape",
              axis_name(argument, from_end) + " has " + std::to_string(axis_size(view, from_end)) +
                  " elements, which is " + formula + " for no whole number of columns");
}

bool Checker::multiple(const char* argument, int64_t size, int32_t group_size,
                       const ModeInfo& mode) {
  if (size % group_size == 0) return true;
  int32_t fitting[std::size(ModeInfo{}.group_sizes.values)];
  int count = 0;
  for (int i = 0; i < mode.group_sizes.count; ++i) {
    if (size % mode.group_sizes.values[i] == 0) fitting[count++] = mode.group_sizes.values[i];
  }
  const std::string advice =
      count == 0 ? "no group size of " + std::string(mode.name) + " divides it"
                 : "of " + std::string(mode.name) + "'s group sizes " +
                       integers(fitting, count, "and") + (count == 1 ? " does" : " do");
  return fail(argument, "multiple",
              axis_name(argument, 1) + " has " + std::to_string(size) +
                  " elements, which group_size " + std::to_string(group_size) +
                  " does not divide; " + advice);
}

bool Checker::scalar(const char* argument, const TensorView& view) {
  if (view.elements() == 1) return true;
  return fail(argument, "shape",
              std::string(argument) + " has the shape " + shape_text(view.shape, view.ndim) +
                  ", and must have exactly one element");
}

bool Checker::scalar_or_each(const char* argument, const TensorView& view, const Axes* each) {
  if (each == nullptr) return scalar(argument, view);
  const bool fits =
      view.ndim == each->ndim && std::equal(view.shape, view.shape + view.ndim, each->shape);
  if (fits || view.elements() == 1) return true;
  return fail(argument, "shape",
              std::string(argument) + " has the shape " + shape_text(view.shape, view.ndim) +
                  ", and must have one element, or one for each expert: " +
                  shape_text(each->shape, each->ndim));
}

bool Checker::broadcast(const char* argument, const Axes& a, const Axes& b, Axes& result) {
  result.ndim = std::max(a.ndim, b.ndim);
  for (int i = 1; i <= result.ndim; ++i) {
    const int64_t of_a = i <= a.ndim ? a.shape[a.ndim - i] : 1;
    const int64_t of_b = i <= b.ndim ? b.shape[b.ndim - i] : 1;
    if (of_a != of_b && of_a != 1 && of_b != 1) {
      return fail(argument, "shape",
                  "the leading axes " + shape_text(a.shape, a.ndim) + " and " +
                      shape_text(b.shape, b.ndim) + " do not broadcast together");
    }
    result.shape[result.ndim - i] = of_a == 1 ? of_b : of_a;
  }
  return true;
}

bool Checker::broadcastable(const char* argument, const TensorView& view,
                            const thinbit_tensor_info& to) {
  bool fits = view.ndim <= to.ndim;
  for (int i = 1; fits && i <= view.ndim; ++i) {
    const int64_t size = view.shape[view.ndim - i];
    fits = size == 1 || size == to.shape[to.ndim - i];
  }
  if (fits) return true;
  return fail(argument, "shape",
              std::string(argument) + " has the shape " + shape_text(view.shape, view.ndim) +
                  ", which does not broadcast to the result's " + shape_text(to.shape, to.ndim));
}

bool Checker::positive_scale(const char* argument, const TensorView& view) {
  if (!reads_values()) return true;
  const int64_t count = view.elements();
  for (int64_t i = 0; i < count; ++i) {
    float value = 0;
    std::memcpy(&value, view.data + view.offset_of(i, view.ndim) * int64_t{sizeof(float)},
                sizeof(value));
    // 448 * 6, the largest E4M3 scale times the largest E2M1 element, is divided by it.
    if (value > 0 && std::isfinite(value) && std::isfinite(448.0f * 6.0f / value)) continue;
    return fail(argument, "positive",
                std::string(argument) + " is " + number_text(value) +
                    ", and must be positive and finite, and 2688 divided by it finite too");
  }
  return true;
}

namespace {

int64_t index_at(const TensorView& view, int64_t position) {
  const std::byte* at = view.data + view.offset_of(position, view.ndim) * dtype_bytes(view.dtype);
  if (view.dtype == DType::kInt64) {
    int64_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    return value;
  }
  int32_t value = 0;
  std::memcpy(&value, at, sizeof(value));
  return view.dtype == DType::kUint32 ? static_cast<int64_t>(static_cast<uint32_t>(value)) : value;
}

}  // namespace

bool Checker::indices(const char* argument, const TensorView& view, int64_t count, bool sorted) {
  if (!view.present || !reads_values()) return true;
  const int64_t elements = view.elements();
  int64_t before = 0;
  for (int64_t i = 0; i < elements; ++i) {
    const int64_t value = index_at(view, i);
    if (value < 0 || value >= count) {
      const std::string wanted = count == 0 ? "must be empty: there is no matrix to pick"
                                            : "must hold 0 to " + std::to_string(count - 1);
      return fail(argument, "range",
                  std::string(argument) + " holds " + std::to_string(value) + " at position " +
                      std::to_string(i) + ", and " + wanted);
    }
    if (sorted && value < before) {
      return fail(argument, "sorted",
                  std::string(argument) + " holds " + std::to_string(value) + " after " +
                      std::to_string(before) + " at position " + std::to_string(i) +
                      ", and sorted_indices promises that it ascends");
    }
    before = value;
  }
  return true;
}

}  // namespace thinbit
