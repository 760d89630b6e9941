// Products of many tiles, and operands that the GPU takes in place: Metal beside the CPU, through
// the C ABI. The vectors' matrices are small; these have edges of tiles in every direction.

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <new>
#include <type_traits>

#include "../core/expect.h"

extern "C" unsigned long metal_emulation_buffers_in_place();

namespace {

constexpr std::align_val_t kPage{16384};

struct Destroy {
  void operator()(thinbit_context* context) const { thinbit_context_destroy(context); }
};
using Context = std::unique_ptr<thinbit_context, Destroy>;

Context context_on(thinbit_backend backend) {
  thinbit_context_options options = THINBIT_CONTEXT_OPTIONS_INIT;
  options.backend = backend;
  thinbit_context* context = nullptr;
  thinbit_error error = THINBIT_ERROR_INIT;
  if (thinbit_context_create(&options, &context, &error) != THINBIT_OK) {
    std::printf("%s\n", error.message);
    std::exit(EXIT_FAILURE);
  }
  return Context(context);
}

// A matrix that begins at a page.
template <class Element>
class Matrix {
 public:
  Matrix(int64_t rows, int64_t columns) : shape_{rows, columns} {
    elements_.reset(static_cast<Element*>(::operator new(count() * sizeof(Element), kPage)));
    std::memset(elements_.get(), 0, count() * sizeof(Element));
  }

  size_t count() const { return static_cast<size_t>(shape_[0] * shape_[1]); }
  Element& operator()(int64_t row, int64_t column) {
    return elements_.get()[row * shape_[1] + column];
  }
  Element* data() { return elements_.get(); }

  thinbit_tensor* tensor() {
    tensor_ = tensor_of(elements_.get(), std::is_floating_point_v<Element> ? 2 : 1,
                        8 * sizeof(Element), 2, shape_);
    return &tensor_;
  }

 private:
  struct Delete {
    void operator()(Element* elements) const { ::operator delete(elements, kPage); }
  };
  int64_t shape_[2];
  std::unique_ptr<Element, Delete> elements_;
  thinbit_tensor tensor_ = {};
};

// A weight of one mode, quantized on a context, and its values.
struct Weight {
  Weight(thinbit_context* context, thinbit_mode mode, int32_t bits, int64_t rows, int64_t columns)
      : has_bias(mode == THINBIT_MODE_AFFINE),
        group_size(mode == THINBIT_MODE_NVFP4 ? 16 : 32),
        codes(rows, columns * bits / 32),
        scales(rows, has_bias ? columns / group_size : 0),
        bytes(rows, has_bias ? 0 : columns / group_size),
        biases(rows, columns / group_size),
        values(rows, columns) {
    Matrix<float> w(rows, columns);
    for (size_t i = 0; i < w.count(); ++i) w.data()[i] = std::sin(static_cast<float>(i) * 0.7f);
    thinbit_quantize_params quantize = THINBIT_QUANTIZE_PARAMS_INIT;
    quantize.w = w.tensor();
    quantize.mode = mode;
    quantize.bits = bits;
    quantize.group_size = group_size;
    quantize.wq = codes.tensor();
    quantize.scales = has_bias ? scales.tensor() : bytes.tensor();
    quantize.biases = has_bias ? biases.tensor() : nullptr;
    EXPECT(thinbit_quantize(context, &quantize, nullptr) == THINBIT_OK);
    record.packed = codes.tensor();
    record.scales = quantize.scales;
    record.biases = quantize.biases;
    record.mode = mode;
    record.bits = bits;
    record.group_size = group_size;
    thinbit_dequantize_params dequantize = THINBIT_DEQUANTIZE_PARAMS_INIT;
    dequantize.w = &record;
    dequantize.out = values.tensor();
    EXPECT(thinbit_dequantize(context, &dequantize, nullptr) == THINBIT_OK);
  }

  bool has_bias;
  int32_t group_size;
  Matrix<uint32_t> codes;
  Matrix<float> scales;
  Matrix<uint8_t> bytes;
  Matrix<float> biases;
  Matrix<float> values;
  thinbit_quantized_tensor record = THINBIT_QUANTIZED_TENSOR_INIT;
};

struct Width {
  thinbit_mode mode;
  int32_t bits;
};
const Width kWidths[] = {
    {THINBIT_MODE_AFFINE, 1}, {THINBIT_MODE_AFFINE, 2}, {THINBIT_MODE_AFFINE, 3},
    {THINBIT_MODE_AFFINE, 4}, {THINBIT_MODE_AFFINE, 5}, {THINBIT_MODE_AFFINE, 6},
    {THINBIT_MODE_AFFINE, 8}, {THINBIT_MODE_MXFP4, 4},  {THINBIT_MODE_MXFP8, 8},
    {THINBIT_MODE_NVFP4, 4},
};

void expect_product(thinbit_context* metal, Weight& weight, int64_t M, int64_t N, int64_t K,
                    bool transpose) {
  Matrix<float> x(M, K);
  Matrix<float> out(M, N);
  for (size_t i = 0; i < x.count(); ++i) x.data()[i] = std::cos(static_cast<float>(i) * 1.3f);
  thinbit_quantized_matmul_params params = THINBIT_QUANTIZED_MATMUL_PARAMS_INIT;
  params.x = x.tensor();
  params.w = &weight.record;
  params.transpose = transpose;
  params.out = out.tensor();
  EXPECT(thinbit_quantized_matmul(metal, &params, nullptr) == THINBIT_OK);
  bool within = true;
  for (int64_t m = 0; m < M; ++m) {
    for (int64_t n = 0; n < N; ++n) {
      double reference = 0;
      double magnitudes = 0;
      for (int64_t k = 0; k < K; ++k) {
        const double value = transpose ? weight.values(n, k) : weight.values(k, n);
        reference += value * x(m, k);
        magnitudes += std::fabs(value * x(m, k));
      }
      // The contract's bound, and an ulp for the rounding of `values`.
      within = within && std::fabs(out(m, n) - reference) <=
                             0x1p-23 * std::fabs(reference) + 1.1e-6 * magnitudes;
    }
  }
  EXPECT(within);
}

void products_of_many_tiles_are_within_the_bound() {
  const Context cpu = context_on(THINBIT_BACKEND_CPU);
  const Context metal = context_on(THINBIT_BACKEND_METAL);
  for (const Width& width : kWidths) {
    Weight transposed(cpu.get(), width.mode, width.bits, 70, 288);
    for (const int64_t rows : {1, 3, 9, 45}) {
      expect_product(metal.get(), transposed, rows, 70, 288, true);
    }
    Weight straight(cpu.get(), width.mode, width.bits, 75, 96);
    for (const int64_t rows : {1, 45}) {
      expect_product(metal.get(), straight, rows, 96, 75, false);
    }
  }
}

void quantize_gives_the_bytes_of_the_cpu_for_matrices_of_many_threadgroups() {
  const Context cpu = context_on(THINBIT_BACKEND_CPU);
  const Context metal = context_on(THINBIT_BACKEND_METAL);
  for (const Width& width : kWidths) {
    Weight expected(cpu.get(), width.mode, width.bits, 70, 288);
    Weight got(metal.get(), width.mode, width.bits, 70, 288);
    const auto same = [](auto& a, auto& b) {
      return std::memcmp(a.data(), b.data(), a.count() * sizeof *a.data()) == 0;
    };
    EXPECT(same(expected.codes, got.codes));
    EXPECT(same(expected.scales, got.scales));
    EXPECT(same(expected.bytes, got.bytes));
    EXPECT(same(expected.biases, got.biases));
    EXPECT(same(expected.values, got.values));
  }
}

void operands_that_begin_at_a_page_are_not_copied() {
  const Context metal = context_on(THINBIT_BACKEND_METAL);
  const unsigned long before = metal_emulation_buffers_in_place();
  Weight weight(metal.get(), THINBIT_MODE_MXFP4, 4, 32, 64);
  // w, codes and bytes of quantize; codes, bytes and values of dequantize.
  EXPECT(metal_emulation_buffers_in_place() - before == 6);
}

}  // namespace

int main() {
  RUN(products_of_many_tiles_are_within_the_bound);
  RUN(quantize_gives_the_bytes_of_the_cpu_for_matrices_of_many_threadgroups);
  RUN(operands_that_begin_at_a_page_are_not_copied);
  return REPORT();
}
