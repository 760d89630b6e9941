// Groups of floats to codes, scales and biases, with the CPU's bytes.
//
// Bound by memory: 4 bytes (2 of 16-bit floats) are read and bits / 8 written for each weight, and
// the scales. A thread takes eight elements of a group and its neighbours the rest, so that a warp
// reads 256 elements in a row; the group's bounds go round by shuffles, log2(group_size / 8) of
// them, without shared memory.
//
// THINBIT_MODE and THINBIT_BITS say what a module is compiled for.

#include "cuda/kernels/codes.h"
#include "cuda/kernels/faults.h"
#include "cuda/kernels/float_memory.h"
#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"
#include "numerics/affine.h"
#include "numerics/flush.h"
#include "numerics/mx.h"
#include "numerics/nvfp4.h"

namespace thinbit {
namespace {

constexpr CodeMode kMode = static_cast<CodeMode>(THINBIT_MODE);
constexpr int kBits = THINBIT_BITS;

// Eight elements and what their group has in common.
struct GroupPart {
  float values[8];  // flushed
  uint32_t faults;  // bit i: element i is not finite
  float amax;       // of the group, as are lo and hi
  float lo;
  float hi;
};

// All lanes of a warp come here, those without elements too.
THINBIT_DEVICE GroupPart read_group(const uint8_t* memory, uint64_t chunk, bool inside,
                                    FloatFormat format, uint32_t threads_per_group) {
  GroupPart part = {};
  if (inside) load_eight(memory, chunk * kChunk, format, part.values);
  uint32_t largest = 0;
  for (int i = 0; i < 8; ++i) {
    part.values[i] = flush_subnormal(part.values[i]);
    const uint32_t size = bits_of(part.values[i]) & ~kSignBit;
    largest = size > largest ? size : largest;
    if (size >= kInfinityBits) part.faults |= 1u << i;
  }
  part.lo = part.hi = part.values[0];
  for (int i = 1; i < 8; ++i) {
    if (part.values[i] < part.lo) part.lo = part.values[i];
    if (part.values[i] > part.hi) part.hi = part.values[i];
  }
  // Of equal bounds the first counts, which only the sign of a zero tells: the lower lane's comes
  // first in every comparison.
  for (uint32_t step = 1; step < threads_per_group; step *= 2) {
    const uint32_t other = shuffle_xor(largest, step);
    largest = other > largest ? other : largest;
    const float other_lo = shuffle_xor(part.lo, step);
    const float other_hi = shuffle_xor(part.hi, step);
    const bool upper = (thread_index() & step) != 0;
    const float first_lo = upper ? other_lo : part.lo;
    const float second_lo = upper ? part.lo : other_lo;
    const float first_hi = upper ? other_hi : part.hi;
    const float second_hi = upper ? part.hi : other_hi;
    part.lo = second_lo < first_lo ? second_lo : first_lo;
    part.hi = second_hi > first_hi ? second_hi : first_hi;
  }
  part.amax = float_of(largest);
  return part;
}

// The byte of the scale of a mode without biases.
THINBIT_DEVICE uint32_t scale_byte(float amax, float encode_factor) {
  if constexpr (kMode == CodeMode::kNvfp4) {
    return nvfp4_scale(amax, encode_factor);
  } else {
    return e8m0_encode(kMode == CodeMode::kMxfp8 ? mxfp8_exponent(amax) : mxfp4_exponent(amax));
  }
}

THINBIT_DEVICE uint32_t code_of(float value, uint32_t byte, float encode_factor) {
  if constexpr (kMode == CodeMode::kNvfp4) {
    return nvfp4_code(value, e4m3_decode(byte), encode_factor);
  } else {
    const int exponent = e8m0_exponent(byte);
    return kMode == CodeMode::kMxfp8 ? mxfp8_code(value, exponent) : mxfp4_code(value, exponent);
  }
}

THINBIT_DEVICE int first_bit(uint32_t bits) {
  int index = 0;
  while ((bits >> index & 1u) == 0) ++index;
  return index;
}

}  // namespace

THINBIT_KERNEL(kConversionThreads, quantize, QuantizeParameters) {
  const uint64_t chunk = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  const uint32_t threads_per_group = parameters.group_size / kChunk;
  const uint64_t group = chunk / threads_per_group;
  const bool inside = group < parameters.groups;
  const GroupPart part =
      read_group(parameters.w, chunk, inside, parameters.format, threads_per_group);
  if (!inside) return;
  const bool leader = chunk % threads_per_group == 0;
  if (part.faults != 0) {
    report(parameters.fault, FaultKind::kNonFinite,
           chunk * kChunk + static_cast<uint64_t>(first_bit(part.faults)));
  }
  uint64_t packed = 0;
  if constexpr (kMode == CodeMode::kAffine) {
    const AffineGroup affine = affine_group(part.lo, part.hi, kBits);
    for (int i = 0; i < 8; ++i) {
      packed |= static_cast<uint64_t>(affine_code(part.values[i], affine, kBits)) << (kBits * i);
    }
    if (leader) {
      const bool overflow = !is_finite(round_to(parameters.format, affine.scale)) ||
                            !is_finite(round_to(parameters.format, affine.bias));
      if (is_finite(part.amax) && overflow) {
        report(parameters.fault, FaultKind::kScaleOverflow, chunk * kChunk);
      }
      store_float(parameters.scales, group, affine.scale, parameters.format);
      store_float(parameters.biases, group, affine.bias, parameters.format);
    }
  } else {
    float factor = 1.0f;
    if (kMode == CodeMode::kNvfp4 && parameters.global_scales != nullptr) {
      const uint64_t matrix = group / parameters.groups_per_matrix;
      const float scale = load_read_only(
          parameters.global_scales + static_cast<int64_t>(matrix) * parameters.global_scale_stride);
      factor = nvfp4_encode_factor(scale);
      if (leader && group % parameters.groups_per_matrix == 0 && !is_global_scale(scale)) {
        report(parameters.fault, FaultKind::kWeightScale, parameters.global_scale_stride * matrix);
      }
    }
    const uint32_t byte = scale_byte(part.amax, factor);
    for (int i = 0; i < 8; ++i) {
      packed |= static_cast<uint64_t>(code_of(part.values[i], byte, factor)) << (kBits * i);
    }
    if (leader) parameters.scales[group] = static_cast<uint8_t>(byte);
  }
  store_codes<kBits>(parameters.codes + chunk * kBits, packed);
}

#if THINBIT_MODE != 1
// The values that quantized activations have, without the global scale: those of qqmm. Each has at
// most six significant bits and an exponent of float32, so that bf16 holds it. A group with NaN or
// infinity is NaN, and so is every sum that it goes into.
THINBIT_KERNEL(kConversionThreads, quantized_values, QuantizedValuesParameters) {
  const uint64_t chunk = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  const uint32_t threads_per_group = parameters.group_size / kChunk;
  const bool inside = chunk / threads_per_group < parameters.groups;
  const GroupPart part =
      read_group(parameters.x, chunk, inside, parameters.format, threads_per_group);
  if (!inside) return;
  float factor = 1.0f;
  if (kMode == CodeMode::kNvfp4 && parameters.global_scale != nullptr) {
    const float scale = load_read_only(parameters.global_scale);
    factor = nvfp4_encode_factor(scale);
    if (chunk == 0 && !is_global_scale(scale)) {
      report(parameters.fault, FaultKind::kActivationScale, 0);
    }
  }
  const uint32_t byte = scale_byte(part.amax, factor);
  float values[8];
  for (int i = 0; i < 8; ++i) {
    const float element = element_of<kMode>(code_of(part.values[i], byte, factor));
    const float value = kMode == CodeMode::kNvfp4 ? multiply(element, e4m3_decode(byte))
                                                  : mx_dequantize(element, byte);
    values[i] = is_finite(part.amax) ? value : float_of(kNanBits);
  }
  store_eight(reinterpret_cast<uint8_t*>(parameters.values), chunk * kChunk, FloatFormat::kBfloat16,
              values);
}
#endif

}  // namespace thinbit
