#pragma once

#include <string>

namespace thinbit::cuda {

// Something that the device, its driver or its compiler refused; the text says what.
struct DeviceError {
  std::string text;
};

}  // namespace thinbit::cuda
