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

template <class Codes>
constexpr BlockedProduct kBf16Blocked = {
    tile_bytes_bf16, prepare_tile_bf16, kPanelDepth* kPanelColumns * 2, decode_panel_bf16<Codes>,
    multiply_blocked_bf16};

}  // namespace

const BlockedProduct* avx512_bf16_blocked_product(const RowFormat& format) {
  if (format.mode == Mode::kMxfp4) return &kBf16Blocked<E2m1Codes<Mode::kMxfp4>>;
  if (format.mode == Mode::kNvfp4) return &kBf16Blocked<E2m1Codes<Mode::kNvfp4>>;
  if (format.mode == Mode::kMxfp8) return &kBf16Blocked<E4m3Codes>;
  switch (format.bits) {
    case 1:
      return &kBf16Blocked<SmallCodes<1>>;
    case 2:
      return &kBf16Blocked<SmallCodes<2>>;
    case 3:
      return &kBf16Blocked<SmallCodes<3>>;
    case 4:
      return &kBf16Blocked<SmallCodes<4>>;
    case 5:
      return &kBf16Blocked<FiveBitCodes>;
    case 6:
      return &kBf16Blocked<LargeCodes<6>>;
    default:
      return &kBf16Blocked<LargeCodes<8>>;
  }
}

}  // namespace thinbit

#endif
