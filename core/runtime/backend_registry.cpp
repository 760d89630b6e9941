#include "runtime/backend_registry.h"

namespace thinbit {

extern const Backend kCpuBackend;  // core/cpu

namespace {

constexpr BackendEntry kBackends[] = {
    {THINBIT_BACKEND_CPU, "cpu", &kCpuBackend, nullptr},
    {THINBIT_BACKEND_CUDA, "cuda", nullptr, "this version of thinbit has no CUDA backend"},
    {THINBIT_BACKEND_METAL, "metal", nullptr, "this version of thinbit has no Metal backend"},
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
  for (const BackendEntry& entry : kBackends) {
    if (!choices.empty()) choices += ", ";
    choices += std::string(entry.name) + " (" + std::to_string(entry.id) + ")";
  }
  return choices;
}

}  // namespace thinbit
