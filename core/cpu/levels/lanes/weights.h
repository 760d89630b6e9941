#pragma once

// Included by the file of each instruction set; see scales.h.
//
// A span of a row of w as floats, each rounded once from the real value: code * scale + bias is one
// fused multiply-add, and element * d is exact. Codes become bytes first, for each width in its own
// way, and bytes then floats in one.

#include "cpu/levels/lanes/scales.h"

namespace thinbit {
namespace {

constexpr int kVectors = 8;                  // that are decoded at a time
constexpr int kColumns = kVectors * kLanes;  // of those
constexpr int kSmallestGroup = 16;

// The words of a span of at most kSpan columns of a row, in whole kColumns: zeros follow where the
// row ends before. Blocks may be read with what lies kReadAhead bytes beyond them.
template <int kSpan>
class SpanWords {
 public:
  // `there` columns of a row, of whose words `bytes` follow.
  SpanWords(const RowFormat& format, const std::byte* words, int64_t bytes, int64_t there)
      : columns_(static_cast<size_t>((there + kColumns - 1) / kColumns * kColumns)), words_(words) {
    if (format.words(static_cast<int64_t>(columns_)) * 4 + kReadAhead <= bytes) return;
    const auto copied = static_cast<size_t>(format.words(there) * 4);
    std::memcpy(copy_, words, copied);
    std::memset(copy_ + copied, 0, kColumns + kReadAhead);
    words_ = copy_;
  }

  size_t columns() const { return columns_; }
  size_t blocks() const { return columns_ / kBlockCodes; }
  const std::byte* words() const { return words_; }

 private:
  size_t columns_;
  const std::byte* words_;
  std::byte copy_[kSpan + kColumns + kReadAhead];
};

// The same with the scales of its groups.
template <int kSpan>
class EncodedColumns : public SpanWords<kSpan> {
 public:
  // Columns [first, first + kSpan) of row `row` of w.
  EncodedColumns(const RowFormat& format, const EncodedRows& w, int64_t row, int64_t K,
                 int64_t first)
      : SpanWords<kSpan>(format, w.words + row * w.words_stride + format.words(first) * 4,
                         format.words(K - first) * 4, std::min<int64_t>(kSpan, K - first)) {
    const int groups = static_cast<int>(format.groups(std::min<int64_t>(kSpan, K - first)));
    const int64_t at = format.groups(first) * dtype_bytes(format.scale_dtype);
    const std::byte* scales = w.scales + row * w.scales_stride + at;
    if (format.mode == Mode::kAffine) {
      load_scales(scales, format.scale_dtype, groups, scales_);
      load_scales(w.biases + row * w.biases_stride + at, format.scale_dtype, groups, biases_);
    } else if (format.mode == Mode::kNvfp4) {
      load_e4m3(scales, groups, 0.5f, scales_);
    } else {
      load_e8m0(scales, groups, format.mode == Mode::kMxfp4 ? 0.5f : 1.0f, scales_);
    }
    const auto all = static_cast<int>(format.groups(static_cast<int64_t>(this->columns())));
    for (int i = groups; i < all; ++i) scales_[i] = biases_[i] = 0.0f;
  }

  // Of a group; those of E2M1 elements are halved.
  const float* scales() const { return scales_; }
  const float* biases() const { return biases_; }

 private:
  float scales_[kSpan / kSmallestGroup];
  float biases_[kSpan / kSmallestGroup];
};

template <int kBits>
inline void unpack_blocks(const std::byte* words, size_t blocks, uint8_t* codes) {
  for (size_t i = 0; i < blocks; ++i)
    unpack_block<kBits>(words + kBlockCodes / 8 * kBits * i, codes + kBlockCodes * i);
}

inline void unpack_blocks(const std::byte* words, size_t blocks, int bits, uint8_t* codes) {
  switch (bits) {
    case 1:
      return unpack_blocks<1>(words, blocks, codes);
    case 2:
      return unpack_blocks<2>(words, blocks, codes);
    case 3:
      return unpack_blocks<3>(words, blocks, codes);
    case 4:
      return unpack_blocks<4>(words, blocks, codes);
    case 5:
      return unpack_blocks<5>(words, blocks, codes);
    default:
      return unpack_blocks<6>(words, blocks, codes);
  }
}

// How a span is decoded: block(begin).vector<j>() has the weights of columns begin + kLanes * j
// on, `begin` a multiple of kColumns, j below kVectors.
template <int kSpan, int kGroupSize>
class AffineWeights {
 public:
  AffineWeights(const RowFormat& format, const EncodedColumns<kSpan>& span)
      : scales_(span.scales()), biases_(span.biases()) {
    codes_ = reinterpret_cast<const uint8_t*>(span.words());
    if (format.bits == 8) return;
    unpack_blocks(span.words(), span.blocks(), format.bits, unpacked_);
    codes_ = unpacked_;
  }

  class Block {
   public:
    THINBIT_INLINE Block(const uint8_t* codes, const float* scales, const float* biases)
        : codes_(codes) {
      unroll<kGroups>([&](auto i) __attribute__((always_inline)) {
        scales_[i] = broadcast(scales + i);
        biases_[i] = broadcast(biases + i);
      });
    }
    template <int kVector>
    THINBIT_INLINE Lanes vector() const {
      return fma(codes<kVector>(), scale<kVector>(), bias<kVector>());
    }
    template <int kVector>
    THINBIT_INLINE Lanes codes() const {
      return unsigned_bytes(codes_ + kLanes * kVector);
    }
    template <int kVector>
    THINBIT_INLINE Lanes scale() const {
      return scales_[kLanes * kVector / kGroupSize];
    }
    template <int kVector>
    THINBIT_INLINE Lanes bias() const {
      return biases_[kLanes * kVector / kGroupSize];
    }

   private:
    static constexpr int kGroups = std::max(1, kColumns / kGroupSize);
    const uint8_t* codes_;
    Lanes scales_[kGroups];
    Lanes biases_[kGroups];
  };

  THINBIT_INLINE Block block(size_t begin) const {
    return Block(codes_ + begin, scales_ + begin / kGroupSize, biases_ + begin / kGroupSize);
  }

 private:
  const uint8_t* codes_;
  const float* scales_;
  const float* biases_;
  alignas(64) uint8_t unpacked_[kSpan];
};

template <int kSpan, int kGroupSize>
class E2m1Weights {
 public:
  E2m1Weights(const RowFormat&, const EncodedColumns<kSpan>& span) : half_scales_(span.scales()) {
    for (size_t i = 0; i < span.blocks(); ++i) {
      e2m1_twice(span.words() + kBlockCodes / 2 * i, twice_ + kBlockCodes * i);
    }
  }

  class Block {
   public:
    THINBIT_INLINE Block(const int8_t* twice, const float* half_scales) : twice_(twice) {
      unroll<kColumns / kGroupSize>([&](auto i) __attribute__((always_inline)) {
        half_scales_[i] = broadcast(half_scales + i);
      });
    }
    template <int kVector>
    THINBIT_INLINE Lanes vector() const {
      return multiply(signed_bytes(twice_ + kLanes * kVector),
                      half_scales_[kLanes * kVector / kGroupSize]);
    }

   private:
    const int8_t* twice_;
    Lanes half_scales_[kColumns / kGroupSize];
  };

  THINBIT_INLINE Block block(size_t begin) const {
    return Block(twice_ + begin, half_scales_ + begin / kGroupSize);
  }

 private:
  const float* half_scales_;
  alignas(64) int8_t twice_[kSpan];
};

template <int kSpan>
class E4m3Weights {
 public:
  E4m3Weights(const RowFormat&, const EncodedColumns<kSpan>& span) : scales_(span.scales()) {
    for (size_t i = 0; i < span.columns(); i += 2 * kLanes) {
      Lanes low;
      Lanes high;
      e4m3_pair(span.words() + i, low, high);
      store_lanes(elements_ + i, low);
      store_lanes(elements_ + i + kLanes, high);
    }
  }

  class Block {
   public:
    THINBIT_INLINE Block(const float* elements, const float* scales) : elements_(elements) {
      unroll<kColumns / 32>(
          [&](auto i) __attribute__((always_inline)) { scales_[i] = broadcast(scales + i); });
    }
    template <int kVector>
    THINBIT_INLINE Lanes vector() const {
      return multiply(load_lanes(elements_ + kLanes * kVector), scales_[kLanes * kVector / 32]);
    }

   private:
    const float* elements_;
    Lanes scales_[kColumns / 32];
  };

  THINBIT_INLINE Block block(size_t begin) const {
    return Block(elements_ + begin, scales_ + begin / 32);
  }

 private:
  const float* scales_;
  alignas(64) float elements_[kSpan];
};

// Calls body(weights) with what decodes a span of this format.
template <int kSpan, class Body>
THINBIT_INLINE void with_weights(const RowFormat& format, const EncodedColumns<kSpan>& span,
                                 const Body& body) {
  if (format.mode == Mode::kMxfp4) return body(E2m1Weights<kSpan, 32>(format, span));
  if (format.mode == Mode::kNvfp4) return body(E2m1Weights<kSpan, 16>(format, span));
  if (format.mode == Mode::kMxfp8) return body(E4m3Weights<kSpan>(format, span));
  if (format.group_size == 32) return body(AffineWeights<kSpan, 32>(format, span));
  if (format.group_size == 64) return body(AffineWeights<kSpan, 64>(format, span));
  body(AffineWeights<kSpan, 128>(format, span));
}

// Columns [first, first + kSpan) of row `row` of w; without nvfp4's global scale. Zeros fill the
// last kColumns of a row.
template <int kSpan>
inline void decode_columns(const RowFormat& format, const EncodedRows& w, int64_t row, int64_t K,
                           int64_t first, float* to) {
  const EncodedColumns<kSpan> span(format, w, row, K, first);
  with_weights(format, span, [&](const auto& weights) __attribute__((always_inline)) {
    for (size_t begin = 0; begin < span.columns(); begin += kColumns) {
      const auto block = weights.block(begin);
      unroll<kVectors>([&](auto j) __attribute__((always_inline)) {
        store_lanes(to + begin + kLanes * j, block.template vector<j>());
      });
    }
  });
}

}  // namespace
}  // namespace thinbit
