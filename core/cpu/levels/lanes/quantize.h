#pragma once

// Included by the file of each instruction set; see scales.h.
//
// The contract's quantize with the bytes of the generic loops, in three passes over a span: bounds
// of all groups; what each group's codes are made with; codes, and their words. Where a group
// cannot be quantized the generic loops find the first that cannot.

#include "cpu/levels/generic/quantize_groups.h"
#include "cpu/levels/lanes/affine_groups.h"
#include "cpu/levels/lanes/float_rows.h"
#include "cpu/levels/lanes/scales.h"

namespace thinbit {
namespace {

// `count` codes as words; the last block may be a part of one.
template <int kBits>
inline void pack_blocks(const uint8_t* codes, int64_t count, uint32_t* words) {
  auto* to = reinterpret_cast<std::byte*>(words);
  int64_t i = 0;
  for (; i + kBlockCodes <= count; i += kBlockCodes)
    pack_block<kBits>(codes + i, to + i * kBits / 8);
  if (i == count) return;
  std::byte rest[kBlockCodes];
  pack_block<kBits>(codes + i, rest);
  std::memcpy(to + i * kBits / 8, rest, static_cast<size_t>((count - i) * kBits / 8));
}

inline void pack_blocks(const uint8_t* codes, int64_t count, int bits, uint32_t* words) {
  switch (bits) {
    case 1:
      return pack_blocks<1>(codes, count, words);
    case 2:
      return pack_blocks<2>(codes, count, words);
    case 3:
      return pack_blocks<3>(codes, count, words);
    case 4:
      return pack_blocks<4>(codes, count, words);
    case 5:
      return pack_blocks<5>(codes, count, words);
    case 6:
      return pack_blocks<6>(codes, count, words);
    default:
      return pack_blocks<8>(codes, count, words);
  }
}

// Flushes a span and calls each(group, vectors) for its groups; false where a value is not finite.
template <int kGroupSize, class Each>
THINBIT_INLINE bool flush_groups(const float* values, int64_t count, float* flushed,
                                 const Each& each) {
  constexpr int kVectorsOfGroup = kGroupSize / kLanes;
  Lanes poison = zero_lanes();
  for (int64_t i = 0, group = 0; i < count; i += kGroupSize, ++group) {
    Lanes vectors[kVectorsOfGroup];
    unroll<kVectorsOfGroup>([&](auto v) __attribute__((always_inline)) {
      vectors[v] = flush_subnormals(load_lanes(values + i + kLanes * v));
      store_lanes(flushed + i + kLanes * v, vectors[v]);
      poison = fma(vectors[v], zero_lanes(), poison);  // NaN from infinity and NaN on
    });
    each(group, vectors);
  }
  return !any_nan(poison);
}

// Calls code(vector, group) for each vector of the block that begins at element `at`, and stores
// the integers it gives as bytes.
template <int kGroupSize, class Code>
THINBIT_INLINE void make_block(const float* flushed, int64_t at, uint8_t* codes, const Code& code) {
  constexpr int kVectorsOfBlock = kBlockCodes / kLanes;
  Ints block[kVectorsOfBlock];
  unroll<kVectorsOfBlock>([&](auto v) __attribute__((always_inline)) {
    const int64_t begin = at + kLanes * v;
    block[v] = code(load_lanes(flushed + begin), begin / kGroupSize);
  });
  store_codes(block, codes + at);
}

template <int kGroupSize, class Code>
THINBIT_INLINE void make_codes(const float* flushed, int64_t count, uint8_t* codes,
                               const Code& code) {
  for (int64_t at = 0; at < count; at += kBlockCodes) {
    make_block<kGroupSize>(flushed, at, codes, code);
  }
}

// A span's flushed values and codes; what follows the last group up to a block is zero.
struct QuantizedSpan {
  alignas(64) float flushed[kChunk + kBlockCodes];
  alignas(64) uint8_t codes[kChunk + kBlockCodes];

  void pad(int64_t count) { std::fill_n(flushed + count, kBlockCodes, 0.0f); }
};

// affine_code of each lane. A product with the inverse stands in for the quotient of a whole block,
// which costs a fifth of it: it is off by at most 3.1 u of the quotient, u = 2^-24, so below 2^-14
// where codes are not clamped, and rounds alike unless it lies that near to a half. Blocks with
// such an element are divided.
template <int kGroupSize>
THINBIT_INLINE void make_affine_codes(const AffineGroups& groups, int bits, const float* flushed,
                                      int64_t count, uint8_t* codes) {
  constexpr float kSafe = 0.5f - 0x1p-13f;
  const Lanes levels = lanes_of(static_cast<float>(affine_levels(bits)));
  const auto clamp = [&](Lanes whole) __attribute__((always_inline)) {
    return to_ints(minimum(maximum(whole, zero_lanes()), levels));
  };
  for (int64_t at = 0; at < count; at += kBlockCodes) {
    Lanes distance = zero_lanes();
    make_block<kGroupSize>(flushed, at, codes,
                           [&](Lanes w, int64_t group) __attribute__((always_inline)) {
                             const Lanes q = multiply(subtract(w, broadcast(groups.biases + group)),
                                                      broadcast(groups.inverses + group));
                             const Lanes whole = round_half_even(q);
                             distance = maximum(distance, magnitude(subtract(q, whole)));
                             return clamp(whole);
                           });
    if (groups.inverses_are_normal && !any_above(distance, kSafe)) continue;
    make_block<kGroupSize>(
        flushed, at, codes, [&](Lanes w, int64_t group) __attribute__((always_inline)) {
          return clamp(round_half_even(divide(subtract(w, broadcast(groups.biases + group)),
                                              broadcast(groups.scales + group))));
        });
  }
}

template <int kGroupSize>
inline bool quantize_affine(const RowFormat& format, const float* values, int64_t count,
                            const MutableEncodedSpan& encoded) {
  constexpr int kVectorsOfGroup = kGroupSize / kLanes;
  QuantizedSpan span;
  float lows[kPaddedMostGroups] = {};
  float highs[kPaddedMostGroups] = {};
  const bool finite = flush_groups<kGroupSize>(values, count, span.flushed,
                                               [&](int64_t group, const Lanes* vectors)
                                                   __attribute__((always_inline)) {
                                                     Lanes low = vectors[0];
                                                     Lanes high = vectors[0];
                                                     for (int v = 1; v < kVectorsOfGroup; ++v) {
                                                       low = minimum(low, vectors[v]);
                                                       high = maximum(high, vectors[v]);
                                                     }
                                                     lows[group] = least(low);
                                                     highs[group] = largest(high);
                                                   });
  if (!finite) return false;
  span.pad(count);

  const int64_t groups = count / kGroupSize;
  for (int64_t group = 0; group < groups; ++group) {
    if (lows[group] != 0.0f && highs[group] != 0.0f) continue;
    // Of several zeros the first counts, whatever their signs.
    bounds_of(span.flushed + group * kGroupSize, kGroupSize, lows[group], highs[group]);
  }
  const AffineGroups made(lows, highs, groups, format);
  if (!made.fit) return false;
  make_affine_codes<kGroupSize>(made, format.bits, span.flushed, count, span.codes);
  pack_blocks(span.codes, count, format.bits, encoded.words);
  store_lanes_of(made.scales, groups, format.scale_dtype, 1, encoded.scales);
  store_lanes_of(made.biases, groups, format.scale_dtype, 1, encoded.biases);
  return true;
}

// The largest magnitude of each group.
template <int kGroupSize>
THINBIT_INLINE bool group_maxima(const float* values, int64_t count, QuantizedSpan& span,
                                 float* maxima) {
  constexpr int kVectorsOfGroup = kGroupSize / kLanes;
  const bool finite = flush_groups<kGroupSize>(values, count, span.flushed,
                                               [&](int64_t group, const Lanes* vectors)
                                                   __attribute__((always_inline)) {
                                                     Lanes most = magnitude(vectors[0]);
                                                     for (int v = 1; v < kVectorsOfGroup; ++v)
                                                       most = maximum(most, magnitude(vectors[v]));
                                                     maxima[group] = largest(most);
                                                   });
  span.pad(count);
  return finite;
}

// e2m1_encode of each lane. Elements below 2 are multiples of 1/2, those below 4 of 1, and 4 and 6
// of 2: the code is a rounding to one of these steps, and the two wrong ones give no smaller code.
// A tie goes to the even code, as rounding takes it.
THINBIT_INLINE Ints e2m1_codes(Lanes values) {
  const Lanes size = minimum(magnitude(values), lanes_of(kE2m1Max));
  const Lanes halves = round_half_even(add(size, size));
  const Lanes ones = add(round_half_even(size), lanes_of(2.0f));
  const Lanes twos = add(round_half_even(multiply(size, lanes_of(0.5f))), lanes_of(4.0f));
  const Ints code = to_ints(minimum(minimum(halves, ones), twos));
  return either(code, both(shift_right<28>(lane_bits(values)), ints_of(8)));
}

// e4m3_encode of each lane; see there. Not of NaN.
THINBIT_INLINE Ints e4m3_codes(Lanes values) {
  const Ints size = lane_bits(magnitude(values));
  const Ints odd = both(shift_right<20>(size), ints_of(1));
  const Ints rounded = shift_right<20>(add(size, add(odd, ints_of(0x7FFFF))));
  const Ints normal = add(rounded, ints_of(-(kExponentBias - 7) * 8));
  const Ints near = lane_bits(add(magnitude(values), lanes_of(16384.0f)));
  const Ints subnormal = add(near, ints_of(-0x46800000));
  const Ints finite = select_less(size, ints_of(0x3C800000), subnormal, normal);  // 2^-6
  const Ints sign = both(shift_right<24>(lane_bits(values)), ints_of(0x80));
  return either(minimum(finite, ints_of(0x7E)), sign);
}

// mxfp4 and mxfp8. 2^-n is taken in two factors, for it may be a subnormal where they are none;
// they are exact but for results far below the least element.
template <class Codes>
THINBIT_INLINE bool quantize_mx(const RowFormat& format, const float* values, int64_t count,
                                const MutableEncodedSpan& encoded, const Codes& codes_of) {
  QuantizedSpan span;
  float maxima[kMostGroups];
  if (!group_maxima<32>(values, count, span, maxima)) return false;
  float factors[2][kMostGroups + kBlockCodes / 32] = {};
  for (int64_t group = 0; group < count / 32; ++group) {
    const int n =
        format.mode == Mode::kMxfp8 ? mxfp8_exponent(maxima[group]) : mxfp4_exponent(maxima[group]);
    encoded.scales[group] = static_cast<std::byte>(e8m0_encode(n));
    factors[0][group] = e8m0_decode(e8m0_encode(-n / 2));
    factors[1][group] = e8m0_decode(e8m0_encode(-n - -n / 2));
  }
  make_codes<32>(
      span.flushed, count, span.codes, [&](Lanes w, int64_t group) __attribute__((always_inline)) {
        return codes_of(
            multiply(multiply(w, broadcast(factors[0] + group)), broadcast(factors[1] + group)));
      });
  pack_blocks(span.codes, count, format.bits, encoded.words);
  return true;
}

inline bool quantize_mxfp4(const RowFormat& format, const float* values, int64_t count,
                           const MutableEncodedSpan& encoded) {
  return quantize_mx(format, values, count, encoded,
                     [&](Lanes v) __attribute__((always_inline)) { return e2m1_codes(v); });
}

inline bool quantize_mxfp8(const RowFormat& format, const float* values, int64_t count,
                           const MutableEncodedSpan& encoded) {
  return quantize_mx(format, values, count, encoded,
                     [&](Lanes v) __attribute__((always_inline)) { return e4m3_codes(v); });
}

constexpr int64_t kScaleBlocks = kMostGroups / kBlockCodes + 1;

// The scales of groups of nvfp4: their bytes, and the values of these.
struct Nvfp4Scales {
  alignas(64) uint8_t bytes[kScaleBlocks * kBlockCodes];
  alignas(64) float d[kScaleBlocks * kBlockCodes];

  // `maxima` of `count` groups, and zeros up to a block beyond them.
  Nvfp4Scales(const float* maxima, int64_t count, float encode_factor) {
    const Lanes factor = lanes_of(encode_factor);
    for (int64_t i = 0; i < count + kBlockCodes / 16; i += kBlockCodes) {
      Ints block[kBlockCodes / kLanes];
      unroll<kBlockCodes / kLanes>([&](auto v) __attribute__((always_inline)) {
        const Lanes sixth = divide(load_lanes(maxima + i + kLanes * v), lanes_of(kE2m1Max));
        block[v] = e4m3_codes(multiply(flush_subnormals(sixth), factor));
      });
      store_codes(block, bytes + i);
      for (int64_t j = i; j < i + kBlockCodes; j += 2 * kLanes) {
        Lanes low;
        Lanes high;
        e4m3_pair(reinterpret_cast<const std::byte*>(bytes + j), low, high);
        store_lanes(d + j, low);
        store_lanes(d + j + kLanes, high);
      }
    }
  }
};

inline bool quantize_nvfp4(const RowFormat& format, const float* values, int64_t count,
                           float encode_factor, const MutableEncodedSpan& encoded) {
  QuantizedSpan span;
  float maxima[kScaleBlocks * kBlockCodes] = {};
  if (!group_maxima<16>(values, count, span, maxima)) return false;
  const Nvfp4Scales scales(maxima, count / 16, encode_factor);
  for (int64_t i = 0; i < count / 16; ++i) {
    encoded.scales[i] = static_cast<std::byte>(scales.bytes[i]);
  }
  int32_t kept[kScaleBlocks * kBlockCodes];  // the bits of a group's codes: none where d is 0
  for (int64_t i = 0; i < count / 16 + kBlockCodes / 16; ++i) {
    kept[i] = scales.bytes[i] == 0 ? 0 : 15;
  }
  const Lanes factor = lanes_of(encode_factor);
  make_codes<16>(span.flushed, count, span.codes,
                 [&](Lanes w, int64_t group) __attribute__((always_inline)) {
                   const Lanes quotient = flush_subnormals(divide(w, broadcast(scales.d + group)));
                   return both(e2m1_codes(multiply(quotient, factor)), ints_of(kept[group]));
                 });
  pack_blocks(span.codes, count, format.bits, encoded.words);
  return true;
}

inline Fault quantize_lanes(const RowFormat& format, const float* values, int64_t count,
                            float encode_factor, const MutableEncodedSpan& encoded) {
  const auto try_lanes = [&](int64_t begin, int64_t size, const MutableEncodedSpan& to) {
    const float* from = values + begin;
    if (format.mode == Mode::kMxfp4) return quantize_mxfp4(format, from, size, to);
    if (format.mode == Mode::kMxfp8) return quantize_mxfp8(format, from, size, to);
    if (format.mode == Mode::kNvfp4) return quantize_nvfp4(format, from, size, encode_factor, to);
    if (format.group_size == 32) return quantize_affine<32>(format, from, size, to);
    if (format.group_size == 64) return quantize_affine<64>(format, from, size, to);
    return quantize_affine<128>(format, from, size, to);
  };
  for (int64_t begin = 0; begin < count; begin += kChunk) {
    const int64_t size = std::min(kChunk, count - begin);
    const int64_t at = format.groups(begin) * dtype_bytes(format.scale_dtype);
    const MutableEncodedSpan to = {encoded.words + format.words(begin), encoded.scales + at,
                                   encoded.biases == nullptr ? nullptr : encoded.biases + at};
    if (try_lanes(begin, size, to)) continue;
    return quantize(format, values, count, encode_factor, encoded);
  }
  return Fault::none();
}

}  // namespace
}  // namespace thinbit
