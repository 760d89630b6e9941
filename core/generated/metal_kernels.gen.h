// generated from codegen/schema/thinbit.yaml: do not edit
#pragma once

#include "generated/backend.gen.h"

namespace thinbit {

// What the schema says that metal can do. A kernel that is missing does not link.
namespace metal {

Fault quantize(Context& context, const QuantizeCall& call);
Fault dequantize(Context& context, const DequantizeCall& call);
Fault quantized_matmul(Context& context, const QuantizedMatmulCall& call);
Fault quantized_addmm(Context& context, const QuantizedAddmmCall& call);
Fault gather_qmm(Context& context, const GatherQmmCall& call);
Fault qqmm(Context& context, const QqmmCall& call);
Fault qqaddmm(Context& context, const QqaddmmCall& call);
Fault gather_qqmm(Context& context, const GatherQqmmCall& call);
Fault to_fp8(Context& context, const ToFp8Call& call);
Fault from_fp8(Context& context, const FromFp8Call& call);

}  // namespace metal

inline constexpr Backend kMetalBackend = {
    "metal",
    metal::quantize,
    metal::dequantize,
    metal::quantized_matmul,
    metal::quantized_addmm,
    metal::gather_qmm,
    metal::qqmm,
    metal::qqaddmm,
    metal::gather_qqmm,
    metal::to_fp8,
    metal::from_fp8,
};

}  // namespace thinbit
