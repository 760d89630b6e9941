#pragma once

// What a group has besides its codes, in the form in which sums of exact elements are scaled: a
// weight is scale * (code - centre) + bias, or scale * element.

#include "cuda/kernels/float_memory.h"
#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"
#include "numerics/affine.h"
#include "numerics/e4m3.h"
#include "numerics/e8m0.h"

namespace thinbit {

struct GroupScale {
  float scale;
  float bias;
  uint32_t centre;
};

template <CodeMode mode>
THINBIT_DEVICE float scale_of_byte(uint32_t byte) {
  return mode == CodeMode::kNvfp4 ? e4m3_decode(byte) : e8m0_decode(byte);
}

// The scale of group `index`, and for affine its bias: as they lie in memory.
template <CodeMode mode>
THINBIT_DEVICE GroupScale load_scale(const ProductParameters& parameters, uint64_t index) {
  GroupScale group = {};
  if constexpr (mode == CodeMode::kAffine) {
    group.scale = load_float(parameters.scales, index, parameters.scale_format);
    group.bias = load_float(parameters.biases, index, parameters.scale_format);
  } else {
    group.scale = scale_of_byte<mode>(load_read_only(parameters.scales + index));
  }
  return group;
}

// A scale, and for affine a bias, as they lie in memory: read ahead, they are made floats where
// they are used, so that no lane waits for them before.
struct StoredScale {
  uint32_t scale;
  uint32_t bias;
};

template <CodeMode mode>
THINBIT_DEVICE uint32_t stored_scale_bytes(FloatFormat format) {
  if constexpr (mode != CodeMode::kAffine) return 1;
  return format == FloatFormat::kFloat32 ? 4 : 2;
}

// `Stored` is what a scale has in memory: uint8_t, uint16_t or uint32_t.
template <CodeMode mode, class Stored>
THINBIT_DEVICE StoredScale load_stored(const uint8_t* scales, const uint8_t* biases,
                                       uint64_t index) {
  StoredScale stored = {};
  stored.scale = load_read_only(reinterpret_cast<const Stored*>(scales) + index);
  if constexpr (mode == CodeMode::kAffine) {
    stored.bias = load_read_only(reinterpret_cast<const Stored*>(biases) + index);
  }
  return stored;
}

// Moves the bias of affine to the code nearest to zero. Any code would do for a correct result,
// so that the reciprocal need not be exact; the bias then is, but for one rounding.
template <CodeMode mode, int bits>
THINBIT_DEVICE GroupScale centred(GroupScale group) {
  if constexpr (mode == CodeMode::kAffine) {
    const float levels = static_cast<float>(affine_levels(bits));
    const float zero = -group.bias * reciprocal(group.scale);
    const float above = zero > 0.0f ? zero : 0.0f;  // NaN too
    const float inside = above < levels ? above : levels;
    const float rounded = add(inside, 8388608.0f);  // 2^23: the integer is in the lowest bits
    group.centre = bits_of(rounded) & 0xFFu;
    group.bias = fused(subtract(rounded, 8388608.0f), group.scale, group.bias);
  }
  return group;
}

// Of groups whose scales were read ahead: one branch on the format for all of them.
template <CodeMode mode, int bits, int count>
THINBIT_DEVICE void decode_scales(const StoredScale (&stored)[count], FloatFormat format,
                                  GroupScale (&groups)[count]) {
  if constexpr (mode != CodeMode::kAffine) {
    for (int i = 0; i < count; ++i) groups[i] = {scale_of_byte<mode>(stored[i].scale), 0.0f, 0};
    return;
  }
  if (format == FloatFormat::kFloat16) {
    for (int i = 0; i < count; ++i) {
      groups[i].scale = f32_of_f16(static_cast<uint16_t>(stored[i].scale));
      groups[i].bias = f32_of_f16(static_cast<uint16_t>(stored[i].bias));
    }
  } else {
    const uint32_t shift = format == FloatFormat::kBfloat16 ? 16 : 0;
    for (int i = 0; i < count; ++i) {
      groups[i].scale = float_of(stored[i].scale << shift);
      groups[i].bias = float_of(stored[i].bias << shift);
    }
  }
  for (int i = 0; i < count; ++i) groups[i] = centred<mode, bits>(groups[i]);
}

}  // namespace thinbit
