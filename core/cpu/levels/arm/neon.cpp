#if defined(__aarch64__)

#include "cpu/levels/arm/neon/blocks.h"
#include "cpu/levels/generic/sums.h"
#include "cpu/levels/lanes/blocked.h"
#include "cpu/levels/lanes/dequantize.h"
#include "cpu/levels/lanes/products.h"
#include "cpu/levels/lanes/quantize.h"
#include "cpu/levels/row_kernels.h"

namespace thinbit {
namespace {

const FusedProduct* fused(const RowFormat&, DType) { return &kFusedProduct; }
const BlockedProduct* blocked(const RowFormat&, DType) { return &kBlockedProduct; }

}  // namespace

// Every aarch64 processor has these instructions.
extern const RowKernels kNeonKernels;
const RowKernels kNeonKernels = {"neon",     load_lanes_of,    store_lanes_of, quantize_lanes,
                                 requantize, dequantize_lanes, decode_lanes,   dot,
                                 accumulate, to_fp8,           from_fp8,       fused,
                                 blocked};

}  // namespace thinbit

#endif
