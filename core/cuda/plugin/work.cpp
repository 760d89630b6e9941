#include "cuda/plugin/work.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace thinbit::cuda {
namespace {

constexpr uintptr_t kAlignment = 16;
constexpr int64_t kMostBlocksX = std::numeric_limits<int32_t>::max();
constexpr int64_t kMostBlocksYZ = 65535;

size_t bytes_of(const TensorView& view) {
  return static_cast<size_t>(view.elements() * dtype_bytes(view.dtype));
}

void row_major_strides(const TensorView& view, int64_t* strides) {
  int64_t stride = 1;
  for (int axis = view.ndim - 1; axis >= 0; --axis) {
    strides[axis] = stride;
    stride *= view.shape[axis];
  }
}

static_assert(kMostAxes == kMaxViewRank);

}  // namespace

bool lies_as_kernels_want(const TensorView& view) {
  if (reinterpret_cast<uintptr_t>(view.data) % kAlignment != 0) return false;
  int64_t stride = 1;
  for (int axis = view.ndim - 1; axis >= 0; --axis) {
    if (view.shape[axis] > 1 && view.strides[axis] != stride) return false;
    stride *= view.shape[axis];
  }
  return true;
}

std::string module_name(const char* family, Mode mode, int32_t bits) {
  return std::string(family) + "_" + mode_info(mode).name + "_" + std::to_string(bits);
}

Work::~Work() {
  for (const DeviceAddress address : taken_) session_.memory().give_back(address);
}

uint8_t* Work::scratch(size_t bytes) {
  taken_.reserve(taken_.size() + 1);
  taken_.push_back(session_.memory().take(bytes, is_captured_));
  return reinterpret_cast<uint8_t*>(taken_.back());
}

const uint8_t* Work::input(const TensorView& view) {
  if (lies_as_kernels_want(view)) return reinterpret_cast<const uint8_t*>(view.data);
  uint8_t* const memory = scratch(bytes_of(view));
  int64_t strides[kMaxViewRank];
  row_major_strides(view, strides);
  copy(view, reinterpret_cast<const uint8_t*>(view.data), view.strides, memory, strides);
  return memory;
}

uint8_t* Work::output(const TensorView& view) {
  if (lies_as_kernels_want(view)) return reinterpret_cast<uint8_t*>(view.data);
  uint8_t* const memory = scratch(bytes_of(view));
  results_.push_back({memory, view});
  return memory;
}

void Work::copy(const TensorView& view, const uint8_t* from, const int64_t* from_strides,
                uint8_t* to, const int64_t* to_strides) {
  CopyParameters parameters = {};
  parameters.from = from;
  parameters.to = to;
  parameters.elements = static_cast<uint64_t>(view.elements());
  parameters.axes = view.ndim;
  parameters.element_bytes = static_cast<int32_t>(dtype_bytes(view.dtype));
  std::copy_n(view.shape, view.ndim, parameters.shape);
  std::copy_n(from_strides, view.ndim, parameters.from_strides);
  std::copy_n(to_strides, view.ndim, parameters.to_strides);
  if (parameters.elements > 0) launch_for("copy", "copy", parameters, parameters.elements);
}

void Work::launch_kernel(const std::string& module, const char* kernel, const void* parameters,
                         const Grid& grid, uint32_t threads) {
  if (grid.x > kMostBlocksX || grid.y > kMostBlocksYZ || grid.z > kMostBlocksYZ) {
    throw DeviceError{"the operands need more blocks of " + module + " than a grid has"};
  }
  const Driver& driver = session_.device().driver();
  const DriverFunction function = session_.device().function(module, kernel, !is_captured_);
  void* arguments[] = {const_cast<void*>(parameters)};
  driver.check(driver.launch_kernel(function, static_cast<unsigned>(grid.x),
                                    static_cast<unsigned>(grid.y), static_cast<unsigned>(grid.z),
                                    threads, 1, 1, 0, session_.stream(), arguments, nullptr),
               "cuLaunchKernel");
}

void Work::finish() {
  for (const Result& result : results_) {
    int64_t strides[kMaxViewRank];
    row_major_strides(result.view, strides);
    copy(result.view, result.memory, strides, reinterpret_cast<uint8_t*>(result.view.data),
         result.view.strides);
  }
}

}  // namespace thinbit::cuda
