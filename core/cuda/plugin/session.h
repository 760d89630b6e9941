#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "cuda/kernels/parameters.h"
#include "cuda/plugin/device.h"
#include "cuda/plugin/fault_words.h"
#include "cuda/plugin/op.h"
#include "runtime/fault.h"

namespace thinbit::cuda {

// What a context keeps from call to call: its stream, the memory of calls that have ended, and the
// word in which kernels report what is wrong with values.
class Session {
 public:
  Session(int32_t device, void* stream);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  Device& device() { return device_; }
  DriverStream stream() const { return stream_; }

  // Device memory of at least so many bytes, at a multiple of 256. Its last use was by work that is
  // before in the stream, so that nothing waits. Throws std::bad_alloc.
  DeviceAddress take(size_t bytes);
  void give_back(DeviceAddress address);

  // Where the kernels of one call report to; later calls report after earlier ones.
  FaultReport next_report(Op op);

  // Waits for the stream; what kernels have reported since the last time.
  Reported sync();

  // The text of the last device fault, for as long as the session lives.
  const std::string& keep_problem(std::string text) { return problem_ = std::move(text); }

 private:
  Device& device_;
  DriverStream stream_;
  std::map<DeviceAddress, size_t> sizes_;  // of all memory
  std::multimap<size_t, DeviceAddress> free_;
  size_t free_bytes_ = 0;
  DeviceAddress fault_word_ = 0;
  uint32_t calls_ = 0;
  std::string problem_;
};

}  // namespace thinbit::cuda
