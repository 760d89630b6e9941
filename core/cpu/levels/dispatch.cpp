#include "cpu/levels/dispatch.h"

#include <atomic>

#include "cpu/levels/x86/features.h"
#include "runtime/environment.h"

namespace thinbit {

extern const RowKernels kScalarKernels;
#if defined(__x86_64__)
extern const RowKernels kAvx2Kernels;
extern const RowKernels kAvx512Kernels;
#elif defined(__aarch64__)
extern const RowKernels kNeonKernels;
#endif

namespace {

using Names = std::vector<const char*>;

std::string nothing_missing() { return ""; }
Names no_extensions() { return {}; }
#if defined(__x86_64__)
std::string avx2_missing_here() { return avx2_missing(x86_processor()); }
std::string avx512_missing_here() { return avx512_missing(x86_processor()); }
Names avx512_extensions_here() { return avx512_extensions(x86_processor()); }
#endif

struct Level {
  const RowKernels* kernels;
  std::string (*missing)();  // what this machine lacks to run it
  Names (*extensions)();     // what it uses on top of its own instruction set, here
};

// From the plainest to the best.
constexpr Level kLevels[] = {
    {&kScalarKernels, nothing_missing, no_extensions},
#if defined(__x86_64__)
    {&kAvx2Kernels, avx2_missing_here, no_extensions},
    {&kAvx512Kernels, avx512_missing_here, avx512_extensions_here},
#elif defined(__aarch64__)
    {&kNeonKernels, nothing_missing, no_extensions},
#endif
};

constexpr const char* kVariable = "THINBIT_CPU";

std::atomic<const RowKernels*> chosen{nullptr};
std::atomic<bool> chosen_by_name{false};  // written before `chosen`

std::string listing(const std::vector<LevelState>& levels, bool all) {
  std::string names;
  for (const LevelState& level : levels) {
    if (!all && !level.missing.empty()) continue;
    if (!names.empty()) names += ", ";
    names += level.name;
  }
  return names;
}

}  // namespace

const RowKernels* find_level(std::string_view name) {
  for (const Level& level : kLevels) {
    if (name == level.kernels->name) return level.missing().empty() ? level.kernels : nullptr;
  }
  return nullptr;
}

const RowKernels* current_level() {
  const RowKernels* level = chosen.load(std::memory_order_acquire);
  if (level != nullptr) return level;
  const char* name = environment(kVariable);
  if (name != nullptr) {
    level = find_level(name);
  } else {
    for (const Level& candidate : kLevels) {
      if (candidate.missing().empty()) level = candidate.kernels;
    }
  }
  if (level == nullptr) return nullptr;
  chosen_by_name.store(name != nullptr, std::memory_order_relaxed);
  chosen.store(level, std::memory_order_release);
  return level;
}

std::string level_reason() {
  if (current_level() == nullptr) return level_problem();
  return chosen_by_name.load(std::memory_order_relaxed) ? kVariable : "the best this machine runs";
}

std::string level_problem() {
  if (current_level() != nullptr) return "";
  const char* name = environment(kVariable);
  return name != nullptr ? problem_with(name, level_states()) : "";
}

std::vector<LevelState> level_states() {
  std::vector<LevelState> states;
  for (const Level& level : kLevels) states.push_back({level.kernels->name, level.missing()});
  return states;
}

std::string problem_with(std::string_view asked, const std::vector<LevelState>& levels) {
  const std::string start = std::string(kVariable) + " is " + shown(asked) + ", ";
  for (const LevelState& level : levels) {
    if (asked != level.name) continue;
    if (level.missing.empty()) return "";
    return start + "which this machine cannot run: it lacks " + level.missing + "; it can run " +
           listing(levels, false);
  }
  return start + "which is no level of this build: it has " + listing(levels, true) +
         "; this machine can run " + listing(levels, false);
}

std::vector<const char*> level_extensions() {
  const RowKernels* current = current_level();
  for (const Level& level : kLevels) {
    if (level.kernels == current) return level.extensions();
  }
  return {};
}

}  // namespace thinbit
