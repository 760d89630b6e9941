#if defined(__x86_64__)

#include "cpu/levels/x86/avx512_products.h"

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "cpu/levels/x86/features.h"
#include "cpu/levels/x86/regions.h"

THINBIT_BEGIN_AVX512

#include "cpu/levels/x86/avx512/products_f32.h"

THINBIT_END_REGION

namespace thinbit {
namespace {

template <class Codes>
constexpr FusedProduct kF32Product = {prepared_f32_bytes, prepare_f32<Codes>, multiply_f32<Codes>};

const FusedProduct* f32_product(const RowFormat& format) {
  if (format.mode == Mode::kMxfp4) return &kF32Product<E2m1Codes<Mode::kMxfp4>>;
  if (format.mode == Mode::kNvfp4) return &kF32Product<E2m1Codes<Mode::kNvfp4>>;
  static const bool has_vbmi = x86_features().avx512_vbmi;
  if (format.mode == Mode::kMxfp8) {
    return has_vbmi ? avx512_vbmi_e4m3_product() : &kF32Product<E4m3Codes>;
  }
  switch (format.bits) {
    case 1:
      return &kF32Product<SmallCodes<1>>;
    case 2:
      return &kF32Product<SmallCodes<2>>;
    case 3:
      return &kF32Product<SmallCodes<3>>;
    case 4:
      return &kF32Product<SmallCodes<4>>;
    case 5:
      return &kF32Product<FiveBitCodes>;
    case 6:
      return &kF32Product<LargeCodes<6>>;
    default:
      return &kF32Product<LargeCodes<8>>;
  }
}

}  // namespace

const FusedProduct* avx512_product(const RowFormat& format, DType x) {
  static const bool has_bf16 = x86_features().avx512_bf16;
  const FusedProduct* words =
      has_bf16 && x == DType::kBfloat16 ? avx512_bf16_product(format) : nullptr;
  if (words != nullptr) return words;
  const FusedProduct* digits = avx512_digit_product(format, x);
  return digits != nullptr ? digits : f32_product(format);
}

}  // namespace thinbit

#endif
