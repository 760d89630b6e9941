#pragma once

#include <string>
#include <string_view>

#include "cpu/levels/row_kernels.h"

namespace thinbit {

// The kernels of the level called `name`; null where there is none, or where this machine cannot
// run it.
const RowKernels* find_level(std::string_view name);

// The level that kernels use, chosen at the first call: the one that THINBIT_CPU names, else the
// best of this machine. Null where THINBIT_CPU names one that find_level does not know; a context
// is then refused.
const RowKernels* current_level();

// The names of the levels that this machine can run, for messages: "scalar, avx2".
std::string level_choices();

}  // namespace thinbit
