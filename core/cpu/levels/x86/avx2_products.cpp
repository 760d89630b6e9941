#if defined(__x86_64__)

#include "cpu/levels/x86/avx2_products.h"

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "cpu/levels/x86/regions.h"
#include "numerics/e8m0.h"

// What the eight lanes are here, then what is made of them.
THINBIT_BEGIN_AVX2
#include "cpu/levels/x86/avx2/blocks.h"
THINBIT_END_REGION

THINBIT_BEGIN_AVX2
#include "cpu/levels/lanes/blocked.h"
#include "cpu/levels/lanes/products.h"
THINBIT_END_REGION

namespace thinbit {

const FusedProduct* avx2_product(const RowFormat&, DType) { return &kFusedProduct; }
const BlockedProduct* avx2_blocked_product(const RowFormat&, DType) { return &kBlockedProduct; }

}  // namespace thinbit

#endif
