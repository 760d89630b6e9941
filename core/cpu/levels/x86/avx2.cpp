#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

#include "cpu/levels/row_kernels.h"
#include "cpu/levels/x86/avx2_products.h"
#include "cpu/levels/x86/regions.h"
#include "numerics/affine.h"
#include "numerics/bit_stream.h"
#include "numerics/flush.h"
#include "numerics/mx.h"
#include "numerics/nvfp4.h"

THINBIT_BEGIN_AVX2

#include "cpu/levels/generic/decode_groups.h"
#include "cpu/levels/generic/float_rows.h"
#include "cpu/levels/generic/quantize_groups.h"
#include "cpu/levels/generic/sums.h"

THINBIT_END_REGION

namespace thinbit {

extern const RowKernels kAvx2Kernels;
const RowKernels kAvx2Kernels = {
    "avx2", load,       store,  quantize, requantize,   dequantize,          decode,
    dot,    accumulate, to_fp8, from_fp8, avx2_product, avx2_blocked_product};

}  // namespace thinbit

#endif
