#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace thinbit::cuda {

// The driver API, by its own ABI: no header of CUDA is needed to build, and no library to link.
using DeviceAddress = unsigned long long;
using DriverContext = struct CUctx_st*;
using DriverModule = struct CUmod_st*;
using DriverFunction = struct CUfunc_st*;
using DriverStream = struct CUstream_st*;

// Numbers of the driver API.
constexpr int kDriverSuccess = 0;
constexpr int kDriverOutOfMemory = 2;
constexpr int kNotCapturing = 0;
constexpr int kComputeCapabilityMajor = 75;
constexpr int kComputeCapabilityMinor = 76;

// The functions of libcuda.so.1 that the plugin uses.
struct Driver {
  int (*init)(unsigned flags);
  int (*driver_version)(int* version);
  int (*device_count)(int* count);
  int (*device)(int* device, int ordinal);
  int (*device_attribute)(int* value, int attribute, int device);
  int (*retain_primary_context)(DriverContext* context, int device);
  int (*release_primary_context)(int device);
  int (*push_context)(DriverContext context);
  int (*pop_context)(DriverContext* context);
  int (*load_module)(DriverModule* module, const void* image);
  int (*module_function)(DriverFunction* function, DriverModule module, const char* name);
  int (*launch_kernel)(DriverFunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                       unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                       DriverStream stream, void** arguments, void** extra);
  int (*allocate)(DeviceAddress* address, size_t bytes, DriverStream stream);
  int (*free)(DeviceAddress address, DriverStream stream);
  int (*set_words)(DeviceAddress address, unsigned value, size_t count, DriverStream stream);
  int (*copy_to_host)(void* to, DeviceAddress from, size_t bytes, DriverStream stream);
  int (*synchronize)(DriverStream stream);
  int (*stream_is_capturing)(DriverStream stream, int* status);
  int (*error_name)(int error, const char** name);
  int (*error_text)(int error, const char** text);

  // Throws DeviceError with the error's name and text, or std::bad_alloc, unless `status` is
  // success.
  void check(int status, const char* what) const;
};

// The driver, initialised; null, and why, where there is none or it finds no GPU.
const Driver* driver();
const char* driver_absence();

}  // namespace thinbit::cuda
