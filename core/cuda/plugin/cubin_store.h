#pragma once

#include <cstdint>
#include <string>

#include "cuda/plugin/modules.h"

namespace thinbit::cuda {

// What a module was made of, for the names of what is kept: a hash of its source and its options.
uint64_t module_hash(const ModuleInfo& module, const std::string& architecture);

// The cubin of a module for an architecture: from the file of those that were built ahead, beside
// the plugin; else from the disk cache; else from libnvrtc, and then into the disk cache. Throws
// DeviceError where there is no way to it.
std::string cubin_of(const ModuleInfo& module, const std::string& architecture);

}  // namespace thinbit::cuda
