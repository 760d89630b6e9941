#include "cuda/plugin/product.h"

#include <algorithm>
#include <string>

#include "cuda/plugin/conversion.h"
#include "cuda/plugin/placement.h"
#include "cuda/plugin/work.h"
#include "runtime/environment.h"

namespace thinbit::cuda {
namespace {

// Rows of a matrix up to which decode.cu multiplies: it reads w once for 32 of them, prefill.cu for
// 128, which it makes whatever is asked.
constexpr int64_t kMostDecodeRows = 64;

// Blocks that decode.cu wants at least, two for each multiprocessor of a large GPU, and the steps
// along K that a warp keeps at least where blocks share K. Constants, so that the bytes of a
// product follow from its shape on every GPU.
constexpr int64_t kWantedBlocks = 264;
constexpr int64_t kLeastWarpSteps = 2;
constexpr int64_t kDecodeWarps = kDecodeThreads / 32;

// Which kernel file multiplies.
enum class Family { kDecode, kPrefill, kHopper, kStraight };

// By the rows of a matrix, and not by how many matrices there are: a row's bytes are the same in
// every batch. THINBIT_CUDA_PRODUCT=decode, =prefill or =hopper has one make every transposed
// product that it can, to test it or to time it.
Family family_for(const Product& product, const std::string& architecture) {
  if (!product.transpose) return Family::kStraight;
  const bool is_16_bit = product.x.dtype != DType::kFloat32 && !product.quantize_x;
  const bool has_hopper = is_16_bit && architecture == "sm_90a";
  const char* const forced = environment("THINBIT_CUDA_PRODUCT");
  const std::string name = forced != nullptr ? forced : "";
  if (name == "decode") return Family::kDecode;
  if (name == "prefill") return Family::kPrefill;
  if (name != "hopper" && product.M <= kMostDecodeRows) return Family::kDecode;
  return has_hopper ? Family::kHopper : Family::kPrefill;
}

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// A kernel for a product, and what one of its blocks makes.
struct ProductKernel {
  std::string module;
  std::string name;
  uint32_t rows;
  int64_t columns;
  uint32_t threads;
};

class Multiplication {
 public:
  Multiplication(Work& work, Op op, const Product& product, const std::string& architecture)
      : work_(work),
        product_(product),
        fault_(work.report(op)),
        repetitions_(product),
        family_(family_for(product, architecture)),
        kernel_(kernel()) {}

  void run() {
    bind_w();
    if (batch() == 0) return;
    placement_ = place(work_, fault_, product_, repetitions_, kernel_.rows);
    const bool has_matrices = repetitions_.x.count() > 0 && repetitions_.w.count() > 0;
    if (product_.out.elements() == 0 || !has_matrices) return;
    bind_x();
    bind_c();
    bind_result();
    launch();
  }

 private:
  ProductKernel kernel() const {
    const QuantizedView& w = product_.w;
    const std::string dtype = product_.quantize_x ? "quantized" : dtype_name(product_.x.dtype);
    const std::string of_group = "_" + std::to_string(w.group_size);
    switch (family_) {
      case Family::kStraight:
        return {module_name("straight", w.mode, w.bits), dtype, kStraightRows, kStraightColumns,
                kStraightThreads};
      case Family::kPrefill:
        return {module_name("prefill", w.mode, w.bits), dtype, prefill_rows(), kPrefillColumns,
                kPrefillThreads};
      case Family::kHopper:
        return {module_name("hopper", w.mode, w.bits) + of_group, dtype, kHopperRows,
                kHopperColumns, kHopperThreads};
      case Family::kDecode:
        break;
    }
    // Gathering brings together rows of many matrices of x.
    const bool few = dtype == "float32" || (product_.M <= 8 && product_.rhs_indices == nullptr);
    return {module_name("decode", w.mode, w.bits) + of_group, dtype + (few ? "_8" : "_32"),
            few ? 8u : 32u, kDecodeColumns, kDecodeThreads};
  }

  uint32_t prefill_rows() const {
    if (product_.quantize_x) return kPrefillQuantizedRows;
    return product_.x.dtype == DType::kFloat32 ? kPrefillFloat32Rows : kPrefillRows;
  }

  GroupFormat format() const { return {product_.w.mode, product_.w.bits, product_.w.group_size}; }

  int64_t batch() const {
    int64_t count = 1;
    for (int axis = 0; axis < product_.out.ndim - 2; ++axis) count *= product_.out.shape[axis];
    return count;
  }

  bool has_bias() const { return product_.w.biases.present; }

  void bind_w() {
    const QuantizedView& w = product_.w;
    parameters_.group_size = static_cast<uint32_t>(w.group_size);
    if (w.global_scale.present) {
      const GlobalScales scales = global_scales_of(work_, repetitions_.w.once(w.global_scale));
      parameters_.w_global_scales = scales.data;
      parameters_.w_global_stride = scales.stride;
    }
    if (w.is_float()) return quantize_w();
    parameters_.codes = work_.input(repetitions_.w.once(w.packed));
    parameters_.scales = work_.input(repetitions_.w.once(w.scales));
    if (has_bias()) parameters_.biases = work_.input(repetitions_.w.once(w.biases));
    parameters_.scale_format = float_format(w.scales.dtype);
  }

  void quantize_w() {
    const QuantizedView& w = product_.w;
    const TensorView floats = repetitions_.w.once(w.packed);
    const auto elements = static_cast<size_t>(floats.elements());
    if (elements == 0) return;
    uint8_t* const codes = work_.scratch(elements * static_cast<size_t>(w.bits) / 8);
    uint8_t* const scales = work_.scratch(elements / static_cast<size_t>(w.group_size));
    quantize(work_, fault_, format(), floats,
             {parameters_.w_global_scales, parameters_.w_global_stride}, repetitions_.w.count(),
             {codes, scales, nullptr});
    parameters_.codes = codes;
    parameters_.scales = scales;
  }

  // Planes of 16-bit floats: x itself, what its quantized elements stand for, or parts of it.
  void bind_x() {
    const TensorView x = repetitions_.x.once(product_.x);
    parameters_.x_rows = narrow(repetitions_.x.count() * product_.M, "the number of rows of x");
    parameters_.x_stride = narrow(product_.K, "K");
    if (product_.quantize_x) {
      const GlobalScales scale = global_scales_of(work_, product_.x_global_scale);
      parameters_.x_global_scale = scale.data;
      parameters_.x =
          reinterpret_cast<const uint16_t*>(quantized_values(work_, fault_, format(), x, scale));
    } else if (!product_.transpose) {
      bind_planes(x, x.dtype == DType::kFloat32 ? 3 : x.dtype == DType::kFloat16 ? 2 : 1);
    } else if (x.dtype == DType::kFloat32) {
      bind_planes(x, 3);
    } else if (family_ == Family::kHopper) {
      bind_permuted(x);
    } else {
      parameters_.x = reinterpret_cast<const uint16_t*>(work_.input(x));
    }
    const bool has_tiles = family_ == Family::kPrefill || family_ == Family::kHopper;
    if (has_tiles && has_bias()) bind_sums(x);
  }

  void bind_planes(const TensorView& x, int32_t count) {
    const int64_t stride = ceil_div(product_.K, kPlaneGranularity) * kPlaneGranularity;
    PlanesParameters planes = {};
    planes.x = work_.input(x);
    planes.rows = parameters_.x_rows;
    planes.K = narrow(product_.K, "K");
    planes.stride = narrow(stride, "K");
    planes.count = count;
    planes.format = float_format(x.dtype);
    const uint64_t elements = planes.rows * planes.stride;
    planes.planes = reinterpret_cast<uint16_t*>(
        work_.scratch(elements * static_cast<uint64_t>(count) * sizeof(uint16_t)));
    work_.launch_for("activations", "planes", planes, elements);
    parameters_.x = planes.planes;
    parameters_.x_plane = elements;
    parameters_.x_stride = planes.stride;
  }

  void bind_permuted(const TensorView& x) {
    PermuteParameters permute = {};
    permute.pairs = static_cast<uint64_t>(x.elements()) / 2;
    permute.x = reinterpret_cast<const uint32_t*>(work_.input(x));
    permute.to = reinterpret_cast<uint32_t*>(work_.scratch(permute.pairs * sizeof(uint32_t)));
    permute.run = product_.w.group_size == 16 ? 4 : 8;
    work_.launch_for("activations", "permute", permute, permute.pairs);
    parameters_.x = reinterpret_cast<const uint16_t*>(permute.to);
  }

  void bind_sums(const TensorView& x) {
    GroupSumsParameters sums = {};
    sums.x = work_.input(x);
    sums.rows = parameters_.x_rows;
    sums.groups = static_cast<uint32_t>(product_.K / product_.w.group_size);
    sums.group_size = parameters_.group_size;
    sums.format = float_format(x.dtype);
    sums.sums = reinterpret_cast<float*>(work_.scratch(sums.rows * sums.groups * sizeof(float)));
    work_.launch_for("activations", "group_sums", sums,
                     static_cast<uint64_t>(x.elements()) / kChunk);
    parameters_.x_sums = sums.sums;
  }

  // c is given as it is broadcast: along rows, columns and the batch.
  void bind_c() {
    if (!product_.c.present) return;
    TensorView c = repetitions_.c.once(product_.c);
    const int rows = c.ndim - 2;
    for (int axis = rows; axis < c.ndim; ++axis) {
      if (c.strides[axis] == 0 && c.shape[axis] > 1) c.shape[axis] = 1;
    }
    parameters_.c = work_.input(c);
    parameters_.c_rows = narrow(c.shape[rows], "M");
    parameters_.c_columns = narrow(c.shape[rows + 1], "N");
    parameters_.c_format = float_format(c.dtype);
    parameters_.alpha = product_.alpha;
    parameters_.beta = product_.beta;
  }

  void bind_result() {
    parameters_.out = work_.output(product_.out);
    parameters_.output_format = float_format(product_.out.dtype);
    parameters_.places = placement_.places;
    parameters_.segments = placement_.segments;
    parameters_.segment_count = placement_.segment_count;
    parameters_.rows = narrow(placement_.rows, "the number of rows");
    parameters_.M = narrow(product_.M, "M");
    parameters_.N = narrow(product_.N, "N");
    parameters_.K = narrow(product_.K, "K");
    narrow(repetitions_.w.count() * product_.N, "the number of rows of w");
    parameters_.fault = fault_;
    parameters_.splits = narrow(splits(), "the number of parts of K");
    if (parameters_.splits == 1) return;
    const size_t sums = size_t{parameters_.splits} * parameters_.rows * parameters_.N;
    parameters_.partial = reinterpret_cast<float*>(work_.scratch(sums * sizeof(float)));
  }

  // Among how many blocks K is shared. Gathering has blocks enough.
  int64_t splits() const {
    if (family_ != Family::kDecode || product_.rhs_indices != nullptr) return 1;
    const int64_t wanted = kWantedBlocks / ceil_div(product_.N, kDecodeColumns);
    const int64_t most = product_.K / (kDecodeStep * kDecodeWarps * kLeastWarpSteps);
    return std::max<int64_t>(1, std::min(wanted, most));
  }

  void launch() {
    const Grid grid = {placement_.most_segments, ceil_div(product_.N, kernel_.columns),
                       parameters_.splits};
    work_.launch(kernel_.module, kernel_.name.c_str(), parameters_, grid, kernel_.threads);
    if (parameters_.splits > 1) {
      work_.launch_for("combine", "combine", parameters_,
                       uint64_t{parameters_.rows} * parameters_.N);
    }
  }

  Work& work_;
  const Product& product_;
  const FaultReport fault_;
  const Repetitions repetitions_;
  const Family family_;
  const ProductKernel kernel_;
  Placement placement_;
  ProductParameters parameters_ = {};
};

}  // namespace

Fault multiply(Session& session, Op op, const Product& product) {
  return run_work(session, [&](Work& work) {
    Multiplication(work, op, product, session.device().architecture()).run();
  });
}

}  // namespace thinbit::cuda
