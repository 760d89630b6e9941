#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "cpu/levels/x86/avx512_products.h"
#include "cpu/levels/x86/regions.h"
#include "numerics/e2m1.h"
#include "numerics/half.h"

THINBIT_BEGIN_AVX512_BF16

#include "cpu/levels/x86/avx512/products_bf16.h"

THINBIT_END_REGION

namespace thinbit {
namespace {

template <class Words, class Codes, int kGroupSize>
constexpr FusedProduct kWordsProduct = {prepared_words_bytes,
                                        prepare_words<Words, Codes, kGroupSize>,
                                        multiply_words<Words, Codes, kGroupSize>};

template <class Words, class Codes>
const FusedProduct* affine_product(int group_size) {
  if (group_size == 32) return &kWordsProduct<Words, Codes, 32>;
  if (group_size == 64) return &kWordsProduct<Words, Codes, 64>;
  return &kWordsProduct<Words, Codes, 128>;
}

}  // namespace

const FusedProduct* avx512_bf16_product(const RowFormat& format) {
  if (format.mode == Mode::kMxfp4) {
    return &kWordsProduct<E2m1Words<Mode::kMxfp4>, E2m1Codes<Mode::kMxfp4>, 32>;
  }
  if (format.mode == Mode::kNvfp4) {
    return &kWordsProduct<E2m1Words<Mode::kNvfp4>, E2m1Codes<Mode::kNvfp4>, 16>;
  }
  if (format.mode == Mode::kMxfp8) return &kWordsProduct<E4m3Words, E4m3Lookup, 32>;
  switch (format.bits) {
    case 1:
      return affine_product<FewBitWords<1>, SmallCodes<1>>(format.group_size);
    case 2:
      return affine_product<FewBitWords<2>, SmallCodes<2>>(format.group_size);
    case 3:
      return affine_product<ThreeBitWords, SmallCodes<3>>(format.group_size);
    case 4:
      return affine_product<FourBitWords, SmallCodes<4>>(format.group_size);
    default:
      return nullptr;
  }
}

}  // namespace thinbit

#endif
