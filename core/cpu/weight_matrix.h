#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cpu/encoded_row.h"
#include "cpu/global_scale.h"
#include "cpu/levels/row_kernels.h"
#include "cpu/strided_span.h"
#include "runtime/tensor_view.h"

namespace thinbit::cpu {

inline RowFormat row_format(const QuantizedView& w) {
  return {w.mode, w.bits, w.group_size, w.scales.dtype};
}

// One matrix of a quantized tensor (batch..., rows, columns), decoded span by span.
class WeightMatrix {
 public:
  WeightMatrix() = default;
  // Matrix `index`, counted over the batch axes.
  WeightMatrix(const QuantizedView& w, int64_t index)
      : w_(&w),
        words_(element(w.packed, w.packed.offset_of(index, w.packed.ndim - 2))),
        scales_(element(w.scales, w.scales.offset_of(index, w.scales.ndim - 2))),
        global_scale_(w.global_scale.present ? global_scale_at(w.global_scale, index) : 0.0f) {
    if (w.biases.present) biases_ = element(w.biases, w.biases.offset_of(index, w.biases.ndim - 2));
  }

  // Whether both decode to the same matrix of one tensor, as all do along a broadcast axis.
  bool same_as(const WeightMatrix& other) const {
    return words_ == other.words_ && scales_ == other.scales_ && biases_ == other.biases_ &&
           global_scale_ == other.global_scale_;
  }

  // g = global_scale / 2688; 1 without one.
  float factor() const {
    return w_->global_scale.present ? nvfp4_decode_factor(global_scale_) : 1.0f;
  }

  // Elements [column, column + count) of a row, whole groups and at most kChunk: element * d, times
  // `factor`, or code * scale + bias.
  void decode(const RowKernels& level, int64_t row, int64_t column, int64_t count, float factor,
              float* values) const {
    const RowFormat format = row_format(*w_);
    SpanBuffer buffer;
    level.decode(format, encoded_row(row).read(format, column, count, buffer), count, factor,
                 values);
  }

  // `count` rows from `row` on: in place, or as copies in `buffer` where a row is strided.
  EncodedRows rows(int64_t row, int64_t count, std::vector<std::byte>& buffer) const {
    EncodedRows rows = {words_ + row * row_stride(w_->packed),
                        scales_ + row * row_stride(w_->scales),
                        nullptr,
                        row_stride(w_->packed),
                        row_stride(w_->scales),
                        0};
    if (biases_ != nullptr) {
      rows.biases = biases_ + row * row_stride(w_->biases);
      rows.biases_stride = row_stride(w_->biases);
    }
    const bool strided = last_stride(w_->packed) != 1 || last_stride(w_->scales) != 1 ||
                         (biases_ != nullptr && last_stride(w_->biases) != 1);
    if (strided) copy_rows(row, count, buffer, rows);
    return rows;
  }

 private:
  EncodedRow encoded_row(int64_t row) const {
    EncodedRow encoded = {};
    encoded.words = words_ + row * row_stride(w_->packed);
    encoded.words_stride = last_stride(w_->packed);
    encoded.scales = scales_ + row * row_stride(w_->scales);
    encoded.scales_stride = last_stride(w_->scales);
    if (biases_ != nullptr) {
      encoded.biases = biases_ + row * row_stride(w_->biases);
      encoded.biases_stride = last_stride(w_->biases);
    }
    return encoded;
  }

  void copy_rows(int64_t first, int64_t count, std::vector<std::byte>& buffer,
                 EncodedRows& rows) const {
    const RowFormat format = row_format(*w_);
    const int64_t scale_bytes = dtype_bytes(format.scale_dtype);
    const int64_t words = format.words(w_->columns);
    const int64_t groups = format.groups(w_->columns);
    rows.words_stride = words * 4;
    rows.scales_stride = rows.biases_stride = groups * scale_bytes;
    buffer.resize(static_cast<size_t>(count * (rows.words_stride + 2 * rows.scales_stride)));
    std::byte* const to_words = buffer.data();
    std::byte* const to_scales = to_words + count * rows.words_stride;
    std::byte* const to_biases = to_scales + count * rows.scales_stride;
    rows.words = to_words;
    rows.scales = to_scales;
    if (biases_ != nullptr) rows.biases = to_biases;
    for (int64_t i = 0; i < count; ++i) {
      const EncodedRow from = encoded_row(first + i);
      copy_strided(from.words, from.words_stride, to_words + i * rows.words_stride, 1, words, 4);
      copy_strided(from.scales, from.scales_stride, to_scales + i * rows.scales_stride, 1, groups,
                   scale_bytes);
      if (from.biases == nullptr) continue;
      copy_strided(from.biases, from.biases_stride, to_biases + i * rows.biases_stride, 1, groups,
                   scale_bytes);
    }
  }

  static int64_t row_stride(const TensorView& tensor) {
    return tensor.strides[tensor.ndim - 2] * dtype_bytes(tensor.dtype);
  }

  const QuantizedView* w_ = nullptr;
  std::byte* words_ = nullptr;
  std::byte* scales_ = nullptr;
  std::byte* biases_ = nullptr;
  float global_scale_ = 0.0f;
};

}  // namespace thinbit::cpu
