#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "cpu/levels/x86/avx512_products.h"
#include "cpu/levels/x86/regions.h"

THINBIT_BEGIN_AVX512_VBMI

#include "cpu/levels/x86/avx512/products_f32.h"
#include "cpu/levels/x86/avx512/vbmi_codes.h"

THINBIT_END_REGION

namespace thinbit {
namespace {

constexpr FusedProduct kE4m3Product = {prepared_f32_bytes, prepare_f32<E4m3Lookup>,
                                       multiply_f32<E4m3Lookup>};

}  // namespace

const FusedProduct* avx512_vbmi_e4m3_product() { return &kE4m3Product; }

}  // namespace thinbit

#endif
