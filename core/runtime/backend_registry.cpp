#include "runtime/backend_registry.h"

#include "generated/cpu_kernels.gen.h"
#include "generated/tables.gen.h"

namespace thinbit {
namespace {

constexpr BackendEntry kBackends[] = {
    {THINBIT_BACKEND_CPU, &kCpuBackend, nullptr},
    {THINBIT_BACKEND_CUDA, nullptr, "this version of thinbit has no CUDA backend"},
    {THINBIT_BACKEND_METAL, nullptr, "this version of thinbit has no Metal backend"},
};

}  // namespace

const BackendEntry* find_backend(thinbit_backend id) {
  for (const BackendEntry& entry : kBackends) {
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

std::string backend_choices() {
  std::string choices;
  for (const BackendInfo& backend : kBackendDevices) {
    if (!choices.empty()) choices += ", ";
    choices += std::string(backend.name) + " (" + std::to_string(backend.backend) + ")";
  }
  return choices;
}

}  // namespace thinbit
