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

constexpr int kPanelRows = 64;

// Rows of x that are multiplied at a time: a weight is decoded once for all of them. Fewer where
// long rows would need much scratch memory.
inline int64_t rows_of_panel(const Product& product) {
  constexpr int64_t kMostFloats = int64_t{1} << 22;
  const int64_t fitting = kMostFloats / std::max<int64_t>(1, product.K);
  return std::clamp<int64_t>(fitting, 1, kPanelRows);
}

// The level's product straight from the codes; null where weights are decoded first.
inline const FusedProduct* fused_product(const Product& product, const RowKernels& level) {
  if (!product.transpose || level.fused == nullptr) return nullptr;
  if (product.quantize_x && level.fused_quantized != nullptr) {
    const FusedProduct* quantized = level.fused_quantized(row_format(product.w));
    if (quantized != nullptr) return quantized;
  }
  return level.fused(row_format(product.w), product.quantize_x ? DType::kFloat32 : product.x.dtype);
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
        prepared_(scratch),
        scratch_(reinterpret_cast<float*>(scratch + prepared_bytes(product, fused_))),
        encode_factor_(encode_factor(product.x_global_scale, 0)) {}

  static size_t scratch_bytes(const Product& product, const RowKernels& level) {
    const FusedProduct* fused = fused_product(product, level);
    const size_t floats =
        copies(product, fused) ? static_cast<size_t>(rows_of_panel(product) * product.K) : 0;
    return prepared_bytes(product, fused) + floats * sizeof(float);
  }

  const FusedProduct* fused() const { return fused_; }

  // Where row `row` of matrix `matrix` of x begins.
  const std::byte* row(int64_t matrix, int64_t row) const {
    const TensorView& x = product_.x;
    return element(x, x.offset_of(matrix, x.ndim - 2) + row * x.strides[x.ndim - 2]);
  }

  // Leaves the floats of each source row in `rows`, and what the fused product takes in `prepared`.
  void prepare(Context& context, const std::byte* const* sources, int count, const float** rows,
               const std::byte** prepared) const {
    load_rows(context, sources, count, rows);
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
    const bool in_place = product.x.dtype == DType::kFloat32 && last_stride(product.x) == 1;
    return requantizes(product, fused) || !in_place;
  }

  static size_t prepared_bytes(const Product& product, const FusedProduct* fused) {
    if (fused == nullptr) return 0;
    return static_cast<size_t>(rows_of_panel(product) * fused->prepared_bytes(product.K));
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
  std::byte* prepared_;
  float* scratch_;
  float encode_factor_;
};

}  // namespace thinbit::cpu
