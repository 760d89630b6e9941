#pragma once

#include <string>

namespace thinbit::cuda {

// One compilation of kernels: the text of a kernel file with all that it includes, and its macros.
struct ModuleInfo {
  const char* name;  // "quantize_affine_4"
  const char* source;
  const char* options[4];  // null after the last
};

// Every module that there is, in the order of their names. Generated.
extern const ModuleInfo* const kModules;
extern const int kModuleCount;

// The module of a name, which is one of those.
const ModuleInfo& find_module(const std::string& name);

}  // namespace thinbit::cuda
