#pragma once

#include <string>
#include <string_view>

#include "cpu/levels/row_kernels.h"

namespace thinbit {

// The kernels of the level called `name`; null where there is none, or where this machine cannot
// run it.
const RowKernels* find_level(std::string_view name);

// The level that kernels use, chosen at the first call: the one that THINBIT_CPU names, else the
// best of this machine. Null where level_problem() is not empty; no context is made then.
const RowKernels* current_level();

// What is wrong with the value of THINBIT_CPU; empty where nothing is.
std::string level_problem();

}  // namespace thinbit
