#pragma once

#include <string>
#include <vector>

#include "cuda/plugin/modules.h"

namespace thinbit::cuda {

// All options of a compilation.
std::vector<std::string> compile_options(const ModuleInfo& module, const std::string& architecture);

// NVIDIA's run-time compiler, libnvrtc, for what is not there compiled. THINBIT_NVRTC_LIBRARY names
// it, or the loader finds version 13 or 12.
bool has_compiler();

// "13.0"; part of the key of what is kept on the disk. Empty where there is no compiler.
std::string compiler_version();

// The cubin of a module. Throws DeviceError with the compiler's log, or saying that there is none.
std::string compile(const ModuleInfo& module, const std::string& architecture);

}  // namespace thinbit::cuda
