#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cpu/global_scale.h"
#include "cpu/levels/row_kernels.h"
#include "cpu/product.h"
#include "cpu/row_chunks.h"
#include "cpu/strided_span.h"
#include "cpu/weight_matrix.h"

namespace thinbit::cpu {

// Rows of x that are multiplied at a time, at most: a weight is decoded once for all of them. A
// blocked product takes the many, in whole tiles.
constexpr int kPanelRows = 64;
constexpr int kBlockedRows = 43 * kTileRows;

// The level's product of quantized activations; null where x is not quantized, or it has none.
inline const FusedProduct* quantized_product(const Product& product, const RowKernels& level) {
  if (!product.quantize_x || level.fused_quantized == nullptr) return nullptr;
  return level.fused_quantized(row_format(product.w));
}

// The level's product for many rows; null where there are few, it has none, or a better one.
inline const BlockedProduct* blocked_product(const Product& product, const RowKernels& level) {
  if (level.blocked == nullptr || quantized_product(product, level) != nullptr) return nullptr;
  const DType x = product.quantize_x ? DType::kFloat32 : product.x.dtype;
  const RowFormat format = row_format(product.w);
  const BlockedProduct* blocked = level.blocked(format, x);
  if (!product.transpose && blocked != nullptr && blocked->pack == nullptr) {
    blocked = level.blocked(format, DType::kFloat32);
  }
  if (blocked == nullptr) return nullptr;
  const int64_t least = product.transpose ? blocked->least_rows : kTileRows;
  return product.M < least ? nullptr : blocked;
}

// The level's product straight from the codes; null where weights are decoded first.
inline const FusedProduct* fused_product(const Product& product, const RowKernels& level) {
  if (!product.transpose || level.fused == nullptr) return nullptr;
  const FusedProduct* quantized = quantized_product(product, level);
  if (quantized != nullptr) return quantized;
  if (blocked_product(product, level) != nullptr) return nullptr;
  const RowFormat format = row_format(product.w);
  const DType x = product.quantize_x ? DType::kFloat32 : product.x.dtype;
  const FusedProduct* few = level.fused(format, x);
  if (few == nullptr || few->most_rows == 0 || product.M <= few->most_rows) return few;
  return level.fused(format, DType::kFloat32);
}

// The rows of x as contiguous floats: in place where they are that already, else in scratch memory,
// where qqmm's are rounded to what quantize makes of them. A fused product gets them in its order.
class Activations {
 public:
  // `scratch` has scratch_bytes(), aligned to 64 bytes.
  Activations(const Product& product, const RowKernels& level, std::byte* scratch)
      : product_(product),
        level_(level),
        fused_(fused_product(product, level)),
        blocked_(blocked_product(product, level)),
        prepared_(scratch),
        scratch_(reinterpret_cast<float*>(scratch + prepared_bytes(product, level))),
        encode_factor_(encode_factor(product.x_global_scale, 0)) {}

  static size_t scratch_bytes(const Product& product, const RowKernels& level) {
    const FusedProduct* fused = fused_product(product, level);
    const size_t floats =
        copies(product, fused) ? static_cast<size_t>(panel_rows(product, level) * product.K) : 0;
    return prepared_bytes(product, level) + floats * sizeof(float);
  }

  const FusedProduct* fused() const { return fused_; }
  const BlockedProduct* blocked() const { return blocked_; }

  // Rows of x that are multiplied at a time. Fewer where long rows would need much scratch memory.
  int64_t panel_rows() const { return panel_rows(product_, level_); }

  // The tile of x's rows [kTileRows * index, ...) of those that prepare() was given last.
  const std::byte* tile(int64_t index) const {
    return prepared_ + index * blocked_->tile_bytes(product_.K);
  }

  // Where row `row` of matrix `matrix` of x begins.
  const std::byte* row(int64_t matrix, int64_t row) const {
    const TensorView& x = product_.x;
    return element(x, x.offset_of(matrix, x.ndim - 2) + row * x.strides[x.ndim - 2]);
  }

  // Leaves the floats of each source row in `rows`, and what the fused product takes in `prepared`;
  // for a blocked product, tiles, and in `prepared` null for each row that does not suit them.
  void prepare(Context& context, const std::byte* const* sources, int count, const float** rows,
               const std::byte** prepared) const {
    load_rows(context, sources, count, rows);
    if (blocked_ != nullptr) return prepare_tiles(context, count, rows, prepared);
    if (fused_ == nullptr) return;
    constexpr int64_t kFloatsPerRange = 1 << 15;
    const int64_t bytes = fused_->prepared_bytes(product_.K);
    const int64_t grain = std::max<int64_t>(1, kFloatsPerRange / std::max<int64_t>(1, product_.K));
    context.parallel_for(count, grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        if (fused_->quantize_and_prepare != nullptr) {
          fused_->quantize_and_prepare(row_format(product_.w), rows[i], product_.K, encode_factor_,
                                       prepared_ + i * bytes);
        } else {
          fused_->prepare(rows[i], product_.K, prepared_ + i * bytes);
        }
        prepared[i] = prepared_ + i * bytes;
      }
    });
  }

 private:
  // Whether the rows are rounded before they are multiplied or prepared.
  static bool requantizes(const Product& product, const FusedProduct* fused) {
    return product.quantize_x && (fused == nullptr || fused->quantize_and_prepare == nullptr);
  }

  static bool copies(const Product& product, const FusedProduct* fused) {
    return requantizes(product, fused) || !has_rows_of_floats(product.x);
  }

  static int64_t panel_rows(const Product& product, const RowKernels& level) {
    constexpr int64_t kMostFloats = int64_t{1} << 22;
    const int64_t fitting = kMostFloats / std::max<int64_t>(1, product.K);
    if (blocked_product(product, level) == nullptr) {
      return std::clamp<int64_t>(fitting, 1, kPanelRows);
    }
    const int64_t tiles = std::max<int64_t>(fitting / kTileRows, 1);
    return std::min<int64_t>(tiles * kTileRows, kBlockedRows);
  }

  static size_t prepared_bytes(const Product& product, const RowKernels& level) {
    const int64_t rows = panel_rows(product, level);
    const BlockedProduct* blocked = blocked_product(product, level);
    if (blocked != nullptr) {
      return static_cast<size_t>(rows / kTileRows * blocked->tile_bytes(product.K));
    }
    const FusedProduct* fused = fused_product(product, level);
    return fused == nullptr ? 0 : static_cast<size_t>(rows * fused->prepared_bytes(product.K));
  }

  void prepare_tiles(Context& context, int count, const float* const* rows,
                     const std::byte** prepared) const {
    const int64_t bytes = blocked_->tile_bytes(product_.K);
    const int64_t tiles = (count + kTileRows - 1) / kTileRows;
    context.parallel_for(tiles, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t first = i * kTileRows;
        const int of_tile = static_cast<int>(std::min<int64_t>(kTileRows, count - first));
        std::byte* tile = prepared_ + i * bytes;
        const uint32_t unsuited = blocked_->prepare(rows + first, of_tile, product_.K, tile);
        for (int row = 0; row < of_tile; ++row) {
          prepared[first + row] = (unsuited >> row & 1) != 0 ? nullptr : tile;
        }
      }
    });
  }

  void load_rows(Context& context, const std::byte* const* sources, int count,
                 const float** rows) const {
    if (!copies(product_, fused_)) {
      for (int i = 0; i < count; ++i) rows[i] = reinterpret_cast<const float*>(sources[i]);
      return;
    }
    for (int i = 0; i < count; ++i) rows[i] = scratch_ + i * product_.K;
    const DType dtype = product_.x.dtype;
    const int64_t stride = last_stride(product_.x);
    for_each_chunk(context, count, product_.K, [&](int64_t i, int64_t first, int64_t size) {
      float* values = scratch_ + i * product_.K + first;
      level_.load(sources[i] + first * stride * dtype_bytes(dtype), dtype, stride, size, values);
      if (requantizes(product_, fused_)) {
        level_.requantize(row_format(product_.w), values, size, encode_factor_);
      }
    });
  }

  const Product& product_;
  const RowKernels& level_;
  const FusedProduct* fused_;
  const BlockedProduct* blocked_;
  std::byte* prepared_;
  float* scratch_;
  float encode_factor_;
};

}  // namespace thinbit::cpu
