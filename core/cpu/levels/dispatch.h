#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cpu/levels/row_kernels.h"

namespace thinbit {

// The kernels of the level called `name`; null where there is none, or where this machine cannot
// run it.
const RowKernels* find_level(std::string_view name);

// The level that kernels use, chosen at the first call: the one that THINBIT_CPU names, else the
// best of this machine. Null where level_problem() is not empty; no context is made then.
const RowKernels* current_level();

// Why current_level() is what it is; what is wrong with THINBIT_CPU where it is null.
std::string level_reason();

// What is wrong with the value of THINBIT_CPU; empty where nothing is.
std::string level_problem();

// A level of this build; `missing` is what this machine lacks to run it, empty where it can.
struct LevelState {
  const char* name;
  std::string missing;
};

// All levels, from the plainest to the best.
std::vector<LevelState> level_states();

// What is wrong with a THINBIT_CPU of `asked` where the levels are in these states; empty where
// nothing is.
std::string problem_with(std::string_view asked, const std::vector<LevelState>& levels);

// The instruction sets that the current level uses on top of its own.
std::vector<const char*> level_extensions();

}  // namespace thinbit
