#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/fault.h"
#include "runtime/tensor_view.h"

namespace thinbit {

// How a quantized row is encoded. `scale_dtype` is that of scales and biases; the modes without
// biases have uint8 scales.
struct RowFormat {
  Mode mode;
  int bits;
  int group_size;
  DType scale_dtype;

  int64_t words(int64_t columns) const { return columns / 32 * bits + columns % 32 * bits / 32; }
  // Group sizes are powers of two, and a division costs as much as decoding a few groups.
  int64_t groups(int64_t columns) const { return columns >> __builtin_ctz(group_size); }
};

// Whole groups of one quantized row, every part contiguous. `biases` is null where the mode has
// none.
struct EncodedSpan {
  const uint32_t* words;
  const std::byte* scales;
  const std::byte* biases;
};

struct MutableEncodedSpan {
  uint32_t* words;
  std::byte* scales;
  std::byte* biases;
};

// Rows of a quantized matrix, every part of a row contiguous; strides from row to row, in bytes.
struct EncodedRows {
  const std::byte* words;
  const std::byte* scales;
  const std::byte* biases;
  int64_t words_stride;
  int64_t scales_stride;
  int64_t biases_stride;
};

// How a level multiplies x by rows of w straight from their codes. The weights of a row, and with
// them the bytes of a sum, depend on that row, on the row of x and on K alone.
struct FusedProduct {
  // The bytes of a row of x in the order in which codes leave their words: a multiple of 64.
  int64_t (*prepared_bytes)(int64_t K);

  // `prepared` is aligned to 64 bytes.
  void (*prepare)(const float* x, int64_t K, std::byte* prepared);

  // sums[i * sums_stride + n] = the dot product of prepared row x[i] and row n of w, for all n
  // below `count` and i below `rows`. Without nvfp4's global scale.
  void (*multiply)(const RowFormat& format, const EncodedRows& w, int64_t K, int64_t count,
                   const std::byte* const* x, int rows, double* sums, int64_t sums_stride);

  // In place of `prepare` where the product quantizes x itself: x as it was given; the sums of a
  // row with NaN or infinity are NaN. `encode_factor` as in RowKernels::quantize.
  void (*quantize_and_prepare)(const RowFormat& format, const float* x, int64_t K,
                               float encode_factor, std::byte* prepared) = nullptr;

  // Matrices of x with more rows are better served by the product for float32; 0: none are.
  int64_t most_rows = 0;
};

// Of a product of many rows of x: how many of them are multiplied at a time, the columns of the
// result that share a panel of decoded weights, and the terms of a sum that a panel holds.
constexpr int kTileRows = 12;
constexpr int kPanelColumns = 32;
constexpr int kPanelDepth = 512;

// How a level multiplies many rows of x: a panel of weights is decoded once and meets all tiles of
// x. A sum's bytes depend on its weights, its row of x and on K alone.
struct BlockedProduct {
  // Matrices of x with fewer rows do not repay a panel of weights, where the product's columns are
  // rows of w (the level may have a fused product for them).
  int64_t least_rows;

  // The bytes of a prepared tile: a multiple of 64.
  int64_t (*tile_bytes)(int64_t K);

  // Up to kTileRows rows of x, whose values the dtype of the product holds, as a tile, which is
  // aligned to 64 bytes. Bit i of the result: row i does not suit the panel's numbers, and its sums
  // have to be made another way.
  uint32_t (*prepare)(const float* const* x, int rows, int64_t K, std::byte* tile);

  int64_t panel_bytes;

  // The weights [first, first + kPanelDepth) of `count` rows of w, `first` a multiple of
  // kPanelDepth, into a panel, which is aligned to 64 bytes. Without nvfp4's global scale. Bit n of
  // the result: row n of w does not suit the panel's numbers.
  uint32_t (*decode)(const RowFormat& format, const EncodedRows& w, int64_t K, int64_t first,
                     int64_t count, std::byte* panel);

  // The same of decoded weights: weights[j * stride + n] is that of term j below `terms` and column
  // n. Null where the panel's numbers are codes.
  uint32_t (*pack)(const float* weights, int64_t stride, int64_t terms, std::byte* panel);

  // sums[i * kPanelColumns + n] += the sum over the panel's terms, for all n and i below `rows`
  // rounded up to a multiple of four.
  void (*multiply)(const std::byte* panel, int64_t K, int64_t first, const std::byte* tile,
                   int rows, double* sums);
};

// The innermost loops, one table for each instruction set. `count` is elements, always whole
// groups, so a multiple of 16; float arrays are contiguous and need only a float's alignment. All
// tables give the same bytes but for dot and accumulate, whose order of summation is a level's own
// and depends on `count` alone.
struct RowKernels {
  const char* name;  // as in THINBIT_CPU

  // float32, float16 or bfloat16 elements, `stride` elements apart, to floats and back.
  void (*load)(const std::byte* data, DType dtype, int64_t stride, int64_t count, float* values);
  void (*store)(const float* values, int64_t count, DType dtype, int64_t stride, std::byte* data);

  // The contract's quantize. A fault's index counts from the start of the span. `encode_factor` is
  // nvfp4's 2688 / global_scale, else 1.
  Fault (*quantize)(const RowFormat& format, const float* values, int64_t count,
                    float encode_factor, const MutableEncodedSpan& encoded);

  // In place: the real values, element * d, of what quantize would have made, for the modes without
  // biases. All NaN where one of them is not finite.
  void (*requantize)(const RowFormat& format, float* values, int64_t count, float encode_factor);

  // The contract's dequantize, before the cast to the dtype of the result. `decode_factor` is
  // nvfp4's global_scale / 2688, else 1.
  void (*dequantize)(const RowFormat& format, const EncodedSpan& encoded, int64_t count,
                     float decode_factor, float* values);

  // The weights a product is made with: code * scale + bias, or element * d * decode_factor, each
  // rounded once from the real value.
  void (*decode)(const RowFormat& format, const EncodedSpan& encoded, int64_t count,
                 float decode_factor, float* values);

  // sums[i * sums_stride] += the dot product of `weights` and x[i] + first, for each of `rows`
  // rows.
  void (*dot)(const float* weights, int64_t count, const float* const* x, int64_t first, int rows,
              double* sums, int64_t sums_stride);

  // sums[i * sums_stride + n] += the sum over j of x[i][first + j] * weights[j * count + n], for
  // each of `rows` rows and all n below `count`; `depth` values of j, at most kAccumulateDepth.
  void (*accumulate)(const float* weights, int64_t count, int depth, const float* const* x,
                     int64_t first, int rows, double* sums, int64_t sums_stride);

  // E4M3FN bytes of floats, and the floats of bytes. Any count.
  void (*to_fp8)(const float* values, int64_t count, uint8_t* bytes);
  void (*from_fp8)(const uint8_t* bytes, int64_t count, float* values);

  // The level's fused product for activations of a dtype; null where it has none, and for levels
  // without any, which go through decode and dot.
  const FusedProduct* (*fused)(const RowFormat& format, DType x);

  // The same for many rows of x.
  const BlockedProduct* (*blocked)(const RowFormat& format, DType x);

  // The level's product of quantized activations, one that has quantize_and_prepare; null where the
  // values of quantized activations are multiplied as floats.
  const FusedProduct* (*fused_quantized)(const RowFormat& format) = nullptr;
};

// Elements of a row that are worked on at a time, in buffers on the stack: a multiple of every
// group size, and of 32.
constexpr int64_t kChunk = 1024;

// f32 sums are kept this short before they join a sum in double. With dot's blocks of 128 terms in
// 16 lanes (7 additions, then 4 in a tree) the error stays below 13 units of 2^-24 of the sum of
// magnitudes at any depth: product and weight round once each. The contract's 1e-6 is 16.7 units.
constexpr int kAccumulateDepth = 8;
constexpr int kDotBlock = 128;
constexpr int kDotLanes = 16;

}  // namespace thinbit
