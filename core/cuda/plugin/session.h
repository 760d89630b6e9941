#pragma once

#include <cstdint>
#include <string>

#include "cuda/kernels/parameters.h"
#include "cuda/plugin/device.h"
#include "cuda/plugin/fault_words.h"
#include "cuda/plugin/op.h"
#include "cuda/plugin/scratch_memory.h"
#include "runtime/fault.h"

namespace thinbit::cuda {

// What a context keeps from call to call: its stream, the memory of calls that have ended, and the
// word in which kernels report what is wrong with values.
class Session {
 public:
  // Throws DeviceError, std::bad_alloc.
  Session(int32_t device, void* stream);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  Device& device() { return device_; }
  DriverStream stream() const { return stream_; }

  // Whether what is launched in the stream now becomes part of a CUDA graph. With the device's
  // context current. Throws DeviceError.
  bool is_captured() const;

  // Of calls that have ended: its last use is before in the stream, so that nothing waits.
  ScratchMemory& memory() { return memory_; }

  // Where the kernels of one call report to; later calls report after earlier ones.
  FaultReport next_report(Op op);

  // Waits for the stream; what kernels have reported since the last time. Throws DeviceError.
  Reported sync();

  // The text of the last device fault, for as long as the session lives.
  const std::string& keep_problem(std::string text) { return problem_ = std::move(text); }

 private:
  Device& device_;
  DriverStream stream_;
  ScratchMemory memory_;
  DeviceAddress fault_word_ = 0;
  uint32_t calls_ = 0;
  std::string problem_;
};

}  // namespace thinbit::cuda
