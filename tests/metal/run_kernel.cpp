// run_kernel MODULE KERNEL THREADS THREADS_PER_THREADGROUP [SEED]: runs a compiled kernel on its
// own. Buffer 0 is THREADS floats to write, buffer 1 THREADS floats of value 1. Prints what the
// emulation finds wrong, and ends with 1 where it finds anything.

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "../emulation/launch.h"
#include "../emulation/module.h"

namespace {

const emulation_kernel* find_kernel(const emulation_module& module, const std::string& name) {
  for (int i = 0; i < module.kernel_count; ++i) {
    if (name == module.kernels[i].name) return &module.kernels[i];
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fputs("run_kernel MODULE KERNEL THREADS THREADS_PER_THREADGROUP [SEED]\n", stderr);
    return 2;
  }
  void* const library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 2;
  }
  const auto* module = static_cast<const emulation_module*>(dlsym(library, "emulation_module"));
  const emulation_kernel* const kernel =
      module == nullptr ? nullptr : find_kernel(*module, argv[2]);
  if (kernel == nullptr) {
    std::fprintf(stderr, "there is no kernel %s\n", argv[2]);
    return 2;
  }
  emulation::admit_constants_of(module);
  const size_t threads = std::strtoul(argv[3], nullptr, 10);
  std::vector<float> out(threads);
  std::vector<float> in(threads, 1.0f);
  emulation::Launch launch;
  launch.buffers[0] = {reinterpret_cast<std::byte*>(out.data()), threads * sizeof(float), true};
  launch.buffers[1] = {reinterpret_cast<std::byte*>(in.data()), threads * sizeof(float), false};
  launch.threads[0] = static_cast<uint32_t>(threads);
  launch.threads_per_threadgroup[0] = static_cast<uint32_t>(std::strtoul(argv[4], nullptr, 10));
  if (argc > 5) launch.seed = std::strtoull(argv[5], nullptr, 10);
  const auto entry = reinterpret_cast<emulation::KernelEntry>(kernel->entry);
  const std::string findings = emulation::run(entry, launch);
  std::fputs(findings.c_str(), stdout);
  return findings.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}
