#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "cpu/levels/x86/avx512_blocked.h"
#include "cpu/levels/x86/regions.h"
#include "numerics/e2m1.h"
#include "numerics/half.h"

THINBIT_BEGIN_AVX512_BF16

#include "cpu/levels/x86/avx512/blocked_affine_bf16.h"
#include "cpu/levels/x86/avx512/blocked_bf16.h"

THINBIT_END_REGION

namespace thinbit {
namespace {

// Few rows go to the fused product on bfloat16 where there is one, which takes 40 to lose.
constexpr int64_t kBesideFused = 40;
constexpr int64_t kAlone = 12;

template <class Codes, int64_t kLeastRows>
constexpr BlockedProduct kExactWeights = {kLeastRows,
                                          tile_bytes_bf16,
                                          prepare_tile_bf16,
                                          kPanelDepth * kPanelColumns * 2,
                                          decode_panel_bf16<Codes>,
                                          pack_panel_bf16,
                                          multiply_blocked_bf16};

// Weights that are given as floats are not codes.
template <class Codes, int64_t kLeastRows, int kGroupSize>
constexpr BlockedProduct kAffineCodes = {kLeastRows,
                                         tile_bytes_affine<kGroupSize>,
                                         prepare_tile_affine<kGroupSize>,
                                         sizeof(AffinePanel),
                                         decode_panel_affine<Codes>,
                                         nullptr,
                                         multiply_blocked_affine<kGroupSize>};

template <class Codes, int64_t kLeastRows>
const BlockedProduct* affine_codes(int group_size) {
  if (group_size == 32) return &kAffineCodes<Codes, kLeastRows, 32>;
  if (group_size == 64) return &kAffineCodes<Codes, kLeastRows, 64>;
  return &kAffineCodes<Codes, kLeastRows, 128>;
}

}  // namespace

const BlockedProduct* avx512_bf16_blocked_product(const RowFormat& format) {
  if (format.mode == Mode::kMxfp4) {
    return &kExactWeights<E2m1Codes<Mode::kMxfp4>, kBesideFused>;
  }
  if (format.mode == Mode::kNvfp4) {
    return &kExactWeights<E2m1Codes<Mode::kNvfp4>, kBesideFused>;
  }
  if (format.mode == Mode::kMxfp8) return &kExactWeights<E4m3Lookup, kBesideFused>;
  switch (format.bits) {
    case 1:
      return affine_codes<SmallCodes<1>, kBesideFused>(format.group_size);
    case 2:
      return affine_codes<SmallCodes<2>, kBesideFused>(format.group_size);
    case 3:
      return affine_codes<SmallCodes<3>, kBesideFused>(format.group_size);
    case 4:
      return affine_codes<SmallCodes<4>, kBesideFused>(format.group_size);
    case 5:
      return affine_codes<FiveBitCodes, kAlone>(format.group_size);
    case 6:
      return affine_codes<LargeCodes<6>, kAlone>(format.group_size);
    default:
      return affine_codes<LargeCodes<8>, kAlone>(format.group_size);
  }
}

}  // namespace thinbit

#endif
