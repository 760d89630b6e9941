#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "cpu/levels/x86/avx512_products.h"
#include "cpu/levels/x86/features.h"
#include "cpu/levels/x86/regions.h"
#include "numerics/affine.h"
#include "numerics/bit_stream.h"
#include "numerics/mx.h"
#include "numerics/nvfp4.h"

THINBIT_BEGIN_AVX512_VNNI

#include "cpu/levels/generic/decode_groups.h"
#include "cpu/levels/x86/avx512/products_digits.h"

THINBIT_END_REGION

namespace thinbit {
namespace {

// A sum in digits costs about as much as one of floats on processors with one port for both, and
// from three rows on that is what counts; from two on with nvfp4, which scales groups of 16.
template <class Bytes>
constexpr int64_t kMostDigitRows = Bytes::kMode == Mode::kNvfp4 ? 1 : 2;

template <class Bytes, class Codes, int kGroupSize>
constexpr FusedProduct kDigitProduct = {
    prepared_digits_bytes<Bytes, kGroupSize>, prepare_digits<Bytes, Codes, kGroupSize>,
    multiply_digits<Bytes, Codes>, nullptr, kMostDigitRows<Bytes>};

template <class Bytes, class Codes>
const FusedProduct* of_group_size(int group_size) {
  if (group_size == 32) return &kDigitProduct<Bytes, Codes, 32>;
  if (group_size == 64) return &kDigitProduct<Bytes, Codes, 64>;
  return &kDigitProduct<Bytes, Codes, 128>;
}

}  // namespace

const FusedProduct* avx512_digit_product(const RowFormat& format, DType x) {
  static const bool has_vnni = x86_features().avx512_vnni;
  if (!has_vnni || x == DType::kFloat32 || format.mode == Mode::kMxfp8) return nullptr;
  if (format.mode == Mode::kMxfp4) {
    return &kDigitProduct<E2m1Bytes<Mode::kMxfp4>, E2m1Codes<Mode::kMxfp4>, 32>;
  }
  if (format.mode == Mode::kNvfp4) {
    return &kDigitProduct<E2m1Bytes<Mode::kNvfp4>, E2m1Codes<Mode::kNvfp4>, 16>;
  }
  switch (format.bits) {
    case 1:
      return of_group_size<FieldBytes<1>, SmallCodes<1>>(format.group_size);
    case 2:
      return of_group_size<FieldBytes<2>, SmallCodes<2>>(format.group_size);
    case 3:
      return of_group_size<ThreeBitBytes, SmallCodes<3>>(format.group_size);
    case 4:
      return of_group_size<FieldBytes<4>, SmallCodes<4>>(format.group_size);
    case 5:
      return of_group_size<PairBytes<5>, FiveBitCodes>(format.group_size);
    case 6:
      return of_group_size<PairBytes<6>, LargeCodes<6>>(format.group_size);
    default:
      // Beside codes of 8 bits the numbers are too short for most rows of float16.
      if (x == DType::kFloat16) return nullptr;
      return of_group_size<WholeBytes, LargeCodes<8>>(format.group_size);
  }
}

}  // namespace thinbit

#endif
