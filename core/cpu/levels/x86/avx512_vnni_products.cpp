#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "cpu/levels/x86/avx512_products.h"
#include "cpu/levels/x86/features.h"
#include "cpu/levels/x86/regions.h"
#include "numerics/affine.h"
#include "numerics/bit_stream.h"
#include "numerics/flush.h"
#include "numerics/mx.h"
#include "numerics/nvfp4.h"

// What a vector is here, then what is made of it.
THINBIT_BEGIN_AVX512_VNNI
#include "cpu/levels/x86/avx512/blocks.h"
THINBIT_END_REGION

THINBIT_BEGIN_AVX512_VNNI
#include "cpu/levels/x86/avx512/products_int8.h"
THINBIT_END_REGION

namespace thinbit {
namespace {

template <Mode kMode, int kGroup>
constexpr FusedProduct kInt8Product = {Int8Row<kGroup>::bytes, nullptr,
                                       multiply_int8<kMode, kGroup>, prepare_int8<kMode, kGroup>};

}  // namespace

const FusedProduct* avx512_quantized_product(const RowFormat& format) {
  static const bool has_vnni = x86_features().avx512_vnni;
  if (!has_vnni) return nullptr;
  if (format.mode == Mode::kMxfp4) return &kInt8Product<Mode::kMxfp4, 32>;
  if (format.mode == Mode::kNvfp4) return &kInt8Product<Mode::kNvfp4, 16>;
  return nullptr;
}

}  // namespace thinbit

#endif
