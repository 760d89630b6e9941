// generated from codegen/schema/thinbit.yaml: do not edit
#pragma once

#include <cstdint>

#include "thinbit/thinbit.h"

namespace thinbit {

// What the library tells about itself; texts live as long as it is loaded. A fact that is missing
// does not link.
namespace info {

const char* version();
int64_t abi_version();
const char* schema_hash();
const char* backend();
const char* cpu_level();
const char* cpu_level_reason();
const char* const* cpu_levels();
const char* const* cpu_levels_missing();
const char* const* cpu_extensions();
int64_t num_threads();
const char* num_threads_reason();

}  // namespace info

// All of them.
thinbit_info collect_info();

}  // namespace thinbit
