#pragma once

#include <map>
#include <mutex>
#include <string>

#include "cuda/plugin/driver.h"

namespace thinbit::cuda {

// One GPU: its primary context, which other libraries in the process share, and the kernels loaded
// into it. All sessions on it use one, from any thread.
class Device {
 public:
  // The device of a number that is one of device_count()'s. Throws DeviceError where it is too old
  // for the kernels.
  static Device& at(int32_t ordinal);
  static int32_t count();

  // What its kernels are compiled for: "sm_90a".
  const std::string& architecture() const { return architecture_; }
  const Driver& driver() const { return driver_; }

  // A kernel of a module, which is loaded when its first kernel is asked for, where it may be.
  // Called with the context current. Throws DeviceError.
  DriverFunction function(const std::string& module, const char* kernel, bool may_load);

  // Makes the device's context the calling thread's for as long as it lives.
  class Current {
   public:
    explicit Current(const Device& device);
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;
    ~Current();

   private:
    const Driver& driver_;
  };

 private:
  Device(const Driver& driver, int32_t ordinal);

  const Driver& driver_;
  DriverContext context_ = nullptr;
  std::string architecture_;
  std::mutex lock_;
  std::map<std::string, DriverModule> modules_;
  std::map<std::string, DriverFunction> functions_;
};

// What kernels are compiled for to run on a GPU of this compute capability: of the architectures
// that are built ahead the one that serves it, else its own. Empty where the kernels need a later
// one.
std::string architecture_for(int major, int minor);

}  // namespace thinbit::cuda
