#include "cuda/plugin/session.h"

#include <algorithm>

namespace thinbit::cuda {
namespace {

constexpr size_t kGranularity = 256;

// What a session keeps for its next calls.
constexpr size_t kMostFreeBytes = size_t{1} << 30;

constexpr uint32_t kMostCalls = 0xFFFF;  // later ones report as the last

}  // namespace

Session::Session(int32_t device, void* stream)
    : device_(Device::at(device)), stream_(static_cast<DriverStream>(stream)) {
  const Device::Current current(device_);
  const Driver& driver = device_.driver();
  driver.check(driver.allocate(&fault_word_, sizeof kNoFault, stream_), "cuMemAllocAsync");
  driver.check(driver.set_words(fault_word_, ~0u, 2, stream_), "cuMemsetD32Async");
}

Session::~Session() {
  try {
    const Device::Current current(device_);
    const Driver& driver = device_.driver();
    for (const auto& [address, bytes] : sizes_) driver.free(address, stream_);
    driver.free(fault_word_, stream_);
  } catch (...) {  // a device that is lost has nothing to give back
  }
}

// Memory is kept by its exact size: a model's calls repeat their shapes.
DeviceAddress Session::take(size_t bytes) {
  bytes = (std::max<size_t>(bytes, 1) + kGranularity - 1) / kGranularity * kGranularity;
  const auto found = free_.find(bytes);
  if (found != free_.end()) {
    const DeviceAddress address = found->second;
    free_.erase(found);
    free_bytes_ -= bytes;
    return address;
  }
  DeviceAddress address = 0;
  const Driver& driver = device_.driver();
  driver.check(driver.allocate(&address, bytes, stream_), "cuMemAllocAsync");
  sizes_[address] = bytes;
  return address;
}

void Session::give_back(DeviceAddress address) {
  const size_t bytes = sizes_.at(address);
  if (free_bytes_ + bytes > kMostFreeBytes) {
    sizes_.erase(address);
    device_.driver().free(address, stream_);
    return;
  }
  free_bytes_ += bytes;
  free_.emplace(bytes, address);
}

FaultReport Session::next_report(Op op) {
  FaultReport report = {};
  report.word = reinterpret_cast<uint64_t*>(fault_word_);
  report.order = calls_;
  report.call = static_cast<uint32_t>(op);
  calls_ = std::min(calls_ + 1, kMostCalls);
  return report;
}

Reported Session::sync() {
  const Device::Current current(device_);
  const Driver& driver = device_.driver();
  uint64_t word = kNoFault;
  driver.check(driver.copy_to_host(&word, fault_word_, sizeof word, stream_), "cuMemcpyDtoHAsync");
  driver.check(driver.synchronize(stream_), "cuStreamSynchronize");
  calls_ = 0;
  if (word != kNoFault) {
    driver.check(driver.set_words(fault_word_, ~0u, 2, stream_), "cuMemsetD32Async");
  }
  return read_fault(word);
}

}  // namespace thinbit::cuda
