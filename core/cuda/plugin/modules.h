#pragma once

#include <string>

namespace thinbit::cuda {

// One compilation of kernels: a kernel file with all that it includes, and its macros.
struct ModuleInfo {
  const char* name;          // "quantize_affine_4"
  const char* const* parts;  // of the text; null after the last
  const char* options[4];    // null after the last
};

// Every module that there is, in the order of their names. Generated.
extern const ModuleInfo* const kModules;
extern const int kModuleCount;

// What each is compiled with besides its macros and the architecture; null after the last.
// Generated.
extern const char* const* const kCommonOptions;

// The module of a name, which is one of those.
const ModuleInfo& find_module(const std::string& name);

// The text of a module, as a compiler takes it.
std::string source_of(const ModuleInfo& module);

}  // namespace thinbit::cuda
