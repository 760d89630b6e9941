// libcuda.so.1 of the emulation: the part of NVIDIA's driver API that the plugin and the tests use.
// Memory of the device is memory of the host, and a cubin is a shared object of the emulated
// compiler. Work of a stream is done as late as it may: when something waits for it.
//
//   CUDA_EMULATION_CAPABILITY  compute capability of the device: 90 unless set
//   CUDA_EMULATION_DEVICES     how many there are: 1 unless set
//   CUDA_EMULATION_SEED        order of threads and blocks: 1 unless set
//
// What the checker finds in a kernel goes to stderr, and the context is lost, as after any fault.

#include <cstring>

#include "driver_state.h"

using namespace emulation;

namespace {

int contexts_of_devices[16];

}  // namespace

extern "C" {

int cuInit(unsigned) { return kSuccess; }

int cuDriverGetVersion(int* version) {
  *version = 13000;
  return kSuccess;
}

int cuDeviceGetCount(int* count) {
  *count = static_cast<int>(setting("CUDA_EMULATION_DEVICES", 1));
  return kSuccess;
}

int cuDeviceGet(int* device, int ordinal) {
  if (ordinal < 0 || ordinal >= setting("CUDA_EMULATION_DEVICES", 1)) return kInvalidDevice;
  *device = ordinal;
  return kSuccess;
}

int cuDeviceGetAttribute(int* value, int attribute, int) {
  const long capability = setting("CUDA_EMULATION_CAPABILITY", 90);
  if (attribute != 75 && attribute != 76) return kInvalidValue;
  *value = static_cast<int>(attribute == 75 ? capability / 10 : capability % 10);
  return kSuccess;
}

int cuDevicePrimaryCtxRetain(void** context, int device) {
  *context = &contexts_of_devices[device];
  return kSuccess;
}

int cuDevicePrimaryCtxRelease_v2(int) { return kSuccess; }

int cuCtxPushCurrent_v2(void* context) {
  if (context == nullptr) return kInvalidContext;
  contexts.push_back(context);
  return kSuccess;
}

int cuCtxPopCurrent_v2(void** context) {
  if (contexts.empty()) return kInvalidContext;
  *context = contexts.back();
  contexts.pop_back();
  return kSuccess;
}

// The driver makes a node of an allocation under capture, whose memory ends with the graph. Nobody
// here wants that.
int cuMemAllocAsync(unsigned long long* address, size_t bytes, void* stream) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (is_captured(stream)) return refused(kCaptureUnsupported);
  if (is_implicit(stream)) return refused(kCaptureImplicit);
  return allocate(address, bytes);
}

int cuMemFreeAsync(unsigned long long address, void* stream) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (state().allocations.count(address) == 0) return kInvalidValue;
  if (is_captured(stream)) return refused(kCaptureUnsupported);
  return enqueue(stream, [=] { release(address); });
}

int cuMemsetD32Async(unsigned long long address, unsigned value, size_t count, void* stream) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (!allocated(address, 4 * count)) return kInvalidValue;
  return enqueue(stream, [=] {
    for (size_t i = 0; i < count; ++i)
      std::memcpy(reinterpret_cast<unsigned*>(address) + i, &value, 4);
  });
}

int cuMemcpyDtoHAsync_v2(void* to, unsigned long long from, size_t bytes, void* stream) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (!allocated(from, bytes)) return kInvalidValue;
  return enqueue(stream, [=] { std::memcpy(to, reinterpret_cast<const void*>(from), bytes); });
}

int cuStreamSynchronize(void* stream) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (is_captured(stream)) return refused(kCaptureUnsupported);
  if (is_implicit(stream)) return refused(kCaptureImplicit);
  run_stream(stream);
  return state().lost;
}

// What programs do that own memory. These wait for every stream.

int cuMemAlloc_v2(unsigned long long* address, size_t bytes) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (!state().captures.empty()) return refused(kCaptureUnsupported);
  return allocate(address, bytes);
}

int cuMemFree_v2(unsigned long long address) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (!state().captures.empty()) return refused(kCaptureImplicit);
  run_all();
  return release(address);
}

int cuMemcpyHtoD_v2(unsigned long long to, const void* from, size_t bytes) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (!state().captures.empty()) return refused(kCaptureImplicit);
  if (!allocated(to, bytes)) return kInvalidValue;
  run_all();
  std::memcpy(reinterpret_cast<void*>(to), from, bytes);
  return state().lost;
}

int cuMemcpyDtoH_v2(void* to, unsigned long long from, size_t bytes) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (!state().captures.empty()) return refused(kCaptureImplicit);
  if (!allocated(from, bytes)) return kInvalidValue;
  run_all();
  std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
  return state().lost;
}

}  // extern "C"
