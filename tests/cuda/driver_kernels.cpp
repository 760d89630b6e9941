// Modules and kernels of the emulated driver.

#include <dlfcn.h>
#include <elf.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "driver_state.h"

namespace emulation {
namespace {

void run_kernel(const Function& function, const std::string& argument, const unsigned (&grid)[3],
                unsigned threads) {
  Launch launch;
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
  const std::string findings = run(function.entry, launch);
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
}  // namespace emulation

using namespace emulation;

extern "C" {

int cuModuleLoadData(Module** module, const void* image) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (!state().captures.empty()) return refused(kCaptureUnsupported);
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
  return enqueue(stream,
                 [=] { run_kernel(*function, argument, {grid_x, grid_y, grid_z}, block_x); });
}

}  // extern "C"
