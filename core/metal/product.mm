#include "metal/presence.h"

#if THINBIT_HAS_METAL

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "metal/conversion.h"
#include "metal/kernels/parameters.h"
#include "metal/product.h"
#include "runtime/repetition.h"

namespace thinbit::metal {
namespace {

// Rows of x up to which qmv and qvm multiply: they read w once for four rows, qmm once for 32, but
// it makes 32 whatever is asked.
constexpr int64_t kMostVectorRows = 8;

// A kernel for products, and the part of the result that one of its threadgroups makes.
struct ProductKernel {
  const char* name;
  size_t rows;
  int64_t columns;
  NSUInteger threads;
};

// By the rows of a matrix, and not by how many matrices there are: a row's bytes are the same in
// every batch.
ProductKernel kernel_for(const Product& product) {
  if (product.M > kMostVectorRows) return {"qmm", kTile, kTile, kTileThreads};
  if (product.transpose) return {"qmv", kMostVectors, kColumns * kSimdgroups, 32 * kSimdgroups};
  return {"qvm", kMostVectors, kStraightColumns, kStraightThreads};
}

uint32_t narrow(int64_t value, const char* name) {
  if (value > int64_t{std::numeric_limits<int32_t>::max()}) {
    throw DeviceError{std::string(name) + " is more than 2^31 - 1, and the kernels count to there"};
  }
  return static_cast<uint32_t>(value);
}

class Multiplication {
 public:
  Multiplication(Work& work, const Product& product)
      : work_(work),
        product_(product),
        x_repetition_(product.x.ndim - 2, {&product.x}),
        w_repetition_(product.w.packed.ndim - 2, {&product.w.packed, &product.w.scales,
                                                  &product.w.biases, &product.w.global_scale}),
        c_repetition_(product.out.ndim - 2, {&product.c}) {}

  Fault run() {
    bind_w();
    if (product_.out.elements() == 0) return finish();
    bind_x();
    bind_c();
    id<MTLBuffer> out = work_.output(product_.out);
    const ProductKernel kernel = kernel_for(product_);
    pick_rows(kernel.rows);
    specialisation_.output_format = float_format(product_.out.dtype);
    specialisation_.transposed = product_.transpose;
    const int64_t columns = (product_.N + kernel.columns - 1) / kernel.columns;
    work_.dispatch(work_.gpu().pipeline(Family::kProduct, kernel.name, product_.w.mode,
                                        product_.w.bits, specialisation_),
                   {x_, codes_, scales_, biases_, c_, out,
                    work_.copy(rows_.data(), rows_.size() * sizeof(ProductRow)),
                    work_.copy(segments_.data(), segments_.size() * sizeof(Segment))},
                   parameters(), MTLSizeMake(static_cast<NSUInteger>(columns), segments_.size(), 1),
                   kernel.threads);
    return finish();
  }

 private:
  Fault finish() {
    work_.finish();
    if (first_fault_ == nil) return Fault::none();
    return fault_of(format(), w_repetition_.once(product_.w.packed), first_fault_);
  }

  GroupFormat format() const { return {product_.w.mode, product_.w.bits, product_.w.group_size}; }

  void bind_x() {
    const TensorView x = x_repetition_.once(product_.x);
    if (product_.quantize_x) {
      x_ = quantized_values(work_, format(), x, encode_factors(product_.x_global_scale, 1)[0]);
      x_factor_ = decode_factors(product_.x_global_scale, 1)[0];
      specialisation_.input_format = float_format(DType::kFloat32);
    } else {
      x_ = work_.input(x);
      specialisation_.input_format = float_format(x.dtype);
    }
  }

  void bind_w() {
    const QuantizedView& w = product_.w;
    specialisation_.group_size = w.group_size;
    if (w.is_float()) return quantize_w();
    specialisation_.scale_format = float_format(w.scales.dtype);
    codes_ = work_.input(w_repetition_.once(w.packed));
    scales_ = work_.input(w_repetition_.once(w.scales));
    biases_ = w.biases.present ? work_.input(w_repetition_.once(w.biases)) : scales_;
  }

  void quantize_w() {
    const QuantizedView& w = product_.w;
    const TensorView floats = w_repetition_.once(w.packed);
    const auto elements = static_cast<size_t>(floats.elements());
    codes_ = work_.scratch(elements * static_cast<size_t>(w.bits) / 8);
    biases_ = scales_ = work_.scratch(elements / static_cast<size_t>(w.group_size));
    if (elements == 0) return;
    TensorView scales = w.global_scale;
    if (scales.present) scales = w_repetition_.once(scales);
    first_fault_ = no_fault(work_);
    quantize(work_, format(), floats, encode_factors(scales, w_repetition_.count()),
             {codes_, scales_, work_.scratch(1), first_fault_});
  }

  // c is given as it is broadcast: along rows, columns and the batch.
  void bind_c() {
    c_ = x_;
    if (!product_.c.present) return;
    TensorView c = c_repetition_.once(product_.c);
    const int rows = c.ndim - 2;
    for (int axis = rows; axis < c.ndim; ++axis) {
      if (c.strides[axis] == 0 && c.shape[axis] > 1) c.shape[axis] = 1;
    }
    c_rows_ = c.shape[rows];
    c_column_step_ = c.shape[rows + 1] > 1 ? 1 : 0;
    c_row_step_ = narrow(c.shape[rows + 1], "N");
    c_ = work_.input(c);
    specialisation_.addend_format = float_format(c.dtype);
  }

  ProductParameters parameters() const {
    ProductParameters parameters = {};
    parameters.N = narrow(product_.N, "N");
    parameters.K = narrow(product_.K, "K");
    parameters.c_row_step = c_row_step_;
    parameters.c_column_step = c_column_step_;
    parameters.x_factor = x_factor_;
    parameters.alpha = product_.alpha;
    parameters.beta = product_.beta;
    return parameters;
  }

  // The decode factor of matrix `w`, counted over the batch axes of w.
  float w_factor(int64_t w) const {
    TensorView own = product_.w.global_scale;
    if (own.present) own.data += own.offset_of(w, own.ndim) * dtype_bytes(own.dtype);
    own.ndim = 0;
    return decode_factors(own, 1)[0];
  }

  // Broadcasting and gathering are one thing to the kernels: a list of rows, with those that meet
  // the same matrix of w together, whatever the order of the batch.
  void pick_rows(size_t most) {
    const int64_t batch = product_.out.elements() / (product_.M * product_.N);
    narrow(batch * product_.M, "the number of rows");
    std::vector<std::pair<int64_t, int64_t>> meetings;  // matrix of w, position in the batch
    for (int64_t i = 0; i < batch; ++i) {
      meetings.emplace_back(w_repetition_.index_of(matrix_index(product_.rhs_indices, i)), i);
    }
    std::sort(meetings.begin(), meetings.end());
    int64_t last = -1;
    for (const auto& [w, position] : meetings) {
      const int64_t x = x_repetition_.index_of(matrix_index(product_.lhs_indices, position));
      const int64_t c = product_.c.present ? c_repetition_.index_of(position) : 0;
      for (int64_t row = 0; row < product_.M; ++row) {
        if (w != last || segments_.back().count == most) {
          segments_.push_back({static_cast<uint32_t>(rows_.size()), 0,
                               narrow(w, "the number of matrices of w"),
                               w_factor(matrix_index(product_.rhs_indices, position))});
          last = w;
        }
        ++segments_.back().count;
        rows_.push_back({narrow(x * product_.M + row, "the number of rows of x"),
                         static_cast<uint32_t>(position * product_.M + row),
                         narrow(c * c_rows_ + (c_rows_ > 1 ? row : 0), "the number of rows of c")});
      }
    }
    uint32_t vectors = 1;
    for (const Segment& segment : segments_) vectors = std::max(vectors, segment.count);
    specialisation_.vectors = std::min(static_cast<int32_t>(vectors), kMostVectors);
  }

  Work& work_;
  const Product& product_;
  const Repetition x_repetition_;
  const Repetition w_repetition_;
  const Repetition c_repetition_;
  Specialisation specialisation_;
  id<MTLBuffer> x_ = nil;
  id<MTLBuffer> codes_ = nil;
  id<MTLBuffer> scales_ = nil;
  id<MTLBuffer> biases_ = nil;
  id<MTLBuffer> c_ = nil;
  id<MTLBuffer> first_fault_ = nil;
  std::vector<ProductRow> rows_;
  std::vector<Segment> segments_;
  float x_factor_ = 1.0f;
  int64_t c_rows_ = 1;
  uint32_t c_row_step_ = 0;
  uint32_t c_column_step_ = 0;
};

}  // namespace

Fault multiply(Context& context, const Product& product) {
  return run_work(context, [&](Work& work) { return Multiplication(work, product).run(); });
}

}  // namespace thinbit::metal

#endif
