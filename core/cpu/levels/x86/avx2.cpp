#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "cpu/levels/row_kernels.h"
#include "cpu/levels/x86/avx2_products.h"
#include "cpu/levels/x86/regions.h"
#include "numerics/affine.h"
#include "numerics/bit_stream.h"
#include "numerics/flush.h"
#include "numerics/mx.h"
#include "numerics/nvfp4.h"

// What a vector is here, then what is made of it.
THINBIT_BEGIN_AVX2
#include "cpu/levels/x86/avx2/blocks.h"
THINBIT_END_REGION

THINBIT_BEGIN_AVX2
#include "cpu/levels/generic/sums.h"
#include "cpu/levels/lanes/dequantize.h"
#include "cpu/levels/lanes/quantize.h"
THINBIT_END_REGION

namespace thinbit {

extern const RowKernels kAvx2Kernels;
const RowKernels kAvx2Kernels = {"avx2",
                                 load_lanes_of,
                                 store_lanes_of,
                                 quantize_lanes,
                                 requantize,
                                 dequantize_lanes,
                                 decode_lanes,
                                 dot,
                                 accumulate,
                                 to_fp8,
                                 from_fp8,
                                 avx2_product,
                                 avx2_blocked_product};

}  // namespace thinbit

#endif
