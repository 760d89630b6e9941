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
THINBIT_INLINE Lanes lanes_of(float value) { return {vdupq_n_f32(value), vdupq_n_f32(value)}; }
THINBIT_INLINE Lanes zero_lanes() { return lanes_of(0.0f); }
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

THINBIT_INLINE Lanes subtract(Lanes a, Lanes b) {
  return {vsubq_f32(a.low, b.low), vsubq_f32(a.high, b.high)};
}
THINBIT_INLINE Lanes divide(Lanes a, Lanes b) {
  return {vdivq_f32(a.low, b.low), vdivq_f32(a.high, b.high)};
}
THINBIT_INLINE Lanes minimum(Lanes a, Lanes b) {
  return {vminq_f32(a.low, b.low), vminq_f32(a.high, b.high)};
}
THINBIT_INLINE Lanes maximum(Lanes a, Lanes b) {
  return {vmaxq_f32(a.low, b.low), vmaxq_f32(a.high, b.high)};
}
THINBIT_INLINE Lanes magnitude(Lanes v) { return {vabsq_f32(v.low), vabsq_f32(v.high)}; }
THINBIT_INLINE Lanes round_half_even(Lanes v) { return {vrndnq_f32(v.low), vrndnq_f32(v.high)}; }

// Subnormals become zero and keep their sign.
THINBIT_INLINE float32x4_t flush_subnormals(float32x4_t v) {
  const uint32x4_t bits = vreinterpretq_u32_f32(v);
  const uint32x4_t small = vcltq_f32(vabsq_f32(v), vdupq_n_f32(0x1p-126f));
  const uint32x4_t sign = vandq_u32(bits, vdupq_n_u32(0x80000000u));
  return vreinterpretq_f32_u32(vbslq_u32(small, sign, bits));
}
THINBIT_INLINE Lanes flush_subnormals(Lanes v) {
  return {flush_subnormals(v.low), flush_subnormals(v.high)};
}

THINBIT_INLINE bool any_above(Lanes v, float limit) {
  return vmaxvq_f32(vmaxq_f32(v.low, v.high)) > limit;
}
THINBIT_INLINE bool any_nan(Lanes v) {
  const uint32x4_t ordered = vandq_u32(vceqq_f32(v.low, v.low), vceqq_f32(v.high, v.high));
  return vminvq_u32(ordered) == 0;
}

// Of lanes that are no NaN.
THINBIT_INLINE float largest(Lanes v) { return vmaxvq_f32(vmaxq_f32(v.low, v.high)); }
THINBIT_INLINE float least(Lanes v) { return vminvq_f32(vminq_f32(v.low, v.high)); }

// 32 bits in each lane.
struct Ints {
  int32x4_t low;
  int32x4_t high;
};
THINBIT_INLINE Ints ints_of(int32_t value) { return {vdupq_n_s32(value), vdupq_n_s32(value)}; }
THINBIT_INLINE Ints lane_bits(Lanes v) {
  return {vreinterpretq_s32_f32(v.low), vreinterpretq_s32_f32(v.high)};
}
THINBIT_INLINE Lanes floats_of_bits(Ints v) {
  return {vreinterpretq_f32_s32(v.low), vreinterpretq_f32_s32(v.high)};
}
THINBIT_INLINE Ints to_ints(Lanes whole) {
  return {vcvtq_s32_f32(whole.low), vcvtq_s32_f32(whole.high)};
}
THINBIT_INLINE Ints add(Ints a, Ints b) {
  return {vaddq_s32(a.low, b.low), vaddq_s32(a.high, b.high)};
}
THINBIT_INLINE Ints both(Ints a, Ints b) {
  return {vandq_s32(a.low, b.low), vandq_s32(a.high, b.high)};
}
THINBIT_INLINE Ints either(Ints a, Ints b) {
  return {vorrq_s32(a.low, b.low), vorrq_s32(a.high, b.high)};
}
THINBIT_INLINE Ints minimum(Ints a, Ints b) {
  return {vminq_s32(a.low, b.low), vminq_s32(a.high, b.high)};
}
template <int kCount>
THINBIT_INLINE Ints shift_left(Ints v) {
  return {vshlq_n_s32(v.low, kCount), vshlq_n_s32(v.high, kCount)};
}
template <int kCount>
THINBIT_INLINE int32x4_t shift_right(int32x4_t v) {
  return vreinterpretq_s32_u32(vshrq_n_u32(vreinterpretq_u32_s32(v), kCount));
}
template <int kCount>
THINBIT_INLINE Ints shift_right(Ints v) {
  return {shift_right<kCount>(v.low), shift_right<kCount>(v.high)};
}

// a < b ? x : y, as signed integers.
THINBIT_INLINE Ints select_less(Ints a, Ints b, Ints x, Ints y) {
  return {vbslq_s32(vcltq_s32(a.low, b.low), x.low, y.low),
          vbslq_s32(vcltq_s32(a.high, b.high), x.high, y.high)};
}

// The low 16 bits of each lane.
THINBIT_INLINE int16x8_t words_of(Ints v) { return vmovn_high_s32(vmovn_s32(v.low), v.high); }
THINBIT_INLINE void store_words(Ints v, std::byte* to) {
  vst1q_u8(reinterpret_cast<uint8_t*>(to), vreinterpretq_u8_s16(words_of(v)));
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
// float16 elements whose lower bytes are zero.
THINBIT_INLINE Lanes upper_halves(const uint8_t* from) {
  return float16s(vreinterpretq_f16_u16(vshll_n_u8(vld1_u8(from), 8)));
}
THINBIT_INLINE float16x8_t to_float16s(Lanes v) {
  return vcvt_high_f16_f32(vcvt_f16_f32(v.low), v.high);
}
THINBIT_INLINE void store_float16s(Lanes v, std::byte* to) {
  vst1q_u8(reinterpret_cast<uint8_t*>(to), vreinterpretq_u8_f16(to_float16s(v)));
}
THINBIT_INLINE Lanes round_to_float16(Lanes v) { return float16s(to_float16s(v)); }
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
