#include "cuda/plugin/device.h"

#include <memory>
#include <vector>

#include "cuda/plugin/cubin_store.h"
#include "cuda/plugin/device_error.h"

namespace thinbit::cuda {

std::string architecture_for(int major, int minor) {
  if (major < 8) return "";
  if (major == 8) return minor == 9 ? "sm_89" : "sm_80";  // 8.6 and 8.7 run what is for 8.0
  if (major == 9 && minor == 0) return "sm_90a";
  if (major == 10) return "sm_100f";
  if (major == 12) return "sm_120f";
  return "sm_" + std::to_string(10 * major + minor);
}

Device::Device(const Driver& driver, int32_t ordinal) : driver_(driver) {
  int device = 0;
  int major = 0;
  int minor = 0;
  driver.check(driver.device(&device, ordinal), "cuDeviceGet");
  driver.check(driver.device_attribute(&major, kComputeCapabilityMajor, device),
               "cuDeviceGetAttribute");
  driver.check(driver.device_attribute(&minor, kComputeCapabilityMinor, device),
               "cuDeviceGetAttribute");
  architecture_ = architecture_for(major, minor);
  if (architecture_.empty()) {
    throw DeviceError{"the GPU has compute capability " + std::to_string(major) + "." +
                      std::to_string(minor) + ", and the kernels need 8.0 or later"};
  }
  driver.check(driver.retain_primary_context(&context_, device), "cuDevicePrimaryCtxRetain");
}

int32_t Device::count() {
  int count = 0;
  const Driver& loaded = *cuda::driver();
  loaded.check(loaded.device_count(&count), "cuDeviceGetCount");
  return count;
}

// Devices live as long as the process: the driver may be gone when static objects are destroyed.
Device& Device::at(int32_t ordinal) {
  static std::mutex lock;
  static auto& devices = *new std::map<int32_t, std::unique_ptr<Device>>();
  const std::lock_guard<std::mutex> hold(lock);
  std::unique_ptr<Device>& device = devices[ordinal];
  if (device == nullptr) device.reset(new Device(*cuda::driver(), ordinal));
  return *device;
}

DriverFunction Device::function(const std::string& module, const char* kernel, bool may_load) {
  const std::lock_guard<std::mutex> hold(lock_);
  DriverFunction& function = functions_[module + "/" + kernel];
  if (function != nullptr) return function;
  if (!may_load) {
    throw DeviceError{"a CUDA graph is being captured, and the kernels " + module +
                      " are not loaded, which cannot be done meanwhile: make the same call before "
                      "the capture"};
  }
  DriverModule& loaded = modules_[module];
  if (loaded == nullptr) {
    const std::string cubin = cubin_of(find_module(module), architecture_);
    driver_.check(driver_.load_module(&loaded, cubin.data()), "cuModuleLoadData");
  }
  driver_.check(driver_.module_function(&function, loaded, kernel), "cuModuleGetFunction");
  return function;
}

Device::Current::Current(const Device& device) : driver_(device.driver_) {
  driver_.check(driver_.push_context(device.context_), "cuCtxPushCurrent");
}

Device::Current::~Current() {
  DriverContext popped = nullptr;
  driver_.pop_context(&popped);
}

}  // namespace thinbit::cuda
