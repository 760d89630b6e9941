#pragma once

#include "generated/backend.gen.h"
#include "runtime/context.h"
#include "runtime/fault.h"

namespace thinbit::cpu {

// The CPU's kernels, one for each slot of the backend table.
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

}  // namespace thinbit::cpu
