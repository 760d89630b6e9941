// generated from codegen/schema/thinbit.yaml: do not edit
#include "generated/schema_hash.gen.h"
#include "thinbit/thinbit.h"

extern "C" {

uint32_t thinbit_abi_version(void) noexcept { return THINBIT_ABI_VERSION; }

const char* thinbit_schema_hash(void) noexcept {
  return thinbit::kSchemaHash;
}

const char* thinbit_status_name(thinbit_status status) noexcept {
  switch (status) {
    case THINBIT_OK:
      return "ok";
    case THINBIT_INVALID_ARGUMENT:
      return "invalid_argument";
    case THINBIT_UNSUPPORTED:
      return "unsupported";
    case THINBIT_NON_FINITE:
      return "non_finite";
    case THINBIT_OUT_OF_MEMORY:
      return "out_of_memory";
    case THINBIT_DEVICE:
      return "device";
    case THINBIT_INTERNAL:
      return "internal";
    default:
      return "unknown";
  }
}

}  // extern "C"
