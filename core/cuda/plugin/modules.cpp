#include "cuda/plugin/modules.h"

#include <algorithm>
#include <cstring>

#include "cuda/plugin/device_error.h"

namespace thinbit::cuda {

const ModuleInfo& find_module(const std::string& name) {
  const ModuleInfo* const end = kModules + kModuleCount;
  const ModuleInfo* const found = std::lower_bound(
      kModules, end, name,
      [](const ModuleInfo& module, const std::string& wanted) { return module.name < wanted; });
  if (found == end || name != found->name) throw DeviceError{"there is no module " + name};
  return *found;
}

std::string source_of(const ModuleInfo& module) {
  std::string source;
  for (const char* const* part = module.parts; *part != nullptr; ++part) source += *part;
  return source;
}

}  // namespace thinbit::cuda
