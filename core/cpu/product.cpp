#include "cpu/product.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "cpu/activations.h"
#include "cpu/levels/dispatch.h"
#include "cpu/strided_span.h"
#include "cpu/weight_matrix.h"

namespace thinbit::cpu {
namespace {

// An item of parallel work is a tile of the result: the rows of a segment of the panel, and this
// many columns. Transposed, a column is a row of w; else a tile has whole groups of w's rows.
constexpr int64_t kTransposedTile = 16;
constexpr int64_t kStraightTile = 128;

// Rows of a panel that meet the same matrix of w.
struct Segment {
  int first;
  int count;
  WeightMatrix w;
};

// Rows of the result, counted over batch and M, with what belongs to each: up to kPanelRows of
// them, or for a blocked product kBlockedRows of one segment.
struct Panel {
  int rows;
  int segment_count;
  const float* x[kBlockedRows];
  const std::byte* prepared[kBlockedRows];
  std::byte* out[kBlockedRows];
  const std::byte* c[kBlockedRows];
  Segment segments[kPanelRows];
};

// What a thread needs to make a tile of a blocked product: the sums and weights of its columns, and
// a panel.
class BlockedScratch {
 public:
  explicit BlockedScratch(const BlockedProduct* blocked) {
    if (blocked == nullptr) return;
    const size_t bytes = kSumsBytes + kWeightsBytes + static_cast<size_t>(blocked->panel_bytes);
    memory_.reset(static_cast<std::byte*>(::operator new(bytes, kAlignment)));
  }
  // kBlockedRows x kPanelColumns of panel `index` of the tile.
  double* sums(int64_t index) const {
    return reinterpret_cast<double*>(memory_.get()) + index * kBlockedRows * kPanelColumns;
  }
  // kPanelDepth x kStraightTile.
  float* weights() const { return reinterpret_cast<float*>(memory_.get() + kSumsBytes); }
  std::byte* panel() const { return memory_.get() + kSumsBytes + kWeightsBytes; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  static constexpr size_t kSumsBytes = kBlockedRows * kStraightTile * sizeof(double);
  static constexpr size_t kWeightsBytes = kPanelDepth * kStraightTile * sizeof(float);
  struct Delete {
    void operator()(std::byte* bytes) const { ::operator delete(bytes, kAlignment); }
  };
  std::unique_ptr<std::byte, Delete> memory_;
};

class Multiplication {
 public:
  Multiplication(Context& context, const Product& product, std::byte* scratch)
      : context_(context),
        product_(product),
        level_(*current_level()),
        activations_(product, level_, scratch),
        x_factor_(decode_factor(product.x_global_scale, 0)) {}

  void run() {
    const int axes = product_.out.ndim - 2;
    int64_t rows = product_.M;
    for (int axis = 0; axis < axes; ++axis) rows *= product_.out.shape[axis];
    if (rows == 0 || product_.N == 0) return;
    const int64_t panel_rows = activations_.panel_rows();
    for (int64_t first = 0; first < rows; first += panel_.rows) {
      fill_panel(first, static_cast<int>(std::min(panel_rows, rows - first)));
      multiply_panel();
    }
  }

 private:
  void fill_panel(int64_t first, int rows) {
    const TensorView& out = product_.out;
    const TensorView& c = product_.c;
    panel_.rows = 0;
    panel_.segment_count = 0;
    const std::byte* sources[kBlockedRows];
    for (int i = 0; i < rows; ++i) {
      const int64_t position = (first + i) / product_.M;
      const int64_t row = (first + i) % product_.M;
      const WeightMatrix w(product_.w, matrix_index(product_.rhs_indices, position));
      if (i > 0 && panel_.segments[panel_.segment_count - 1].w.same_as(w)) {
        ++panel_.segments[panel_.segment_count - 1].count;
      } else {
        if (i > 0 && activations_.blocked() != nullptr) break;
        panel_.segments[panel_.segment_count++] = {i, 1, w};
      }
      ++panel_.rows;
      sources[i] = activations_.row(matrix_index(product_.lhs_indices, position), row);
      panel_.out[i] = row_of(out, position, row);
      panel_.c[i] = c.present ? row_of(c, position, row) : nullptr;
    }
    activations_.prepare(context_, sources, panel_.rows, panel_.x, panel_.prepared);
  }

  static std::byte* row_of(const TensorView& tensor, int64_t position, int64_t row) {
    const int64_t offset = tensor.offset_of(position, tensor.ndim - 2);
    return element(tensor, offset + row * tensor.strides[tensor.ndim - 2]);
  }

  int64_t tile_columns() const {
    if (activations_.blocked() == nullptr) {
      return product_.transpose ? kTransposedTile : kStraightTile;
    }
    if (product_.transpose) return kPanelColumns;
    return std::max<int64_t>(kPanelColumns, product_.w.group_size);
  }

  void multiply_panel() {
    constexpr int64_t kTermsPerRange = int64_t{1} << 17;
    const int64_t tile = tile_columns();
    const int64_t tiles = (product_.N + tile - 1) / tile;
    const int64_t rows = std::max(1, panel_.rows / panel_.segment_count);
    const int64_t terms = tile * std::max<int64_t>(1, product_.K) * rows;
    const int64_t grain = std::max<int64_t>(1, kTermsPerRange / terms);
    context_.parallel_for(panel_.segment_count * tiles, grain, [&](int64_t begin, int64_t end) {
      const BlockedScratch scratch(activations_.blocked());
      for (int64_t item = begin; item < end; ++item) {
        const Segment& segment = panel_.segments[item / tiles];
        const int64_t column = item % tiles * tile;
        const int64_t count = std::min(tile, product_.N - column);
        if (activations_.blocked() != nullptr) {
          blocked_tile(segment, column, count, scratch);
        } else if (activations_.fused() != nullptr) {
          fused_tile(segment, column, count);
        } else {
          float_tile(segment, column, count);
        }
      }
    });
  }

  // Whether the global scales wait for the sum: that of a fused product, or one of exact products
  // because x is quantized too.
  bool factors_wait() const {
    return product_.quantize_x || activations_.fused() != nullptr ||
           activations_.blocked() != nullptr;
  }

  // What weights are decoded with.
  float weight_factor(const Segment& segment) const {
    return factors_wait() ? 1.0f : segment.w.factor();
  }

  void fused_tile(const Segment& segment, int64_t column, int64_t count) const {
    std::vector<std::byte> buffer;
    double sums[kPanelRows * kTransposedTile];
    activations_.fused()->multiply(row_format(product_.w), segment.w.rows(column, count, buffer),
                                   product_.K, count, panel_.prepared + segment.first,
                                   segment.count, sums, kTransposedTile);
    finish(segment, column, count, sums, kTransposedTile);
  }

  void blocked_tile(const Segment& segment, int64_t column, int64_t count,
                    const BlockedScratch& scratch) const {
    const BlockedProduct& blocked = *activations_.blocked();
    const RowFormat format = row_format(product_.w);
    const int64_t panels = (count + kPanelColumns - 1) / kPanelColumns;
    const int64_t tiles = (segment.count + kTileRows - 1) / kTileRows;
    std::vector<std::byte> buffer;
    EncodedRows w = {};
    if (product_.transpose) w = segment.w.rows(column, count, buffer);
    for (int64_t p = 0; p < panels; ++p) {
      std::fill_n(scratch.sums(p), tiles * kTileRows * kPanelColumns, 0.0);
    }
    uint32_t unsuited[kStraightTile / kPanelColumns] = {};
    for (int64_t k = 0; k < product_.K; k += kPanelDepth) {
      const int64_t terms = std::min<int64_t>(kPanelDepth, product_.K - k);
      if (!product_.transpose) {
        const int64_t padding = panels * kPanelColumns - count;
        for (int64_t j = 0; j < terms; ++j) {
          float* weights = scratch.weights() + j * kStraightTile;
          segment.w.decode(level_, k + j, column, count, weight_factor(segment), weights);
          std::fill_n(weights + count, padding, 0.0f);
        }
      }
      for (int64_t p = 0; p < panels; ++p) {
        unsuited[p] |= product_.transpose
                           ? blocked.decode(format, w, product_.K, k, count, scratch.panel())
                           : blocked.pack(scratch.weights() + p * kPanelColumns, kStraightTile,
                                          terms, scratch.panel());
        for (int64_t tile = 0; tile < tiles; ++tile) {
          const int64_t first = tile * kTileRows;
          const int rows = static_cast<int>(std::min<int64_t>(kTileRows, segment.count - first));
          blocked.multiply(scratch.panel(), product_.K, k, activations_.tile(tile), rows,
                           scratch.sums(p) + first * kPanelColumns);
        }
      }
    }
    make_unsuited(segment, column, count, unsuited, scratch);
    for (int64_t p = 0; p < panels; ++p) {
      const int64_t first = p * kPanelColumns;
      finish(segment, column + first, std::min<int64_t>(kPanelColumns, count - first),
             scratch.sums(p), kPanelColumns);
    }
  }

  // The sums whose numbers a panel cannot hold, from floats: those of `unsuited` columns, and those
  // of rows that have no tile.
  void make_unsuited(const Segment& segment, int64_t column, int64_t count,
                     const uint32_t* unsuited, const BlockedScratch& scratch) const {
    double sums[kPanelRows * kStraightTile];
    const auto column_is_unsuited = [&](int64_t n) {
      return (unsuited[n / kPanelColumns] >> n % kPanelColumns & 1) != 0;
    };
    bool any_column = false;
    for (int64_t n = 0; n < count; ++n) any_column = any_column || column_is_unsuited(n);
    for (int first = 0; first < segment.count;) {
      const bool row_is_unsuited = panel_.prepared[first] == nullptr;
      const int rows = any_column ? std::min(segment.count - first, kPanelRows) : 1;
      if (any_column || row_is_unsuited) {
        float_sums(segment, column, count, first, rows, sums);
        for (int i = 0; i < rows; ++i) {
          const bool whole = panel_.prepared[first + i] == nullptr;
          for (int64_t n = 0; n < count; ++n) {
            if (!whole && !column_is_unsuited(n)) continue;
            scratch.sums(n / kPanelColumns)[(first + i) * kPanelColumns + n % kPanelColumns] =
                sums[i * kStraightTile + n];
          }
        }
      }
      first += rows;
    }
  }

  void float_tile(const Segment& segment, int64_t column, int64_t count) const {
    double sums[kPanelRows * kStraightTile];
    float_sums(segment, column, count, 0, segment.count, sums);
    finish(segment, column, count, sums, kStraightTile);
  }

  // The sums of a tile's columns and rows [first, first + rows) of a segment, at most kPanelRows of
  // them, from decoded weights; kStraightTile to a row.
  void float_sums(const Segment& segment, int64_t column, int64_t count, int first, int rows,
                  double* sums) const {
    const float* const* x = panel_.x + segment.first + first;
    const float factor = weight_factor(segment);
    std::fill_n(sums, rows * kStraightTile, 0.0);
    if (product_.transpose) {
      float weights[kChunk];
      for (int64_t n = 0; n < count; ++n) {
        for (int64_t k = 0; k < product_.K; k += kChunk) {
          const int64_t depth = std::min(kChunk, product_.K - k);
          segment.w.decode(level_, column + n, k, depth, factor, weights);
          level_.dot(weights, depth, x, k, rows, sums + n, kStraightTile);
        }
      }
      return;
    }
    float weights[kAccumulateDepth * kStraightTile];
    for (int64_t k = 0; k < product_.K; k += kAccumulateDepth) {
      const int depth = static_cast<int>(std::min<int64_t>(kAccumulateDepth, product_.K - k));
      for (int j = 0; j < depth; ++j) {
        segment.w.decode(level_, k + j, column, count, factor, weights + j * count);
      }
      level_.accumulate(weights, count, depth, x, k, rows, sums, kStraightTile);
    }
  }

  // The epilogue: alpha, c and the factors join the sum before it is rounded.
  void finish(const Segment& segment, int64_t column, int64_t count, const double* sums,
              int64_t sums_stride) const {
    const TensorView& out = product_.out;
    const TensorView& c = product_.c;
    double scale = product_.alpha;
    if (product_.quantize_x) scale *= x_factor_;
    if (factors_wait()) scale *= segment.w.factor();
    for (int i = 0; i < segment.count; ++i) {
      const double* row = sums + i * sums_stride;
      float values[kStraightTile];
      if (c.present) {
        const int64_t c_stride = last_stride(c);
        const std::byte* from =
            panel_.c[segment.first + i] + column * c_stride * dtype_bytes(c.dtype);
        level_.load(from, c.dtype, c_stride, count, values);
        for (int64_t n = 0; n < count; ++n) {
          values[n] = static_cast<float>(scale * row[n] + static_cast<double>(product_.beta) *
                                                              static_cast<double>(values[n]));
        }
      } else {
        for (int64_t n = 0; n < count; ++n) values[n] = static_cast<float>(scale * row[n]);
      }
      const int64_t stride = last_stride(out);
      level_.store(values, count, out.dtype, stride,
                   panel_.out[segment.first + i] + column * stride * dtype_bytes(out.dtype));
    }
  }

  Context& context_;
  const Product& product_;
  const RowKernels& level_;
  Activations activations_;
  float x_factor_;
  Panel panel_;
};

}  // namespace

size_t scratch_bytes(const Product& product) {
  return Activations::scratch_bytes(product, *current_level());
}

void multiply(Context& context, const Product& product, std::byte* scratch) {
  Multiplication(context, product, scratch).run();
}

Fault multiply(Context& context, const Product& product) {
  const size_t bytes = scratch_bytes(product);
  std::byte* scratch = bytes == 0 ? nullptr : context.scratch(bytes);
  if (bytes != 0 && scratch == nullptr) return Fault::out_of_memory();
  multiply(context, product, scratch);
  return Fault::none();
}

}  // namespace thinbit::cpu
