// generated from codegen/schema/thinbit.yaml: do not edit
#include "generated/info.gen.h"

namespace thinbit {

thinbit_info collect_info() {
  thinbit_info all = THINBIT_INFO_INIT;
  all.version = info::version();
  all.abi_version = info::abi_version();
  all.schema_hash = info::schema_hash();
  all.backend = info::backend();
  all.cpu_level = info::cpu_level();
  all.cpu_level_reason = info::cpu_level_reason();
  all.cpu_levels = info::cpu_levels();
  all.cpu_levels_missing = info::cpu_levels_missing();
  all.cpu_extensions = info::cpu_extensions();
  all.num_threads = info::num_threads();
  all.num_threads_reason = info::num_threads_reason();
  return all;
}

}  // namespace thinbit
