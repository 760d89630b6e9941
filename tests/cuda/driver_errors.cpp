// Names and texts of the emulated driver's errors.

#include "driver_status.h"

using namespace emulation;

namespace {

struct Named {
  Status status;
  const char* name;
};
constexpr Named kNames[] = {
    {kInvalidValue, "CUDA_ERROR_INVALID_VALUE"},
    {kOutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY"},
    {kInvalidDevice, "CUDA_ERROR_INVALID_DEVICE"},
    {kInvalidImage, "CUDA_ERROR_INVALID_IMAGE"},
    {kInvalidContext, "CUDA_ERROR_INVALID_CONTEXT"},
    {kInvalidHandle, "CUDA_ERROR_INVALID_HANDLE"},
    {kNotFound, "CUDA_ERROR_NOT_FOUND"},
    {kLaunchOutOfResources, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"},
    {kLaunchFailed, "CUDA_ERROR_LAUNCH_FAILED"},
    {kCaptureUnsupported, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"},
    {kCaptureInvalidated, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"},
    {kCaptureImplicit, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT"},
};

}  // namespace

extern "C" {

int cuGetErrorName(int error, const char** name) {
  *name = nullptr;
  for (const Named& named : kNames) {
    if (named.status == error) *name = named.name;
  }
  return *name != nullptr ? kSuccess : kInvalidValue;
}

int cuGetErrorString(int error, const char** text) {
  *text = error == kLaunchFailed ? "the emulation found something wrong in a kernel" : "emulated";
  return kSuccess;
}

}  // extern "C"
