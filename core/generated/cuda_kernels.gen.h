// generated from codegen/schema/thinbit.yaml: do not edit
#pragma once

#include "generated/backend.gen.h"

namespace thinbit {

// What the schema says that cuda can do. A kernel that is missing does not link.
namespace cuda {

class Session;

Fault quantize(Session& session, const QuantizeCall& call);
Fault dequantize(Session& session, const DequantizeCall& call);
Fault quantized_matmul(Session& session, const QuantizedMatmulCall& call);
Fault quantized_addmm(Session& session, const QuantizedAddmmCall& call);
Fault gather_qmm(Session& session, const GatherQmmCall& call);
Fault qqmm(Session& session, const QqmmCall& call);
Fault qqaddmm(Session& session, const QqaddmmCall& call);
Fault gather_qqmm(Session& session, const GatherQqmmCall& call);
Fault to_fp8(Session& session, const ToFp8Call& call);
Fault from_fp8(Session& session, const FromFp8Call& call);

}  // namespace cuda

inline constexpr BackendOf<cuda::Session> kCudaBackend = {
    "cuda",
    cuda::quantize,
    cuda::dequantize,
    cuda::quantized_matmul,
    cuda::quantized_addmm,
    cuda::gather_qmm,
    cuda::qqmm,
    cuda::qqaddmm,
    cuda::gather_qqmm,
    cuda::to_fp8,
    cuda::from_fp8,
};

}  // namespace thinbit
