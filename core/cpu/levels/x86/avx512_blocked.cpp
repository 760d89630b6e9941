#if defined(__x86_64__)

#include "cpu/levels/x86/avx512_blocked.h"

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "cpu/levels/x86/features.h"
#include "cpu/levels/x86/regions.h"

THINBIT_BEGIN_AVX512

#include "cpu/levels/x86/avx512/blocked_f32.h"

THINBIT_END_REGION

namespace thinbit {
namespace {

template <class Codes>
constexpr BlockedProduct kF32Blocked = {12,
                                        tile_bytes_f32,
                                        prepare_tile_f32,
                                        kPanelDepth * kPanelColumns * 4,
                                        decode_panel_f32<Codes>,
                                        pack_panel_f32,
                                        multiply_blocked_f32};

const BlockedProduct* f32_blocked(const RowFormat& format) {
  if (format.mode == Mode::kMxfp4) return &kF32Blocked<E2m1Codes<Mode::kMxfp4>>;
  if (format.mode == Mode::kNvfp4) return &kF32Blocked<E2m1Codes<Mode::kNvfp4>>;
  if (format.mode == Mode::kMxfp8) return &kF32Blocked<E4m3Codes>;
  switch (format.bits) {
    case 1:
      return &kF32Blocked<SmallCodes<1>>;
    case 2:
      return &kF32Blocked<SmallCodes<2>>;
    case 3:
      return &kF32Blocked<SmallCodes<3>>;
    case 4:
      return &kF32Blocked<SmallCodes<4>>;
    case 5:
      return &kF32Blocked<FiveBitCodes>;
    case 6:
      return &kF32Blocked<LargeCodes<6>>;
    default:
      return &kF32Blocked<LargeCodes<8>>;
  }
}

}  // namespace

const BlockedProduct* avx512_blocked_product(const RowFormat& format, DType x) {
  static const bool has_bf16 = x86_features().avx512_bf16;
  if (has_bf16 && x == DType::kBfloat16) return avx512_bf16_blocked_product(format);
  return f32_blocked(format);
}

}  // namespace thinbit

#endif
