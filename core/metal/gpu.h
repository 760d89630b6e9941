#pragma once

#import <Metal/Metal.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "runtime/tensor_view.h"

namespace thinbit::metal {

// Something that the device or its driver refused; the text says what.
struct DeviceError {
  std::string text;
};

// What a pipeline is specialised with, besides the mode and the width of its kernel. The values of
// kernels/constants.msl; those that a kernel does not use change nothing.
struct Specialisation {
  int32_t group_size = 32;
  int32_t input_format = 1;
  int32_t scale_format = 0;  // 0: bytes
  int32_t output_format = 1;
  int32_t addend_format = 0;  // 0: no addend
  bool transposed = true;
  int32_t vectors = 1;
};

// The kernels that are compiled together, when the first of them is needed.
enum class Family { kConversion, kProduct, kFp8 };

// The system's GPU and the kernels compiled for it, shared by all contexts.
class Gpu {
 public:
  // Null where the system has none that the kernels run on; absence() then says why.
  static Gpu* shared();
  static const char* absence();

  id<MTLDevice> device() const { return device_; }

  // The pipeline of a kernel for codes of a mode and width; compiled once for each specialisation.
  // Throws DeviceError.
  id<MTLComputePipelineState> pipeline(Family family, const std::string& kernel, Mode mode,
                                       int32_t bits, const Specialisation& specialisation);

 private:
  explicit Gpu(id<MTLDevice> device) : device_(device) {}

  id<MTLLibrary> library(Family family, Mode mode, int32_t bits);

  id<MTLDevice> device_;
  std::mutex lock_;
  std::map<std::string, id<MTLLibrary>> libraries_;
  std::map<std::string, id<MTLComputePipelineState>> pipelines_;
};

}  // namespace thinbit::metal
