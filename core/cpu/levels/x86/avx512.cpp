#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "cpu/levels/row_kernels.h"
#include "cpu/levels/x86/avx512_blocked.h"
#include "cpu/levels/x86/avx512_products.h"
#include "cpu/levels/x86/regions.h"
#include "numerics/affine.h"
#include "numerics/bit_stream.h"
#include "numerics/flush.h"
#include "numerics/mx.h"
#include "numerics/nvfp4.h"

THINBIT_BEGIN_AVX512

#include "cpu/levels/generic/decode_groups.h"
#include "cpu/levels/generic/float_rows.h"
#include "cpu/levels/generic/quantize_groups.h"
#include "cpu/levels/generic/sums.h"
#include "cpu/levels/x86/avx512/affine_groups.h"
#include "cpu/levels/x86/avx512/e2m1_groups.h"
#include "cpu/levels/x86/avx512/float_rows.h"

THINBIT_END_REGION

namespace thinbit {

extern const RowKernels kAvx512Kernels;
const RowKernels kAvx512Kernels = {"avx512",
                                   load_wide,
                                   store_wide,
                                   quantize_wide,
                                   requantize,
                                   dequantize_wide,
                                   decode_wide,
                                   dot,
                                   accumulate,
                                   to_fp8,
                                   from_fp8,
                                   avx512_product,
                                   avx512_blocked_product,
                                   avx512_quantized_product};

}  // namespace thinbit

#endif
