#include "cuda/plugin/session.h"

#include <algorithm>

#include "cuda/plugin/device_error.h"

namespace thinbit::cuda {
namespace {

constexpr uint32_t kMostCalls = 0xFFFF;  // later ones report as the last

}  // namespace

Session::Session(int32_t device, void* stream)
    : device_(Device::at(device)),
      stream_(static_cast<DriverStream>(stream)),
      memory_(device_.driver(), stream_) {
  const Device::Current current(device_);
  if (is_captured()) {
    throw DeviceError{
        "a CUDA graph is being captured in the stream, and a context allocates memory when it is "
        "made: make it, or the first call in this stream, before the capture"};
  }
  const Driver& driver = device_.driver();
  driver.check(driver.allocate(&fault_word_, sizeof kNoFault, stream_), "cuMemAllocAsync");
  driver.check(driver.set_words(fault_word_, ~0u, 2, stream_), "cuMemsetD32Async");
}

Session::~Session() {
  try {
    const Device::Current current(device_);
    memory_.clear();
    device_.driver().free(fault_word_, stream_);
  } catch (...) {  // a device that is lost has nothing to give back
  }
}

bool Session::is_captured() const {
  int status = kNotCapturing;
  const Driver& driver = device_.driver();
  driver.check(driver.stream_is_capturing(stream_, &status), "cuStreamIsCapturing");
  return status != kNotCapturing;
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
  if (is_captured()) {
    throw DeviceError{
        "a CUDA graph is being captured in the stream: nothing runs that could be waited for"};
  }
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
