// libcuda.so.1 of the emulation: the part of NVIDIA's driver API that the plugin and the tests use.
// Memory of the device is memory of the host, and a cubin is a shared object of the emulated
// compiler. Work of a stream is done as late as it may: when something waits for it.
//
//   CUDA_EMULATION_CAPABILITY  compute capability of the device: 90 unless set
//   CUDA_EMULATION_DEVICES     how many there are: 1 unless set
//   CUDA_EMULATION_SEED        order of threads and blocks: 1 unless set
//
// What the checker finds in a kernel goes to stderr, and the context is lost, as after any fault.

#include <dlfcn.h>
#include <elf.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "../emulation/launch.h"

namespace {

enum Status {
  kSuccess = 0,
  kInvalidValue = 1,
  kOutOfMemory = 2,
  kInvalidDevice = 101,
  kInvalidImage = 200,
  kInvalidContext = 201,
  kInvalidHandle = 400,
  kNotFound = 500,
  kLaunchOutOfResources = 701,
  kLaunchFailed = 719
};

struct Function {
  emulation::KernelEntry entry = nullptr;
  uint32_t argument_bytes = 0;
  uint32_t threads = 0;
  std::string name;
};

struct Module {
  void* library = nullptr;
  std::map<std::string, Function> functions;
};

struct Allocation {
  std::unique_ptr<std::byte[]> memory;
  size_t bytes = 0;
};

// All that the process has of the driver; a primary context is just the number of its device.
struct State {
  std::recursive_mutex lock;
  std::map<uint64_t, Allocation> allocations;
  std::map<void*, std::deque<std::function<void()>>> streams;
  std::deque<Module> modules;
  int lost = kSuccess;  // sticky
};

State& state() {
  static State& all = *new State();
  return all;
}

thread_local std::deque<void*> contexts;  // a stack

int contexts_of_devices[16];

long setting(const char* name, long fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? std::strtol(value, nullptr, 10) : fallback;
}

// What a call returns before it does anything: a lost context stays lost, and there has to be one.
int unusable() {
  if (state().lost != kSuccess) return state().lost;
  return contexts.empty() ? kInvalidContext : kSuccess;
}

int allocate(unsigned long long* address, size_t bytes) {
  if (bytes == 0) return kInvalidValue;
  if (bytes > size_t{1} << 32) return kOutOfMemory;
  Allocation allocation;
  allocation.bytes = bytes;
  void* memory = ::operator new[](bytes, std::align_val_t{256});
  std::memset(memory, 0xC7, bytes);  // floats of it are no small numbers
  *address = reinterpret_cast<uint64_t>(memory);
  allocation.memory.reset(static_cast<std::byte*>(memory));
  state().allocations[*address] = std::move(allocation);
  return kSuccess;
}

int release(unsigned long long address) {
  const auto found = state().allocations.find(address);
  if (found == state().allocations.end()) return kInvalidValue;
  ::operator delete[](found->second.memory.release(), std::align_val_t{256});
  state().allocations.erase(found);
  return kSuccess;
}

// Whether a range lies in one allocation.
bool allocated(uint64_t address, size_t bytes) {
  auto next = state().allocations.upper_bound(address);
  if (next == state().allocations.begin()) return false;
  const auto& [begin, allocation] = *--next;
  return address - begin <= allocation.bytes && bytes <= allocation.bytes - (address - begin);
}

void run_stream(void* stream) {
  auto& work = state().streams[stream];
  while (!work.empty()) {
    const std::function<void()> next = std::move(work.front());
    work.pop_front();
    if (state().lost == kSuccess) next();
  }
}

void run_all() {
  for (auto& [stream, work] : state().streams) run_stream(stream);
}

void run_kernel(const Function& function, const std::string& argument, const unsigned (&grid)[3],
                unsigned threads) {
  emulation::Launch launch;
  launch.buffers[0].data =
      const_cast<std::byte*>(reinterpret_cast<const std::byte*>(argument.data()));
  launch.buffers[0].bytes = argument.size();
  for (const auto& [address, allocation] : state().allocations) {
    launch.heap.push_back({allocation.memory.get(), allocation.bytes, true});
  }
  launch.most_threadgroup_bytes = 48 << 10;  // of memory whose size the kernel declares
  launch.threads[0] = grid[0] * threads;
  launch.threads[1] = grid[1];
  launch.threads[2] = grid[2];
  launch.threads_per_threadgroup[0] = threads;
  launch.seed = static_cast<uint64_t>(setting("CUDA_EMULATION_SEED", 1));
  const std::string findings = emulation::run(function.entry, launch);
  if (findings.empty()) return;
  std::fprintf(stderr, "%s: %s", function.name.c_str(), findings.c_str());
  state().lost = kLaunchFailed;
}

// The bytes of an ELF file in memory: its section headers come last.
size_t elf_bytes(const void* image) {
  const auto& header = *static_cast<const Elf64_Ehdr*>(image);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return 0;
  return header.e_shoff + size_t{header.e_shnum} * header.e_shentsize;
}

// The loader tells objects apart by their paths: each image has one of its own.
void* open_image(const void* image, size_t bytes) {
  char path[] = "/tmp/cuda_emulation.XXXXXX";
  const int file = mkstemp(path);
  const auto* data = static_cast<const char*>(image);
  for (size_t done = 0; done < bytes;) {
    const ssize_t written = write(file, data + done, bytes - done);
    if (written <= 0) return nullptr;
    done += static_cast<size_t>(written);
  }
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) std::fprintf(stderr, "%s\n", dlerror());
  close(file);
  unlink(path);
  return library;
}

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

int cuModuleLoadData(Module** module, const void* image) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  const size_t bytes = elf_bytes(image);
  if (bytes == 0) return kInvalidImage;
  Module loaded;
  loaded.library = open_image(image, bytes);
  if (loaded.library == nullptr) return kInvalidImage;
  state().modules.push_back(std::move(loaded));
  *module = &state().modules.back();
  return kSuccess;
}

int cuModuleGetFunction(Function** function, Module* module, const char* name) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  const auto number = [&](const char* what) {
    return static_cast<const uint32_t*>(dlsym(module->library, (std::string(name) + what).c_str()));
  };
  Function found;
  found.entry = reinterpret_cast<emulation::KernelEntry>(dlsym(module->library, name));
  if (found.entry == nullptr || number("_argument_bytes") == nullptr) return kNotFound;
  found.argument_bytes = *number("_argument_bytes");
  found.threads = *number("_threads");
  found.name = name;
  emulation::admit_constants_of(reinterpret_cast<const void*>(found.entry));
  *function = &(module->functions[name] = found);
  return kSuccess;
}

int cuLaunchKernel(Function* function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                   unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                   void* stream, void** arguments, void**) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (grid_x == 0 || grid_y == 0 || grid_z == 0 || grid_x > 0x7FFFFFFF || grid_y > 65535 ||
      grid_z > 65535 || block_y != 1 || block_z != 1 || shared_bytes != 0) {
    return kInvalidValue;
  }
  if (block_x > function->threads) return kLaunchOutOfResources;
  const std::string argument(static_cast<const char*>(arguments[0]), function->argument_bytes);
  state().streams[stream].push_back(
      [=] { run_kernel(*function, argument, {grid_x, grid_y, grid_z}, block_x); });
  return kSuccess;
}

int cuMemAllocAsync(unsigned long long* address, size_t bytes, void*) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  return allocate(address, bytes);
}

int cuMemFreeAsync(unsigned long long address, void* stream) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (state().allocations.count(address) == 0) return kInvalidValue;
  state().streams[stream].push_back([=] { release(address); });
  return kSuccess;
}

int cuMemsetD32Async(unsigned long long address, unsigned value, size_t count, void* stream) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (!allocated(address, 4 * count)) return kInvalidValue;
  state().streams[stream].push_back([=] {
    for (size_t i = 0; i < count; ++i)
      std::memcpy(reinterpret_cast<unsigned*>(address) + i, &value, 4);
  });
  return kSuccess;
}

int cuMemcpyDtoHAsync_v2(void* to, unsigned long long from, size_t bytes, void* stream) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (!allocated(from, bytes)) return kInvalidValue;
  state().streams[stream].push_back(
      [=] { std::memcpy(to, reinterpret_cast<const void*>(from), bytes); });
  return kSuccess;
}

int cuStreamSynchronize(void* stream) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  run_stream(stream);
  return state().lost;
}

// What the plugin does not use, and programs that own memory do. These wait for every stream.

int cuMemAlloc_v2(unsigned long long* address, size_t bytes) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  return allocate(address, bytes);
}

int cuMemFree_v2(unsigned long long address) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  run_all();
  return release(address);
}

int cuMemcpyHtoD_v2(unsigned long long to, const void* from, size_t bytes) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (!allocated(to, bytes)) return kInvalidValue;
  run_all();
  std::memcpy(reinterpret_cast<void*>(to), from, bytes);
  return state().lost;
}

int cuMemcpyDtoH_v2(void* to, unsigned long long from, size_t bytes) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (!allocated(from, bytes)) return kInvalidValue;
  run_all();
  std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
  return state().lost;
}

int cuGetErrorName(int error, const char** name) {
  switch (error) {
    case kInvalidValue:
      *name = "CUDA_ERROR_INVALID_VALUE";
      return kSuccess;
    case kOutOfMemory:
      *name = "CUDA_ERROR_OUT_OF_MEMORY";
      return kSuccess;
    case kInvalidDevice:
      *name = "CUDA_ERROR_INVALID_DEVICE";
      return kSuccess;
    case kInvalidImage:
      *name = "CUDA_ERROR_INVALID_IMAGE";
      return kSuccess;
    case kInvalidContext:
      *name = "CUDA_ERROR_INVALID_CONTEXT";
      return kSuccess;
    case kInvalidHandle:
      *name = "CUDA_ERROR_INVALID_HANDLE";
      return kSuccess;
    case kNotFound:
      *name = "CUDA_ERROR_NOT_FOUND";
      return kSuccess;
    case kLaunchOutOfResources:
      *name = "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES";
      return kSuccess;
    case kLaunchFailed:
      *name = "CUDA_ERROR_LAUNCH_FAILED";
      return kSuccess;
    default:
      *name = nullptr;
      return kInvalidValue;
  }
}

int cuGetErrorString(int error, const char** text) {
  *text = error == kLaunchFailed ? "the emulation found something wrong in a kernel" : "emulated";
  return kSuccess;
}

}  // extern "C"
