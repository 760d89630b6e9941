// generated from codegen/schema/thinbit.yaml: do not edit
#pragma once

#include "generated/backend.gen.h"

namespace thinbit {

// What the schema says that cuda can do. A kernel that is missing does not link.
namespace cuda {

class Session;

Fault quantize(Session& session, const QuantizeCall& call);
Fault dequantize(Session& session, const DequantizeCall& call);
Fault to_fp8(Session& session, const ToFp8Call& call);
Fault from_fp8(Session& session, const FromFp8Call& call);

}  // namespace cuda

inline constexpr BackendOf<cuda::Session> kCudaBackend = {
    "cuda",
    cuda::quantize,
    cuda::dequantize,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    cuda::to_fp8,
    cuda::from_fp8,
};

}  // namespace thinbit
