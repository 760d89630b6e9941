#pragma once

// Included by the file of each instruction set; see scales.h.
//
// The contract's dequantize, with the bytes of the generic loops, and the weights that products are
// made with.

#include "cpu/levels/lanes/float_rows.h"
#include "cpu/levels/lanes/weights.h"
#include "numerics/flush.h"

namespace thinbit {
namespace {

// Writes a span of which `block(begin, out)` makes kColumns values at a time.
template <class Block>
THINBIT_INLINE void write_columns(int64_t count, float* values, const Block& block) {
  for (int64_t begin = 0; begin < count; begin += kColumns) {
    if (begin + kColumns <= count) {
      block(static_cast<size_t>(begin), values + begin);
    } else {
      float rest[kColumns];
      block(static_cast<size_t>(begin), rest);
      std::copy_n(rest, count - begin, values + begin);
    }
  }
}

template <class Weights, class Round>
THINBIT_INLINE void dequantize_affine(const Weights& weights, int64_t count, float* values,
                                      const Round& round) {
  write_columns(count, values, [&](size_t begin, float* to) __attribute__((always_inline)) {
    const auto block = weights.block(begin);
    unroll<kVectors>([&](auto j) __attribute__((always_inline)) {
      const Lanes product = round(multiply(block.template codes<j>(), block.template scale<j>()));
      store_lanes(to + kLanes * j, round(add(product, block.template bias<j>())));
    });
  });
}

template <class Weights>
THINBIT_INLINE void dequantize_affine(const Weights& weights, DType dtype, int64_t count,
                                      float* values) {
  if (dtype == DType::kFloat32) {
    dequantize_affine(weights, count, values,
                      [&](Lanes v) __attribute__((always_inline)) { return v; });
  } else if (dtype == DType::kFloat16) {
    dequantize_affine(weights, count, values,
                      [&](Lanes v) __attribute__((always_inline)) { return round_to_float16(v); });
  } else {
    dequantize_affine(weights, count, values,
                      [&](Lanes v) __attribute__((always_inline)) { return round_to_bfloat16(v); });
  }
}

// Elements of kColumns codes times what scale(column) makes of them.
template <class Scale>
THINBIT_INLINE void write_e2m1(const SpanWords<kChunk>& span, int64_t count, float* values,
                               const Scale& scale) {
  write_columns(count, values, [&](size_t begin, float* to) __attribute__((always_inline)) {
    uint8_t halves[kColumns];
    for (size_t i = 0; i < kColumns; i += kBlockCodes) {
      e2m1_upper_halves(span.words() + (begin + i) / 2, halves + i);
    }
    unroll<kVectors>([&](auto j) __attribute__((always_inline)) {
      const Lanes elements = upper_halves(halves + kLanes * j);
      store_lanes(to + kLanes * j, scale(elements, begin + kLanes * j));
    });
  });
}

template <class Scale>
THINBIT_INLINE void write_e4m3(const SpanWords<kChunk>& span, int64_t count, float* values,
                               const Scale& scale) {
  write_columns(count, values, [&](size_t begin, float* to) __attribute__((always_inline)) {
    unroll<kVectors / 2>([&](auto j) __attribute__((always_inline)) {
      constexpr int kColumn = 2 * kLanes * j;
      Lanes low;
      Lanes high;
      e4m3_pair(span.words() + begin + kColumn, low, high);
      store_lanes(to + kColumn, scale(low, begin + kColumn));
      store_lanes(to + kColumn + kLanes, scale(high, begin + kColumn + kLanes));
    });
  });
}

constexpr int64_t kPaddedGroups = (kChunk + kColumns) / kSmallestGroup;

// element * 2^(byte - 127) in two factors, none of them a subnormal, NaN for byte 255.
inline void dequantize_mx(const RowFormat& format, const SpanWords<kChunk>& span,
                          const std::byte* scales, int64_t count, float* values) {
  float factors[2][kPaddedGroups] = {};
  for (int64_t group = 0; group < count / 32; ++group) {
    const auto byte = std::to_integer<uint32_t>(scales[group]);
    const int n = e8m0_exponent(byte);
    factors[0][group] = e8m0_decode(byte == kE8m0Nan ? kE8m0Nan : e8m0_encode(n / 2));
    factors[1][group] = e8m0_decode(e8m0_encode(n - n / 2));
  }
  const auto scale = [&](Lanes elements, size_t column) __attribute__((always_inline)) {
    const Lanes part = multiply(elements, broadcast(factors[0] + column / 32));
    return flush_subnormals(multiply(part, broadcast(factors[1] + column / 32)));
  };
  if (format.mode == Mode::kMxfp4) return write_e2m1(span, count, values, scale);
  write_e4m3(span, count, values, scale);
}

inline void dequantize_nvfp4(const SpanWords<kChunk>& span, const std::byte* scales, int64_t count,
                             float decode_factor, float* values) {
  float factors[kPaddedGroups] = {};
  for (int64_t group = 0; group < count / 16; ++group) {
    const float d = e4m3_decode(std::to_integer<uint32_t>(scales[group]));
    factors[group] = flush_subnormal(thinbit::multiply(d, decode_factor));
  }
  write_e2m1(span, count, values,
             [&](Lanes elements, size_t column) __attribute__((always_inline)) {
               return flush_subnormals(multiply(elements, broadcast(factors + column / 16)));
             });
}

// Calls body(span of at most kChunk, its elements, where its values go).
template <class Body>
THINBIT_INLINE void for_each_chunk(const RowFormat& format, const EncodedSpan& encoded,
                                   int64_t count, float* values, const Body& body) {
  const int64_t scale_bytes = dtype_bytes(format.scale_dtype);
  for (int64_t begin = 0; begin < count; begin += kChunk) {
    const int64_t at = format.groups(begin) * scale_bytes;
    const EncodedSpan chunk = {encoded.words + format.words(begin), encoded.scales + at,
                               encoded.biases == nullptr ? nullptr : encoded.biases + at};
    body(chunk, std::min(kChunk, count - begin), values + begin);
  }
}

inline EncodedRows one_row(const EncodedSpan& span) {
  return {reinterpret_cast<const std::byte*>(span.words), span.scales, span.biases, 0, 0, 0};
}

inline void dequantize_lanes(const RowFormat& format, const EncodedSpan& encoded, int64_t count,
                             float decode_factor, float* values) {
  for_each_chunk(
      format, encoded, count, values, [&](const EncodedSpan& chunk, int64_t size, float* to) {
        if (format.mode == Mode::kAffine) {
          const EncodedColumns<kChunk> span(format, one_row(chunk), 0, size, 0);
          const DType dtype = format.scale_dtype;
          if (format.group_size == 32) {
            return dequantize_affine(AffineWeights<kChunk, 32>(format, span), dtype, size, to);
          }
          if (format.group_size == 64) {
            return dequantize_affine(AffineWeights<kChunk, 64>(format, span), dtype, size, to);
          }
          return dequantize_affine(AffineWeights<kChunk, 128>(format, span), dtype, size, to);
        }
        const auto* words = reinterpret_cast<const std::byte*>(chunk.words);
        const SpanWords<kChunk> span(format, words, format.words(size) * 4, size);
        if (format.mode == Mode::kNvfp4) {
          return dequantize_nvfp4(span, chunk.scales, size, decode_factor, to);
        }
        dequantize_mx(format, span, chunk.scales, size, to);
      });
}

// element * d, exact, times the factor.
inline void decode_elements(const RowFormat& format, const SpanWords<kChunk>& span,
                            const std::byte* scales, int64_t count, float decode_factor,
                            float* values) {
  float d[kPaddedGroups] = {};
  for (int64_t group = 0; group < format.groups(count); ++group) {
    const auto byte = std::to_integer<uint32_t>(scales[group]);
    d[group] = format.mode == Mode::kNvfp4 ? e4m3_decode(byte) : e8m0_decode(byte);
  }
  if (format.mode == Mode::kNvfp4) {
    const Lanes factor = lanes_of(decode_factor);
    return write_e2m1(span, count, values,
                      [&](Lanes elements, size_t column) __attribute__((always_inline)) {
                        return multiply(multiply(elements, broadcast(d + column / 16)), factor);
                      });
  }
  const auto scale = [&](Lanes elements, size_t column) __attribute__((always_inline)) {
    return multiply(elements, broadcast(d + column / 32));
  };
  if (format.mode == Mode::kMxfp4) return write_e2m1(span, count, values, scale);
  write_e4m3(span, count, values, scale);
}

inline void decode_lanes(const RowFormat& format, const EncodedSpan& encoded, int64_t count,
                         float decode_factor, float* values) {
  for_each_chunk(
      format, encoded, count, values, [&](const EncodedSpan& chunk, int64_t size, float* to) {
        if (format.mode != Mode::kAffine) {
          const auto* words = reinterpret_cast<const std::byte*>(chunk.words);
          const SpanWords<kChunk> span(format, words, format.words(size) * 4, size);
          return decode_elements(format, span, chunk.scales, size, decode_factor, to);
        }
        const EncodedColumns<kChunk> span(format, one_row(chunk), 0, size, 0);
        with_weights(format, span, [&](const auto& weights) __attribute__((always_inline)) {
          write_columns(size, to, [&](size_t begin, float* out) __attribute__((always_inline)) {
            const auto block = weights.block(begin);
            unroll<kVectors>([&](auto j) __attribute__((always_inline)) {
              store_lanes(out + kLanes * j, block.template vector<j>());
            });
          });
        });
      });
}

}  // namespace
}  // namespace thinbit
