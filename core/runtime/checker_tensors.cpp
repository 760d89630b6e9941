#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "runtime/checker.h"
#include "runtime/checks_text.h"
#include "runtime/context.h"

namespace thinbit {
namespace {

// No axis and no tensor is larger, so that products with bits and group sizes stay inside 64 bits.
constexpr int64_t kMostElements = int64_t{1} << 48;

// No element lies farther from the first along one axis, counted in elements.
constexpr int64_t kFarthest = int64_t{1} << 56;

// The product of the sizes that are not 0, or -1 beyond kMostElements.
int64_t bounded_elements(const int64_t* shape, int ndim) {
  int64_t count = 1;
  for (int axis = 0; axis < ndim; ++axis) {
    if (shape[axis] > kMostElements) return -1;
    if (shape[axis] == 0) continue;
    constexpr int64_t kSmall = int64_t{1} << 24;
    if (count <= kSmall && shape[axis] <= kSmall) {  // most are, and division takes its time
      count *= shape[axis];
      continue;
    }
    if (count > kMostElements / shape[axis]) return -1;
    count *= shape[axis];
  }
  return count;
}

const DTypeInfo* find_dtype(const thinbit_dlpack_type& dtype) {
  for (const DTypeInfo& row : kDTypes) {
    if (row.dlpack_code == dtype.code && row.bits == dtype.bits) return &row;
  }
  return nullptr;
}

// Whether the last element along an axis lies farther than kFarthest.
bool too_far(int64_t stride, int64_t size) {
  constexpr int64_t kSmall = int64_t{1} << 28;
  if (size <= kSmall && stride <= kSmall && stride >= -kSmall) return false;
  return stride > kFarthest / size || stride < -kFarthest / size;
}

// The bytes from the lowest to one past the highest address that a view, which is not empty,
// touches.
struct Extent {
  uintptr_t begin;
  uintptr_t end;
};

Extent extent_of(const TensorView& view) {
  const auto start = reinterpret_cast<uintptr_t>(view.data);
  int64_t low = 0;
  int64_t high = 0;
  for (int axis = 0; axis < view.ndim; ++axis) {
    const int64_t reach = (view.shape[axis] - 1) * view.strides[axis];
    (reach < 0 ? low : high) += reach;
  }
  const int64_t bytes = dtype_bytes(view.dtype);
  return {start + static_cast<uintptr_t>(low * bytes),
          start + static_cast<uintptr_t>((high + 1) * bytes)};
}

// The bytes that a view touches in every period of `period` bytes: where they begin, as an address
// modulo `period`, and how many there are at most. Steps of whole periods do not count.
struct Window {
  uint64_t begin;
  uint64_t bytes;
};

Window window_of(const TensorView& view, int64_t period) {
  const int64_t element = dtype_bytes(view.dtype);
  int64_t low = 0;
  int64_t high = element;
  for (int axis = 0; axis < view.ndim; ++axis) {
    const int64_t step = view.strides[axis] * element;
    if (step % period == 0) continue;
    const int64_t reach = (view.shape[axis] - 1) * step;
    (reach < 0 ? low : high) += reach;
  }
  const auto address = reinterpret_cast<uintptr_t>(view.data);
  const auto modulus = static_cast<uint64_t>(period);
  return {(address + static_cast<uint64_t>(low)) % modulus, static_cast<uint64_t>(high - low)};
}

// Whether two views take turns in memory, as the columns of two parts of one matrix do: in periods
// of the stride of some axis, their windows are apart.
bool take_turns(const TensorView& a, const TensorView& b) {
  for (const TensorView* view : {&a, &b}) {
    for (int axis = 0; axis < view->ndim; ++axis) {
      const int64_t period = std::abs(view->strides[axis]) * dtype_bytes(view->dtype);
      if (period == 0) continue;
      const Window of_a = window_of(a, period);
      const Window of_b = window_of(b, period);
      const auto modulus = static_cast<uint64_t>(period);
      const uint64_t distance = (of_b.begin + modulus - of_a.begin) % modulus;
      if (distance >= of_a.bytes && distance + of_b.bytes <= modulus) return true;
    }
  }
  return false;
}

// Whether two positions of a view can be the same element: axes by stride, each has to step over
// all before it.
bool overlaps_itself(const TensorView& view) {
  const auto step = [&](int axis) { return std::abs(view.strides[axis]); };
  int order[kMaxRank];
  int count = 0;
  for (int axis = 0; axis < view.ndim; ++axis) {
    if (view.shape[axis] <= 1) continue;
    int place = count++;
    for (; place > 0 && step(order[place - 1]) > step(axis); --place)
      order[place] = order[place - 1];
    order[place] = axis;
  }
  int64_t reach = 0;
  for (int i = 0; i < count; ++i) {
    if (step(order[i]) <= reach) return true;
    reach += (view.shape[order[i]] - 1) * step(order[i]);
  }
  return false;
}

}  // namespace

bool Checker::layout(const char* argument, const thinbit_tensor& given, TensorView& view) {
  if (given.ndim < 0 || given.ndim > kMaxRank) {
    return fail(argument, "layout",
                std::string(argument) + " has ndim " + std::to_string(given.ndim) +
                    ", and must have 0 to " + std::to_string(kMaxRank) + " axes");
  }
  if (given.ndim > 0 && given.shape == nullptr) {
    return fail(argument, "layout", std::string(argument) + " has axes, and its shape is NULL");
  }
  if (given.dtype.lanes != 1) {
    return fail(argument, "layout",
                std::string(argument) + " has " + std::to_string(given.dtype.lanes) +
                    " lanes, and must have 1");
  }
  view.ndim = given.ndim;
  std::copy_n(given.shape, given.ndim, view.shape);
  if (std::any_of(view.shape, view.shape + view.ndim, [](int64_t size) { return size < 0; })) {
    return fail(argument, "layout",
                std::string(argument) + " has the shape " + shape_text(view.shape, view.ndim) +
                    ", and no size may be negative");
  }
  if (bounded_elements(view.shape, view.ndim) < 0) {
    return fail(argument, "layout",
                std::string(argument) + " has the shape " + shape_text(view.shape, view.ndim) +
                    ", which is more than 2^48 elements");
  }
  int64_t stride = 1;
  for (int axis = view.ndim - 1; axis >= 0; --axis) {
    view.strides[axis] = given.strides != nullptr ? given.strides[axis] : stride;
    stride *= std::max<int64_t>(view.shape[axis], 1);
  }
  const bool empty = view.elements() == 0;
  for (int axis = 0; axis < view.ndim; ++axis) {
    if (view.shape[axis] <= 1 || empty) {
      view.strides[axis] = 0;  // never stepped over; a caller may have put anything there
    } else if (too_far(view.strides[axis], view.shape[axis])) {
      return fail(argument, "layout",
                  std::string(argument) + " has the stride " + std::to_string(view.strides[axis]) +
                      ", which leaves the address space");
    }
  }
  if (given.data == nullptr && !empty) {
    return fail(argument, "layout", std::string(argument) + " has elements, and its data is NULL");
  }
  return true;
}

bool Checker::on_device(const char* argument, const thinbit_tensor& given) {
  if (context_ == nullptr) return true;
  for (const BackendInfo& row : kBackendDevices) {
    if (row.backend != context_->backend_id()) continue;
    if (row.memory_device == given.device.device_type &&
        given.device.device_id == context_->device_id()) {
      return true;
    }
    return fail(argument, "device",
                std::string(argument) + " lies on DLPack device (" +
                    std::to_string(given.device.device_type) + ", " +
                    std::to_string(given.device.device_id) + "), and the context is on " +
                    row.name + ", which takes (" + std::to_string(row.memory_device) + ", " +
                    std::to_string(context_->device_id()) + ")");
  }
  return true;
}

bool Checker::tensor(const char* argument, const thinbit_tensor* given, DTypeSet allowed,
                     TensorView& view) {
  if (given == nullptr) return true;
  if (!layout(argument, *given, view) || !on_device(argument, *given)) return false;
  const DTypeInfo* info = find_dtype(given->dtype);
  if (info == nullptr || (set_of(info->dtype) & allowed) == 0) {
    return fail(argument, "dtype",
                std::string(argument) + " is " + dlpack_name(given->dtype) + ", and must be " +
                    dtype_names(allowed));
  }
  view.dtype = info->dtype;
  view.present = true;
  view.data = static_cast<std::byte*>(given->data);
  if (view.data != nullptr) view.data += given->byte_offset;
  const auto address = reinterpret_cast<uintptr_t>(view.data);
  const auto low_bits = static_cast<uintptr_t>(dtype_bytes(view.dtype)) - 1;  // of a power of 2
  if ((address & low_bits) != 0 && view.elements() > 0) {
    return fail(argument, "layout",
                std::string(argument) + " starts at an address that its " +
                    std::to_string(dtype_bytes(view.dtype)) + "-byte elements do not divide");
  }
  return true;
}

bool Checker::scales(const char* argument, const thinbit_tensor* given, const ModeInfo& mode,
                     TensorView& view) {
  if (given == nullptr) return true;
  const DTypeInfo* info = find_dtype(given->dtype);
  if (info != nullptr && (set_of(info->dtype) & mode.scale_dtypes) == 0) {
    ModeSet owners = 0;
    for (const ModeInfo& other : kModes) {
      if ((set_of(info->dtype) & other.scale_dtypes) != 0) owners |= set_of(other.mode);
    }
    if (owners != 0) {
      return fail(argument, "dtype",
                  std::string(argument) + " is " + info->name + ", and must be " +
                      dtype_names(mode.scale_dtypes) + " in mode " + mode.name +
                      "; these scales belong to " + mode_names(owners));
    }
  }
  return tensor(argument, given, mode.scale_dtypes, view);
}

bool Checker::same_dtype(const char* argument, const thinbit_tensor* given, const char* other,
                         const TensorView& like, TensorView& view) {
  if (given == nullptr) return true;
  const DTypeInfo* info = find_dtype(given->dtype);
  if (info == nullptr || info->dtype != like.dtype) {
    return fail(argument, "dtype",
                std::string(argument) + " is " + dlpack_name(given->dtype) +
                    ", and must have the dtype of " + other + ", " + dtype_name(like.dtype));
  }
  return tensor(argument, given, set_of(like.dtype), view);
}

bool Checker::output(thinbit_tensor_info& info, const char* argument, DType dtype,
                     const Axes& batch, std::initializer_list<OutputAxis> axes) {
  info.dtype = static_cast<thinbit_dtype>(dtype);
  info.ndim = 0;
  for (int axis = 0; axis < batch.ndim; ++axis) info.shape[info.ndim++] = batch.shape[axis];
  for (const OutputAxis& axis : axes) {
    if (!axis.present) continue;
    if (info.ndim == kMaxRank) {
      return fail(
          argument, "rank",
          std::string(argument) + " would have more than " + std::to_string(kMaxRank) + " axes");
    }
    info.shape[info.ndim++] = axis.size;
  }
  if (bounded_elements(info.shape, info.ndim) >= 0) return true;
  return fail(argument, "shape",
              std::string(argument) + " would have the shape " + shape_text(info.shape, info.ndim) +
                  ", which is more than 2^48 elements");
}

bool Checker::bind(const char* argument, const thinbit_tensor* given,
                   const thinbit_tensor_info& info, TensorView& view) {
  if (info.dtype == 0) return true;
  if (!required(argument, given)) return false;
  if (!tensor(argument, given, set_of(static_cast<DType>(info.dtype)), view)) return false;
  if (view.ndim != info.ndim || !std::equal(view.shape, view.shape + view.ndim, info.shape)) {
    return fail(argument, "shape",
                std::string(argument) + " has the shape " + shape_text(view.shape, view.ndim) +
                    ", and must have " + shape_text(info.shape, info.ndim));
  }
  return true;
}

bool Checker::separate(const char* argument, const TensorView& view,
                       std::initializer_list<NamedView> others) {
  if (!view.present || view.elements() == 0) return true;
  if (overlaps_itself(view)) {
    return fail(argument, "overlap",
                std::string(argument) + " has strides with which elements share memory");
  }
  const Extent own = extent_of(view);
  for (const NamedView& other : others) {
    if (!other.view->present || other.view->elements() == 0) continue;
    const Extent its = extent_of(*other.view);
    const bool meet = own.begin < its.end && its.begin < own.end;
    if (meet && !take_turns(view, *other.view)) {
      return fail(argument, "overlap", std::string(argument) + " shares memory with " + other.name);
    }
  }
  return true;
}

}  // namespace thinbit
