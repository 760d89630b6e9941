#pragma once

// The vectors of levels/lanes on aarch64: pairs of four lanes.

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "cpu/levels/generic/unroll.h"

namespace thinbit {
namespace {

constexpr int kLanes = 8;
constexpr int kRegisters = 16;  // pairs
constexpr int kRowsAtOnce = 4;  // of x, with two vectors of weights: with six gcc 12 spills
struct Lanes {
  float32x4_t low;
  float32x4_t high;
};

THINBIT_INLINE Lanes load_lanes(const float* from) {
  return {vld1q_f32(from), vld1q_f32(from + 4)};
}
THINBIT_INLINE void store_lanes(float* to, Lanes v) {
  vst1q_f32(to, v.low);
  vst1q_f32(to + 4, v.high);
}
THINBIT_INLINE Lanes broadcast(const float* from) {
  const float32x4_t v = vld1q_dup_f32(from);
  return {v, v};
}
THINBIT_INLINE Lanes add(Lanes a, Lanes b) {
  return {vaddq_f32(a.low, b.low), vaddq_f32(a.high, b.high)};
}
THINBIT_INLINE Lanes multiply(Lanes a, Lanes b) {
  return {vmulq_f32(a.low, b.low), vmulq_f32(a.high, b.high)};
}

// a * b + c, rounded once.
THINBIT_INLINE Lanes fma(Lanes a, Lanes b, Lanes c) {
  return {vfmaq_f32(c.low, a.low, b.low), vfmaq_f32(c.high, a.high, b.high)};
}

// Integers as floats.
THINBIT_INLINE Lanes unsigned_bytes(const uint8_t* from) {
  const uint16x8_t words = vmovl_u8(vld1_u8(from));
  return {vcvtq_f32_u32(vmovl_u16(vget_low_u16(words))), vcvtq_f32_u32(vmovl_high_u16(words))};
}
THINBIT_INLINE Lanes signed_bytes(const int8_t* from) {
  const int16x8_t words = vmovl_s8(vld1_s8(from));
  return {vcvtq_f32_s32(vmovl_s16(vget_low_s16(words))), vcvtq_f32_s32(vmovl_high_s16(words))};
}

// float16 or bfloat16 elements.
THINBIT_INLINE Lanes float16s(float16x8_t halves) {
  return {vcvt_f32_f16(vget_low_f16(halves)), vcvt_high_f32_f16(halves)};
}
THINBIT_INLINE Lanes float16s(const std::byte* from) {
  return float16s(vreinterpretq_f16_u8(vld1q_u8(reinterpret_cast<const uint8_t*>(from))));
}
THINBIT_INLINE Lanes bfloat16s(const std::byte* from) {
  const uint16x8_t words = vreinterpretq_u16_u8(vld1q_u8(reinterpret_cast<const uint8_t*>(from)));
  return {vreinterpretq_f32_u32(vshll_n_u16(vget_low_u16(words), 16)),
          vreinterpretq_f32_u32(vshll_high_n_u16(words, 16))};
}

// to[lane] += v[lane], in double.
THINBIT_INLINE void add_to_doubles(double* to, Lanes v) {
  const float64x2_t parts[4] = {vcvt_f64_f32(vget_low_f32(v.low)), vcvt_high_f64_f32(v.low),
                                vcvt_f64_f32(vget_low_f32(v.high)), vcvt_high_f64_f32(v.high)};
  unroll<4>([&](auto i) __attribute__((always_inline)) {
    vst1q_f64(to + 2 * i, vaddq_f64(vld1q_f64(to + 2 * i), parts[i]));
  });
}

// to[j * to_stride + i] = from[i * from_stride + j], four by four.
THINBIT_INLINE void transpose_four(const float* from, int64_t from_stride, float* to,
                                   int64_t to_stride) {
  const float32x4x2_t low = vzipq_f32(vld1q_f32(from), vld1q_f32(from + 2 * from_stride));
  const float32x4x2_t high =
      vzipq_f32(vld1q_f32(from + from_stride), vld1q_f32(from + 3 * from_stride));
  const float32x4x2_t left = vzipq_f32(low.val[0], high.val[0]);
  const float32x4x2_t right = vzipq_f32(low.val[1], high.val[1]);
  vst1q_f32(to, left.val[0]);
  vst1q_f32(to + to_stride, left.val[1]);
  vst1q_f32(to + 2 * to_stride, right.val[0]);
  vst1q_f32(to + 3 * to_stride, right.val[1]);
}

// The same for kLanes i and j.
THINBIT_INLINE void transpose(const float* from, int64_t from_stride, float* to,
                              int64_t to_stride) {
  for (int i = 0; i < kLanes; i += 4) {
    for (int j = 0; j < kLanes; j += 4) {
      transpose_four(from + i * from_stride + j, from_stride, to + j * to_stride + i, to_stride);
    }
  }
}

}  // namespace
}  // namespace thinbit
