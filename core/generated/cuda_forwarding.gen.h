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
    forward<&BackendOf<Session>::quantized_matmul>,
    forward<&BackendOf<Session>::quantized_addmm>,
    forward<&BackendOf<Session>::gather_qmm>,
    forward<&BackendOf<Session>::qqmm>,
    forward<&BackendOf<Session>::qqaddmm>,
    forward<&BackendOf<Session>::gather_qqmm>,
    forward<&BackendOf<Session>::to_fp8>,
    forward<&BackendOf<Session>::from_fp8>,
};

}  // namespace thinbit::cuda
