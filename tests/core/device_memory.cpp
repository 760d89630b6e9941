#include "device_memory.h"

#include <dlfcn.h>

#include <stdexcept>
#include <string>

namespace thinbit_test {

struct Driver {
  int (*init)(unsigned);
  int (*retain)(void**, int);
  int (*push)(void*);
  int (*allocate)(unsigned long long*, size_t);
  int (*free)(unsigned long long);
  int (*to_device)(unsigned long long, const void*, size_t);
  int (*to_host)(void*, unsigned long long, size_t);
};

namespace {

template <class Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) throw std::runtime_error(std::string("the driver has no ") + name);
}

Driver* load() {
  void* library = dlopen("libcuda.so.1", RTLD_NOW);
  if (library == nullptr) throw std::runtime_error(dlerror());
  static Driver driver;
  find(library, "cuInit", driver.init);
  find(library, "cuDevicePrimaryCtxRetain", driver.retain);
  find(library, "cuCtxPushCurrent_v2", driver.push);
  find(library, "cuMemAlloc_v2", driver.allocate);
  find(library, "cuMemFree_v2", driver.free);
  find(library, "cuMemcpyHtoD_v2", driver.to_device);
  find(library, "cuMemcpyDtoH_v2", driver.to_host);
  return &driver;
}

}  // namespace

void DeviceMemory::check(int status, const char* what) const {
  if (status != 0) throw std::runtime_error(what + (" failed: " + std::to_string(status)));
}

DeviceMemory::DeviceMemory() : driver_(load()) {
  void* context = nullptr;
  check(driver_->init(0), "cuInit");
  check(driver_->retain(&context, 0), "cuDevicePrimaryCtxRetain");
  check(driver_->push(context), "cuCtxPushCurrent");
}

DeviceMemory::~DeviceMemory() {
  for (const unsigned long long address : addresses_) driver_->free(address);
}

void* DeviceMemory::upload(const std::vector<unsigned char>& bytes) {
  if (bytes.empty()) return nullptr;
  unsigned long long address = 0;
  check(driver_->allocate(&address, bytes.size()), "cuMemAlloc");
  addresses_.push_back(address);
  check(driver_->to_device(address, bytes.data(), bytes.size()), "cuMemcpyHtoD");
  return reinterpret_cast<void*>(address);
}

void DeviceMemory::download(const void* from, std::vector<unsigned char>& bytes) {
  if (bytes.empty()) return;
  const auto address = reinterpret_cast<unsigned long long>(from);
  check(driver_->to_host(bytes.data(), address, bytes.size()), "cuMemcpyDtoH");
}

void DeviceMemory::clear() {
  for (const unsigned long long address : addresses_) check(driver_->free(address), "cuMemFree");
  addresses_.clear();
}

}  // namespace thinbit_test
