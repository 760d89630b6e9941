#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cpu/levels/row_kernels.h"
#include "cpu/strided_span.h"
#include "runtime/tensor_view.h"

namespace thinbit::cpu {

constexpr int64_t kSmallestGroup = 16;
constexpr int64_t kChunkWords = kChunk * 8 / 32;
constexpr int64_t kChunkGroups = kChunk / kSmallestGroup;

// Room for the parts of a span of at most kChunk elements whose strides are not 1.
struct SpanBuffer {
  alignas(4) std::byte words[kChunkWords * 4];
  alignas(4) std::byte scales[kChunkGroups * 4];
  alignas(4) std::byte biases[kChunkGroups * 4];
};

// One row of a quantized matrix: where its parts begin, and their strides in elements.
struct EncodedRow {
  std::byte* words;
  std::byte* scales;
  std::byte* biases;  // null where the mode has none
  int64_t words_stride;
  int64_t scales_stride;
  int64_t biases_stride;

  std::byte* words_at(const RowFormat& format, int64_t column) const {
    return words + format.words(column) * words_stride * 4;
  }
  std::byte* scales_at(const RowFormat& format, int64_t column) const {
    return scales + format.groups(column) * scales_stride * dtype_bytes(format.scale_dtype);
  }
  std::byte* biases_at(const RowFormat& format, int64_t column) const {
    if (biases == nullptr) return nullptr;
    return biases + format.groups(column) * biases_stride * dtype_bytes(format.scale_dtype);
  }

  // The whole groups of the elements [column, column + count), count at most kChunk.
  EncodedSpan read(const RowFormat& format, int64_t column, int64_t count,
                   SpanBuffer& buffer) const {
    const int64_t groups = format.groups(count);
    const int64_t bytes = dtype_bytes(format.scale_dtype);
    EncodedSpan span;
    span.words = reinterpret_cast<const uint32_t*>(
        contiguous(words_at(format, column), words_stride, format.words(count), 4, buffer.words));
    span.scales =
        contiguous(scales_at(format, column), scales_stride, groups, bytes, buffer.scales);
    span.biases = nullptr;
    if (biases != nullptr) {
      span.biases =
          contiguous(biases_at(format, column), biases_stride, groups, bytes, buffer.biases);
    }
    return span;
  }

  // Where a kernel is to write such groups: in place, or in `buffer` for written() to copy out.
  MutableEncodedSpan write(const RowFormat& format, int64_t column, SpanBuffer& buffer) const {
    MutableEncodedSpan span;
    span.words =
        reinterpret_cast<uint32_t*>(words_stride == 1 ? words_at(format, column) : buffer.words);
    span.scales = scales_stride == 1 ? scales_at(format, column) : buffer.scales;
    span.biases = biases_stride == 1 ? biases_at(format, column) : buffer.biases;
    return span;
  }

  void written(const RowFormat& format, int64_t column, int64_t count,
               const SpanBuffer& buffer) const {
    const int64_t groups = format.groups(count);
    const int64_t bytes = dtype_bytes(format.scale_dtype);
    if (words_stride != 1) {
      copy_strided(buffer.words, 1, words_at(format, column), words_stride, format.words(count), 4);
    }
    if (scales_stride != 1) {
      copy_strided(buffer.scales, 1, scales_at(format, column), scales_stride, groups, bytes);
    }
    if (biases != nullptr && biases_stride != 1) {
      copy_strided(buffer.biases, 1, biases_at(format, column), biases_stride, groups, bytes);
    }
  }
};

// Row `index` of tensors (batch..., rows, words) and (batch..., rows, groups), counted over all
// axes but the last.
inline EncodedRow encoded_row(const TensorView& words, const TensorView& scales,
                              const TensorView& biases, int64_t index) {
  EncodedRow row = {};
  row.words = element(words, words.offset_of(index, words.ndim - 1));
  row.words_stride = last_stride(words);
  row.scales = element(scales, scales.offset_of(index, scales.ndim - 1));
  row.scales_stride = last_stride(scales);
  if (biases.present) {
    row.biases = element(biases, biases.offset_of(index, biases.ndim - 1));
    row.biases_stride = last_stride(biases);
  }
  return row;
}

}  // namespace thinbit::cpu
