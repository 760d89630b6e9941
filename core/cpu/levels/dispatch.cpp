#include "cpu/levels/dispatch.h"

#include <atomic>
#include <cstdlib>

namespace thinbit {

extern const RowKernels kScalarKernels;

namespace {

bool always() { return true; }

struct Level {
  const RowKernels* kernels;
  bool (*runs_here)();
};

// From the plainest to the best.
constexpr Level kLevels[] = {{&kScalarKernels, always}};

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
