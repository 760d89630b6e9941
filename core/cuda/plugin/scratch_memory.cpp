#include "cuda/plugin/scratch_memory.h"

#include <algorithm>
#include <string>

#include "cuda/plugin/device_error.h"

namespace thinbit::cuda {
namespace {

constexpr size_t kGranularity = 256;

// What is kept for later calls, besides the memory of graphs.
constexpr size_t kMostFreeBytes = size_t{1} << 30;

}  // namespace

void ScratchMemory::clear() {
  for (const auto& [address, bytes] : sizes_) driver_.free(address, stream_);
  sizes_.clear();
  free_.clear();
  of_graphs_.clear();
  free_bytes_ = 0;
}

DeviceAddress ScratchMemory::take(size_t bytes, bool is_captured) {
  bytes = (std::max<size_t>(bytes, 1) + kGranularity - 1) / kGranularity * kGranularity;
  const auto found = free_.find(bytes);
  if (found != free_.end()) {
    const DeviceAddress address = found->second;
    if (is_captured) of_graphs_.insert(address);
    free_.erase(found);
    free_bytes_ -= bytes;
    return address;
  }
  if (is_captured) {
    throw DeviceError{"a CUDA graph is being captured, and the call needs " +
                      std::to_string(bytes) +
                      " bytes of memory, which cannot be allocated meanwhile: make the same call "
                      "with the same context before the capture"};
  }
  DeviceAddress address = 0;
  driver_.check(driver_.allocate(&address, bytes, stream_), "cuMemAllocAsync");
  sizes_[address] = bytes;
  return address;
}

void ScratchMemory::give_back(DeviceAddress address) {
  const size_t bytes = sizes_.at(address);
  if (free_bytes_ + bytes > kMostFreeBytes && of_graphs_.count(address) == 0) {
    sizes_.erase(address);
    driver_.free(address, stream_);
    return;
  }
  free_bytes_ += bytes;
  free_.emplace(bytes, address);
}

}  // namespace thinbit::cuda
