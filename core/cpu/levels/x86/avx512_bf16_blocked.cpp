#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "cpu/levels/x86/avx512_blocked.h"
#include "cpu/levels/x86/regions.h"

THINBIT_BEGIN_AVX512_BF16

#include "cpu/levels/x86/avx512/blocked_bf16.h"

THINBIT_END_REGION

namespace thinbit {
namespace {

// Few rows go to the fused product on bfloat16 where there is one, which takes 40 to lose.
template <class Codes, int64_t kLeastRows>
constexpr BlockedProduct kBf16Blocked = {kLeastRows,
                                         tile_bytes_bf16,
                                         prepare_tile_bf16,
                                         kPanelDepth * kPanelColumns * 2,
                                         decode_panel_bf16<Codes>,
                                         pack_panel_bf16,
                                         multiply_blocked_bf16};

}  // namespace

const BlockedProduct* avx512_bf16_blocked_product(const RowFormat& format) {
  if (format.mode == Mode::kMxfp4) return &kBf16Blocked<E2m1Codes<Mode::kMxfp4>, 40>;
  if (format.mode == Mode::kNvfp4) return &kBf16Blocked<E2m1Codes<Mode::kNvfp4>, 40>;
  if (format.mode == Mode::kMxfp8) return &kBf16Blocked<E4m3Codes, 12>;
  switch (format.bits) {
    case 1:
      return &kBf16Blocked<SmallCodes<1>, 40>;
    case 2:
      return &kBf16Blocked<SmallCodes<2>, 40>;
    case 3:
      return &kBf16Blocked<SmallCodes<3>, 40>;
    case 4:
      return &kBf16Blocked<SmallCodes<4>, 40>;
    case 5:
      return &kBf16Blocked<FiveBitCodes, 12>;
    case 6:
      return &kBf16Blocked<LargeCodes<6>, 12>;
    default:
      return &kBf16Blocked<LargeCodes<8>, 12>;
  }
}

}  // namespace thinbit

#endif
