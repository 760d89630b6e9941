#include "cpu/levels/dispatch.h"

#include <atomic>
#include <cstdlib>

#include "cpu/levels/x86/features.h"

namespace thinbit {

extern const RowKernels kScalarKernels;
#if defined(__x86_64__)
extern const RowKernels kAvx2Kernels;
extern const RowKernels kAvx512Kernels;
#endif

namespace {

bool always() { return true; }
#if defined(__x86_64__)
bool has_avx2() { return x86_features().avx2; }
bool has_avx512() { return x86_features().avx512; }
#endif

struct Level {
  const RowKernels* kernels;
  bool (*runs_here)();
};

// From the plainest to the best.
constexpr Level kLevels[] = {
    {&kScalarKernels, always},
#if defined(__x86_64__)
    {&kAvx2Kernels, has_avx2},
    {&kAvx512Kernels, has_avx512},
#endif
};

std::atomic<const RowKernels*> chosen{nullptr};

}  // namespace

const RowKernels* find_level(std::string_view name) {
  for (const Level& level : kLevels) {
    if (name == level.kernels->name) return level.runs_here() ? level.kernels : nullptr;
  }
  return nullptr;
}

const RowKernels* current_level() {
  const RowKernels* level = chosen.load(std::memory_order_acquire);
  if (level != nullptr) return level;
  const char* name = std::getenv("THINBIT_CPU");
  if (name != nullptr && *name != '\0') {
    level = find_level(name);
  } else {
    for (const Level& candidate : kLevels) {
      if (candidate.runs_here()) level = candidate.kernels;
    }
  }
  if (level != nullptr) chosen.store(level, std::memory_order_release);
  return level;
}

std::string level_problem() {
  if (current_level() != nullptr) return "";
  std::string choices;
  for (const Level& level : kLevels) {
    if (!level.runs_here()) continue;
    if (!choices.empty()) choices += ", ";
    choices += level.kernels->name;
  }
  const char* name = std::getenv("THINBIT_CPU");
  return std::string("THINBIT_CPU is ") + (name != nullptr ? name : "") +
         ", and must be empty or name a level that this machine can run: " + choices;
}

}  // namespace thinbit
