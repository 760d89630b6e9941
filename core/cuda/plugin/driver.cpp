#include "cuda/plugin/driver.h"

#include <dlfcn.h>

#include <new>

#include "cuda/plugin/device_error.h"

namespace thinbit::cuda {
namespace {

struct Loaded {
  Driver driver = {};
  bool usable = false;
  std::string absence;
};

template <class Function>
void find(void* library, const char* name, Function& function, std::string& missing) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr && missing.empty()) missing = name;
}

// The names as the driver exports them: _v2 where CUDA's header renames a function to it.
std::string find_all(void* library, Driver& driver) {
  std::string missing;
  find(library, "cuInit", driver.init, missing);
  find(library, "cuDriverGetVersion", driver.driver_version, missing);
  find(library, "cuDeviceGetCount", driver.device_count, missing);
  find(library, "cuDeviceGet", driver.device, missing);
  find(library, "cuDeviceGetAttribute", driver.device_attribute, missing);
  find(library, "cuDevicePrimaryCtxRetain", driver.retain_primary_context, missing);
  find(library, "cuDevicePrimaryCtxRelease_v2", driver.release_primary_context, missing);
  find(library, "cuCtxPushCurrent_v2", driver.push_context, missing);
  find(library, "cuCtxPopCurrent_v2", driver.pop_context, missing);
  find(library, "cuModuleLoadData", driver.load_module, missing);
  find(library, "cuModuleGetFunction", driver.module_function, missing);
  find(library, "cuLaunchKernel", driver.launch_kernel, missing);
  find(library, "cuMemAllocAsync", driver.allocate, missing);
  find(library, "cuMemFreeAsync", driver.free, missing);
  find(library, "cuMemsetD32Async", driver.set_words, missing);
  find(library, "cuMemcpyDtoHAsync_v2", driver.copy_to_host, missing);
  find(library, "cuStreamSynchronize", driver.synchronize, missing);
  find(library, "cuStreamIsCapturing", driver.stream_is_capturing, missing);
  find(library, "cuGetErrorName", driver.error_name, missing);
  find(library, "cuGetErrorString", driver.error_text, missing);
  return missing;
}

std::string described(const Driver& driver, int status) {
  const char* name = nullptr;
  const char* text = nullptr;
  if (driver.error_name(status, &name) != kDriverSuccess || name == nullptr) {
    return "error " + std::to_string(status);
  }
  driver.error_text(status, &text);
  return text == nullptr ? name : std::string(name) + ", " + text;
}

Loaded load() {
  Loaded loaded;
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    loaded.absence = "there is no NVIDIA driver for CUDA: libcuda.so.1 does not load";
    return loaded;
  }
  const std::string missing = find_all(library, loaded.driver);
  if (!missing.empty()) {
    loaded.absence = "the NVIDIA driver is too old: it has no " + missing;
    return loaded;
  }
  int count = 0;
  int status = loaded.driver.init(0);
  if (status == kDriverSuccess) status = loaded.driver.device_count(&count);
  if (status != kDriverSuccess) {
    loaded.absence = "the NVIDIA driver does not start: " + described(loaded.driver, status);
  } else if (count == 0) {
    loaded.absence = "the NVIDIA driver finds no GPU";
  } else {
    loaded.usable = true;
  }
  return loaded;
}

const Loaded& loaded() {
  static const Loaded result = load();
  return result;
}

}  // namespace

void Driver::check(int status, const char* what) const {
  if (status == kDriverSuccess) return;
  if (status == kDriverOutOfMemory) throw std::bad_alloc();
  throw DeviceError{std::string(what) + " failed: " + described(*this, status)};
}

const Driver* driver() { return loaded().usable ? &loaded().driver : nullptr; }

const char* driver_absence() { return loaded().usable ? nullptr : loaded().absence.c_str(); }

}  // namespace thinbit::cuda
