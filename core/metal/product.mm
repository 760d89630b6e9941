#include "metal/presence.h"

#if THINBIT_HAS_METAL

#include <algorithm>
#include <limits>

#include "metal/conversion.h"
#include "metal/kernels/parameters.h"
#include "metal/layout.h"
#include "metal/product.h"

namespace thinbit::metal {
namespace {

constexpr int64_t kVectorColumns = kColumns * kSimdgroups;  // of a threadgroup of qmv
constexpr NSUInteger kVectorThreads = 32 * kSimdgroups;

// Rows of x up to which each column of the result is a sum of its own: qmv reads w once for four
// rows, qmm once for 32, but makes 32 whatever is asked.
constexpr int64_t kMostVectorRows = 8;

NSUInteger blocks(int64_t size, int64_t block) {
  return static_cast<NSUInteger>((size + block - 1) / block);
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
    const bool few = product_.transpose && product_.M <= kMostVectorRows;
    const int64_t vectors = std::min<int64_t>(product_.M, kMostVectors);
    specialisation_.output_format = float_format(product_.out.dtype);
    specialisation_.transposed = product_.transpose;
    specialisation_.vectors = static_cast<int32_t>(vectors);
    const MTLSize threadgroups =
        few ? MTLSizeMake(blocks(product_.N, kVectorColumns), blocks(product_.M, vectors), batch())
            : MTLSizeMake(blocks(product_.N, kTile), blocks(product_.M, kTile), batch());
    work_.dispatch(work_.gpu().pipeline(Family::kProduct, few ? "qmv" : "qmm", product_.w.mode,
                                        product_.w.bits, specialisation_),
                   {x_, codes_, scales_, biases_, c_, out, picks()}, parameters(), threadgroups,
                   few ? kVectorThreads : kTileThreads);
    return finish();
  }

 private:
  Fault finish() {
    work_.finish();
    if (first_fault_ == nil) return Fault::none();
    return fault_of(format(), w_repetition_.once(product_.w.packed), first_fault_);
  }

  GroupFormat format() const { return {product_.w.mode, product_.w.bits, product_.w.group_size}; }

  NSUInteger batch() const {
    int64_t count = 1;
    for (int axis = 0; axis < product_.out.ndim - 2; ++axis) count *= product_.out.shape[axis];
    return narrow(count, "the batch");
  }

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
    c_column_step_ = c.shape[rows + 1] > 1 ? 1 : 0;
    c_row_step_ = c.shape[rows] > 1 ? narrow(c.shape[rows + 1], "N") : 0;
    c_ = work_.input(c);
    specialisation_.addend_format = float_format(c.dtype);
  }

  ProductParameters parameters() const {
    ProductParameters parameters = {};
    parameters.M = narrow(product_.M, "M");
    parameters.N = narrow(product_.N, "N");
    parameters.K = narrow(product_.K, "K");
    parameters.c_row_step = c_row_step_;
    parameters.c_column_step = c_column_step_;
    parameters.x_factor = x_factor_;
    parameters.alpha = product_.alpha;
    parameters.beta = product_.beta;
    return parameters;
  }

  // Broadcasting and gathering are one thing to the kernels: a list of who meets whom.
  id<MTLBuffer> picks() {
    std::vector<Pick> picks(batch());
    const TensorView& global_scale = product_.w.global_scale;
    for (size_t position = 0; position < picks.size(); ++position) {
      const auto at = static_cast<int64_t>(position);
      const int64_t w = matrix_index(product_.rhs_indices, at);
      TensorView own = global_scale;
      if (own.present) own.data += own.offset_of(w, own.ndim) * dtype_bytes(own.dtype);
      own.ndim = 0;
      picks[position].x = narrow(x_repetition_.index_of(matrix_index(product_.lhs_indices, at)),
                                 "the number of matrices of x");
      picks[position].w = narrow(w_repetition_.index_of(w), "the number of matrices of w");
      picks[position].c = product_.c.present
                              ? narrow(c_repetition_.index_of(at), "the number of matrices of c")
                              : 0;
      picks[position].w_factor = decode_factors(own, 1)[0];
    }
    return work_.copy(picks.data(), picks.size() * sizeof(Pick));
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
  float x_factor_ = 1.0f;
  uint32_t c_row_step_ = 0;
  uint32_t c_column_step_ = 0;
};

}  // namespace

Fault multiply(Context& context, const Product& product) {
  return run_work(context, [&](Work& work) { return Multiplication(work, product).run(); });
}

}  // namespace thinbit::metal

#endif
