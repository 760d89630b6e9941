#pragma once

#include <cstddef>
#include <vector>

#include "thinbit/thinbit.h"

namespace thinbit_test {

// Memory of a GPU that takes no operands in the host's: by the CUDA driver, opened by its name.
// Device 0.
class DeviceMemory {
 public:
  // Throws std::runtime_error where there is no driver or no GPU.
  DeviceMemory();
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  ~DeviceMemory();

  // A copy of host memory on the device, exactly as large; null for none.
  void* upload(const std::vector<unsigned char>& bytes);

  // Fills `bytes` from the device's memory.
  void download(const void* from, std::vector<unsigned char>& bytes);

  // Gives back all that was uploaded.
  void clear();

 private:
  void check(int status, const char* what) const;

  struct Driver* driver_;
  std::vector<unsigned long long> addresses_;
};

}  // namespace thinbit_test
