// generated from codegen/schema/thinbit.yaml: do not edit
#pragma once

#include "cuda/forward.h"
#include "generated/backend.gen.h"

namespace thinbit::cuda {

// The backend as the core calls it: each op goes on to the plugin's.
inline constexpr Backend kForwarding = {
    "cuda",
    forward<&BackendOf<Session>::quantize>,
    forward<&BackendOf<Session>::dequantize>,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    forward<&BackendOf<Session>::to_fp8>,
    forward<&BackendOf<Session>::from_fp8>,
};

}  // namespace thinbit::cuda
