#include "runtime/info.h"

#include <algorithm>
#include <cstring>

#include "cpu/levels/dispatch.h"
#include "generated/info.gen.h"
#include "runtime/backend_registry.h"
#include "runtime/checker.h"
#include "runtime/error.h"
#include "runtime/kept_texts.h"
#include "runtime/thread_count.h"

namespace thinbit {
namespace info {

const char* version() { return THINBIT_VERSION; }
int64_t abi_version() { return THINBIT_ABI_VERSION; }
const char* schema_hash() { return thinbit_schema_hash(); }
const char* backend() { return kBackendDevices[THINBIT_BACKEND_CPU - 1].name; }

const char* cpu_level() {
  const RowKernels* level = current_level();
  return level != nullptr ? level->name : "";
}

const char* cpu_level_reason() { return kept(level_reason()); }

const char* const* cpu_levels() {
  std::vector<std::string> names;
  for (const LevelState& level : level_states()) {
    if (level.missing.empty()) names.emplace_back(level.name);
  }
  return kept(names);
}

const char* const* cpu_levels_missing() {
  std::vector<std::string> texts;
  for (const LevelState& level : level_states()) {
    if (!level.missing.empty()) texts.push_back(std::string(level.name) + ": " + level.missing);
  }
  return kept(texts);
}

const char* const* cpu_extensions() {
  const std::vector<const char*> names = level_extensions();
  return kept(std::vector<std::string>(names.begin(), names.end()));
}

int64_t num_threads() { return default_threads().threads; }
const char* num_threads_reason() { return kept(default_threads().reason); }

}  // namespace info

thinbit_status get_info(thinbit_info* info, thinbit_error* error) {
  Checker check("get_info", Checker::Phase::kInfer, nullptr, error);
  if (!check.required("info", info) ||
      !check.struct_size("info", info->struct_size, sizeof(thinbit_info))) {
    return check.status();
  }
  thinbit_info all = collect_info();
  all.struct_size = info->struct_size;
  // Every field has 8 bytes, so whole fields are left out for an older caller.
  std::memcpy(info, &all, static_cast<size_t>(std::min<uint64_t>(all.struct_size, sizeof(all))));
  return clear(error);
}

}  // namespace thinbit
