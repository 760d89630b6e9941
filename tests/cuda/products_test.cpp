// Products of many tiles: CUDA beside real sums, through the C ABI. The vectors' matrices are
// small; these have edges of blocks in every direction, share K among blocks, and gather rows of
// experts.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "device_memory.h"
#include "expect.h"

namespace {

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

thinbit_test::DeviceMemory& device() {
  static thinbit_test::DeviceMemory memory;
  return memory;
}

// A row-major tensor of the host, which can be had on the device too.
template <class Element>
class Array {
 public:
  Array(std::vector<int64_t> shape, uint8_t code) : shape_(std::move(shape)), code_(code) {
    size_t count = 1;
    for (const int64_t size : shape_) count *= static_cast<size_t>(size);
    elements_.resize(count);
  }

  size_t count() const { return elements_.size(); }
  Element& operator[](size_t index) { return elements_[index]; }
  const std::vector<Element>& elements() const { return elements_; }

  thinbit_tensor* on_host() {
    host_ = tensor_of(elements_.data(), code_, 8 * sizeof(Element),
                      static_cast<int32_t>(shape_.size()), shape_.data());
    return &host_;
  }

  thinbit_tensor* on_device() {
    std::vector<unsigned char> bytes(count() * sizeof(Element));
    std::memcpy(bytes.data(), elements_.data(), bytes.size());
    device_ = tensor_of(device().upload(bytes), code_, 8 * sizeof(Element),
                        static_cast<int32_t>(shape_.size()), shape_.data());
    device_.device.device_type = 2;
    return &device_;
  }

  void fetch() {
    std::vector<unsigned char> bytes(count() * sizeof(Element));
    device().download(device_.data, bytes);
    std::memcpy(elements_.data(), bytes.data(), bytes.size());
  }

 private:
  std::vector<int64_t> shape_;
  uint8_t code_;
  std::vector<Element> elements_;
  thinbit_tensor host_ = {};
  thinbit_tensor device_ = {};
};

using Floats = Array<float>;
using Halves = Array<uint16_t>;

Floats floats(std::vector<int64_t> shape, float step) {
  Floats made(std::move(shape), 2);
  for (size_t i = 0; i < made.count(); ++i) made[i] = std::sin(static_cast<float>(i) * step);
  return made;
}

// bfloat16, by cutting off.
Halves halves(const Floats& from, std::vector<int64_t> shape) {
  Halves made(std::move(shape), 4);
  for (size_t i = 0; i < made.count(); ++i) {
    uint32_t bits;
    std::memcpy(&bits, &from.elements()[i], sizeof bits);
    made[i] = static_cast<uint16_t>(bits >> 16);
  }
  return made;
}

float value_of(uint16_t bfloat16) {
  const uint32_t bits = static_cast<uint32_t>(bfloat16) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

struct Width {
  thinbit_mode mode;
  int32_t bits;
  int32_t group_size;
};
const Width kWidths[] = {
    {THINBIT_MODE_AFFINE, 1, 32},  {THINBIT_MODE_AFFINE, 2, 64}, {THINBIT_MODE_AFFINE, 3, 32},
    {THINBIT_MODE_AFFINE, 4, 128}, {THINBIT_MODE_AFFINE, 5, 64}, {THINBIT_MODE_AFFINE, 6, 32},
    {THINBIT_MODE_AFFINE, 8, 64},  {THINBIT_MODE_MXFP4, 4, 32},  {THINBIT_MODE_MXFP8, 8, 32},
    {THINBIT_MODE_NVFP4, 4, 16},
};

std::vector<int64_t> with_last(std::vector<int64_t> shape, int64_t last) {
  shape.back() = last;
  return shape;
}

// A weight, quantized on the CPU, its record on the device, and its values.
struct Weight {
  Weight(thinbit_context* cpu, const Width& width, std::vector<int64_t> shape)
      : codes(with_last(shape, shape.back() * width.bits / 32), 1),
        scales(with_last(shape, shape.back() / width.group_size), 2),
        bytes(with_last(shape, shape.back() / width.group_size), 1),
        biases(with_last(shape, shape.back() / width.group_size), 2),
        values(shape, 2) {
    const bool has_bias = width.mode == THINBIT_MODE_AFFINE;
    Floats w = floats(shape, 0.7f);
    thinbit_quantize_params quantize = THINBIT_QUANTIZE_PARAMS_INIT;
    quantize.w = w.on_host();
    quantize.mode = width.mode;
    quantize.bits = width.bits;
    quantize.group_size = width.group_size;
    quantize.wq = codes.on_host();
    quantize.scales = has_bias ? scales.on_host() : bytes.on_host();
    quantize.biases = has_bias ? biases.on_host() : nullptr;
    EXPECT(thinbit_quantize(cpu, &quantize, nullptr) == THINBIT_OK);
    record.packed = codes.on_host();
    record.scales = quantize.scales;
    record.biases = quantize.biases;
    record.mode = width.mode;
    record.bits = width.bits;
    record.group_size = width.group_size;
    thinbit_dequantize_params dequantize = THINBIT_DEQUANTIZE_PARAMS_INIT;
    dequantize.w = &record;
    dequantize.out = values.on_host();
    EXPECT(thinbit_dequantize(cpu, &dequantize, nullptr) == THINBIT_OK);
    record.packed = codes.on_device();
    record.scales = has_bias ? scales.on_device() : bytes.on_device();
    record.biases = has_bias ? biases.on_device() : nullptr;
  }

  Array<uint32_t> codes;
  Floats scales;
  Array<uint8_t> bytes;
  Floats biases;
  Floats values;
  thinbit_quantized_tensor record = THINBIT_QUANTIZED_TENSOR_INIT;
};

struct Sizes {
  int64_t M;
  int64_t N;
  int64_t K;
};

// Whether results lie within `relative` of the reference and `absolute` of the magnitudes.
template <class ValueOfX, class ValueOfOut>
bool is_within(const Sizes& sizes, Weight& weight, bool transpose, const ValueOfX& x,
               const ValueOfOut& out, double relative, double absolute) {
  for (int64_t m = 0; m < sizes.M; ++m) {
    for (int64_t n = 0; n < sizes.N; ++n) {
      double reference = 0;
      double magnitudes = 0;
      for (int64_t k = 0; k < sizes.K; ++k) {
        const int64_t at = transpose ? n * sizes.K + k : k * sizes.N + n;
        const double term =
            static_cast<double>(weight.values[static_cast<size_t>(at)]) * x(m * sizes.K + k);
        reference += term;
        magnitudes += std::fabs(term);
      }
      const double error = std::fabs(static_cast<double>(out(m * sizes.N + n)) - reference);
      if (!(error <= relative * std::fabs(reference) + absolute * magnitudes)) {
        std::printf("(%d, %d): %g, and not %g\n", static_cast<int>(m), static_cast<int>(n),
                    static_cast<double>(out(m * sizes.N + n)), reference);
        return false;
      }
    }
  }
  return true;
}

void expect_product(thinbit_context* cuda, Weight& weight, const Sizes& sizes, bool transpose) {
  Floats x = floats({sizes.M, sizes.K}, 1.3f);
  Floats out({sizes.M, sizes.N}, 2);
  thinbit_quantized_matmul_params params = THINBIT_QUANTIZED_MATMUL_PARAMS_INIT;
  params.x = x.on_device();
  params.w = &weight.record;
  params.transpose = transpose;
  params.out = out.on_device();
  EXPECT(thinbit_quantized_matmul(cuda, &params, nullptr) == THINBIT_OK);
  EXPECT(thinbit_context_sync(cuda, nullptr) == THINBIT_OK);
  out.fetch();
  const auto element = [](Floats& of) {
    return [&of](int64_t i) { return of[static_cast<size_t>(i)]; };
  };
  // The contract's bounds, and an ulp for the rounding of `values`.
  EXPECT(is_within(sizes, weight, transpose, element(x), element(out), 0x1p-23, 1.1e-6));

  Halves short_x = halves(x, {sizes.M, sizes.K});
  Halves short_out({sizes.M, sizes.N}, 4);
  params.x = short_x.on_device();
  params.out = short_out.on_device();
  EXPECT(thinbit_quantized_matmul(cuda, &params, nullptr) == THINBIT_OK);
  EXPECT(thinbit_context_sync(cuda, nullptr) == THINBIT_OK);
  short_out.fetch();
  const auto half = [](Halves& of) {
    return [&of](int64_t i) { return value_of(of[static_cast<size_t>(i)]); };
  };
  EXPECT(is_within(sizes, weight, transpose, half(short_x), half(short_out), 0x1p-8, 0x1p-9));
}

void products_of_many_blocks_are_within_the_bound() {
  const Context cpu = context_on(THINBIT_BACKEND_CPU);
  const Context cuda = context_on(THINBIT_BACKEND_CUDA);
  for (const Width& width : kWidths) {
    // Several blocks in both directions where that is the default width; one and its edges else,
    // which takes less long.
    const bool is_default = width.bits == 4;
    const int64_t K = width.group_size == 128 ? 384 : 320;
    const int64_t N = is_default ? 141 : 45;
    Weight transposed(cpu.get(), width, {N, K});
    for (const int64_t rows : {1, 11, 70, 133}) {
      if (rows == 133 && !is_default) continue;
      expect_product(cuda.get(), transposed, {rows, N, K}, true);
    }
    Weight straight(cpu.get(), width, {75, 128});
    for (const int64_t rows : {1, 45}) {
      expect_product(cuda.get(), straight, {rows, 128, 75}, false);
    }
    device().clear();
  }
}

// Few columns and much K: blocks share it.
void products_whose_k_blocks_share_are_within_the_bound() {
  const Context cpu = context_on(THINBIT_BACKEND_CPU);
  const Context cuda = context_on(THINBIT_BACKEND_CUDA);
  for (const Width& width : {Width{THINBIT_MODE_AFFINE, 4, 64}, Width{THINBIT_MODE_NVFP4, 4, 16}}) {
    Weight weight(cpu.get(), width, {19, 6464});
    for (const int64_t rows : {1, 9}) expect_product(cuda.get(), weight, {rows, 19, 6464}, true);
    device().clear();
  }
}

// A matrix of experts, and tokens of one row each, in no order: rows of one expert are multiplied
// together.
void gathered_rows_have_the_bytes_that_they_have_alone() {
  constexpr int64_t kTokens = 75;
  constexpr int64_t kExperts = 2;
  const Context cpu = context_on(THINBIT_BACKEND_CPU);
  const Context cuda = context_on(THINBIT_BACKEND_CUDA);
  Weight experts(cpu.get(), {THINBIT_MODE_MXFP4, 4, 32}, {kExperts, 40, 64});
  Floats long_x = floats({kTokens, 1, 64}, 0.9f);
  const auto gather = [&](int64_t first, int64_t count) {
    Floats rows({count, 1, 64}, 2);
    Array<int32_t> indices({count}, 0);
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t k = 0; k < 64; ++k) {
        rows[static_cast<size_t>(i * 64 + k)] = long_x[static_cast<size_t>((first + i) * 64 + k)];
      }
      indices[static_cast<size_t>(i)] = static_cast<int32_t>((first + i) * (first + i) % 3 % 2);
    }
    Halves x = halves(rows, {count, 1, 64});
    Halves out({count, 1, 40}, 4);
    thinbit_gather_qmm_params params = THINBIT_GATHER_QMM_PARAMS_INIT;
    params.x = x.on_device();
    params.w = &experts.record;
    params.rhs_indices = indices.on_device();
    params.out = out.on_device();
    EXPECT(thinbit_gather_qmm(cuda.get(), &params, nullptr) == THINBIT_OK);
    EXPECT(thinbit_context_sync(cuda.get(), nullptr) == THINBIT_OK);
    out.fetch();
    return out.elements();
  };
  const std::vector<uint16_t> together = gather(0, kTokens);
  for (int64_t i = 0; i < kTokens; ++i) {
    const std::vector<uint16_t> alone = gather(i, 1);
    EXPECT(std::memcmp(alone.data(), &together[static_cast<size_t>(i * 40)], 80) == 0);
  }
  EXPECT(together[3 * 40 + 5] != together[4 * 40 + 5]);
  device().clear();
}

// A code far from zero beside an x of zero, and codes of weights that are zero beside large x: what
// the bias and the codes make of these cancels, and must leave nothing.
void weights_of_zero_add_nothing_whatever_their_bias() {
  const Context cpu = context_on(THINBIT_BACKEND_CPU);
  const Context cuda = context_on(THINBIT_BACKEND_CUDA);
  constexpr int64_t K = 64;
  Weight weight(cpu.get(), {THINBIT_MODE_AFFINE, 4, 64}, {1, K});
  weight.scales[0] = 0.3f;
  weight.biases[0] = -0.3f * 11;
  for (size_t i = 0; i < weight.codes.count(); ++i) weight.codes[i] = 0xBBBBBBBBu;
  weight.codes[0] = 0xBBBBBBB0u;
  for (size_t k = 0; k < K; ++k) weight.values[k] = std::fma(11.0f, 0.3f, weight.biases[0]);
  weight.values[0] = weight.biases[0];
  weight.record.packed = weight.codes.on_device();
  weight.record.scales = weight.scales.on_device();
  weight.record.biases = weight.biases.on_device();
  for (const int64_t rows : {1, 70}) {
    Floats x({rows, K}, 2);
    Floats out({rows, 1}, 2);
    for (size_t i = 0; i < x.count(); ++i) {
      x[i] = i % K == 0 ? 0.0f : 1.0f + std::sin(static_cast<float>(i)) / 3.0f;
    }
    thinbit_quantized_matmul_params params = THINBIT_QUANTIZED_MATMUL_PARAMS_INIT;
    params.x = x.on_device();
    params.w = &weight.record;
    params.out = out.on_device();
    EXPECT(thinbit_quantized_matmul(cuda.get(), &params, nullptr) == THINBIT_OK);
    EXPECT(thinbit_context_sync(cuda.get(), nullptr) == THINBIT_OK);
    out.fetch();
    const auto element = [](Floats& of) {
      return [&of](int64_t i) { return of[static_cast<size_t>(i)]; };
    };
    EXPECT(is_within({rows, 1, K}, weight, true, element(x), element(out), 0x1p-23, 1.1e-6));
  }
  device().clear();
}

// Sums go on after an infinity, and stay infinite.
void an_infinite_activation_gives_infinity() {
  const Context cpu = context_on(THINBIT_BACKEND_CPU);
  const Context cuda = context_on(THINBIT_BACKEND_CUDA);
  constexpr int64_t kDepth = 1184;  // more than a step of K for one warp at least
  Weight weight(cpu.get(), {THINBIT_MODE_MXFP8, 8, 32}, {8, kDepth});
  for (const int64_t rows : {2, 70}) {
    Floats x({rows, kDepth}, 2);
    Floats out({rows, 8}, 2);
    for (size_t i = 0; i < x.count(); ++i) x[i] = 1.0f;
    x[2] = HUGE_VALF;
    thinbit_quantized_matmul_params params = THINBIT_QUANTIZED_MATMUL_PARAMS_INIT;
    params.x = x.on_device();
    params.w = &weight.record;
    params.out = out.on_device();
    EXPECT(thinbit_quantized_matmul(cuda.get(), &params, nullptr) == THINBIT_OK);
    EXPECT(thinbit_context_sync(cuda.get(), nullptr) == THINBIT_OK);
    out.fetch();
    EXPECT(std::isinf(out[1]));
    EXPECT(std::isfinite(out[9]));
  }
  device().clear();
}

// E4M3 has codes for NaN, which no quantization gives.
void a_code_of_nan_gives_nan() {
  const Context cpu = context_on(THINBIT_BACKEND_CPU);
  const Context cuda = context_on(THINBIT_BACKEND_CUDA);
  Weight weight(cpu.get(), {THINBIT_MODE_MXFP8, 8, 32}, {3, 64});
  weight.codes[0] |= 0x0000007Fu;   // of the first row the first code, the even one of a pair
  weight.codes[17] |= 0x0000FF00u;  // of the second row the sixth, an odd one
  weight.record.packed = weight.codes.on_device();
  for (const int64_t rows : {1, 70}) {
    Floats x = floats({rows, 64}, 1.1f);
    Floats out({rows, 3}, 2);
    thinbit_quantized_matmul_params params = THINBIT_QUANTIZED_MATMUL_PARAMS_INIT;
    params.x = x.on_device();
    params.w = &weight.record;
    params.out = out.on_device();
    EXPECT(thinbit_quantized_matmul(cuda.get(), &params, nullptr) == THINBIT_OK);
    EXPECT(thinbit_context_sync(cuda.get(), nullptr) == THINBIT_OK);
    out.fetch();
    EXPECT(std::isnan(out[0]) && std::isnan(out[1]) && std::isfinite(out[2]));
  }
  device().clear();
}

}  // namespace

int main() {
  RUN(products_of_many_blocks_are_within_the_bound);
  RUN(products_whose_k_blocks_share_are_within_the_bound);
  RUN(gathered_rows_have_the_bytes_that_they_have_alone);
  RUN(weights_of_zero_add_nothing_whatever_their_bias);
  RUN(an_infinite_activation_gives_infinity);
  RUN(a_code_of_nan_gives_nan);
  return REPORT();
}
