#include "cpu/kernels.h"
#include "generated/backend.gen.h"

namespace thinbit {

extern const Backend kCpuBackend;
const Backend kCpuBackend = {
    "cpu",           cpu::quantize, cpu::dequantize, cpu::quantized_matmul, cpu::quantized_addmm,
    cpu::gather_qmm, cpu::qqmm,     cpu::qqaddmm,    cpu::gather_qqmm,      cpu::to_fp8,
    cpu::from_fp8};

}  // namespace thinbit
