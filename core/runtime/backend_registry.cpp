#include "runtime/backend_registry.h"

#include "cuda/presence.h"
#include "generated/cpu_kernels.gen.h"
#include "generated/tables.gen.h"
#include "metal/presence.h"

namespace thinbit {
namespace {

constexpr BackendEntry kCpu = {THINBIT_BACKEND_CPU, &kCpuBackend, nullptr, nullptr, nullptr};

}  // namespace

const BackendEntry* find_backend(thinbit_backend id) {
  switch (id) {
    case THINBIT_BACKEND_CPU:
      return &kCpu;
    case THINBIT_BACKEND_CUDA: {
      static const BackendEntry cuda = {id, cuda::backend(), cuda::absence(), cuda::device_count,
                                        cuda::open};
      return &cuda;
    }
    case THINBIT_BACKEND_METAL: {
      static const BackendEntry metal = {id, metal::backend(), metal::absence(), nullptr, nullptr};
      return &metal;
    }
    default:
      return nullptr;
  }
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
