// long_sums [BACKEND [K]]: products of long rows whose terms have one sign, so that every rounding
// of a sum shows and none is beside a larger magnitude: they stay inside the contract's bound.

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "expect.h"

namespace {

constexpr int64_t kColumns = 8;
constexpr int64_t kGroupSize = 64;

thinbit_backend backend = THINBIT_BACKEND_CPU;
int64_t depth = 16384;

uint32_t next_random(uint32_t& state) {
  state = state * 1664525u + 1013904223u;
  return state >> 8;
}

// What `rows` rows of x times a weight of affine 4 bits differ from the sums in double, in parts of
// the bound of float32; negative where the call fails.
double worst_error(int64_t rows) {
  thinbit_error error = {};
  error.struct_size = sizeof error;
  thinbit_context_options options = THINBIT_CONTEXT_OPTIONS_INIT;
  options.backend = backend;
  thinbit_context* context = nullptr;
  if (thinbit_context_create(&options, &context, &error) != THINBIT_OK) {
    printf("%s\n", error.message);
    return -1;
  }
  uint32_t state = 7;
  const int64_t K = depth;
  std::vector<float> x(static_cast<size_t>(rows * K));
  for (float& value : x) value = 1.0f + static_cast<float>(next_random(state)) / 16777216.0f;
  std::vector<uint32_t> words(static_cast<size_t>(kColumns * K / 8));
  for (uint32_t& word : words) word = next_random(state) << 8 ^ next_random(state);
  std::vector<float> scales(static_cast<size_t>(kColumns * K / kGroupSize));
  for (float& scale : scales) {
    scale = 0.01f * (1.0f + static_cast<float>(next_random(state)) / 16777216.0f);
  }
  std::vector<float> biases(scales.size(), 0.05f);
  std::vector<float> sums(static_cast<size_t>(rows * kColumns));
  int64_t x_shape[] = {rows, K};
  int64_t word_shape[] = {kColumns, K / 8};
  int64_t group_shape[] = {kColumns, K / kGroupSize};
  int64_t out_shape[] = {rows, kColumns};
  const thinbit_tensor x_tensor = float32_tensor(x.data(), 2, x_shape);
  const thinbit_tensor packed = uint32_tensor(words.data(), 2, word_shape);
  const thinbit_tensor scale_tensor = float32_tensor(scales.data(), 2, group_shape);
  const thinbit_tensor bias_tensor = float32_tensor(biases.data(), 2, group_shape);
  const thinbit_tensor out = float32_tensor(sums.data(), 2, out_shape);
  thinbit_quantized_tensor w = THINBIT_QUANTIZED_TENSOR_INIT;
  w.packed = &packed;
  w.scales = &scale_tensor;
  w.biases = &bias_tensor;
  w.mode = THINBIT_MODE_AFFINE;
  w.group_size = kGroupSize;
  w.bits = 4;
  thinbit_quantized_matmul_params params = THINBIT_QUANTIZED_MATMUL_PARAMS_INIT;
  params.x = &x_tensor;
  params.w = &w;
  params.out = &out;
  const thinbit_status status = thinbit_quantized_matmul(context, &params, &error);
  thinbit_context_destroy(context);
  if (status != THINBIT_OK) {
    printf("%s\n", error.message);
    return -1;
  }
  double worst = 0;
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < kColumns; ++column) {
      double sum = 0;
      for (int64_t k = 0; k < K; ++k) {
        const auto at = static_cast<size_t>(column * K + k);
        const uint32_t code = words[at / 8] >> at % 8 * 4 & 15;
        const size_t group = at / kGroupSize;
        sum += static_cast<double>(x[static_cast<size_t>(row * K + k)]) *
               (code * static_cast<double>(scales[group]) + static_cast<double>(biases[group]));
      }
      const double got = static_cast<double>(sums[static_cast<size_t>(row * kColumns + column)]);
      // All terms are positive: the sum of magnitudes is the sum.
      const double bound = (std::ldexp(1.0, -23) + 1e-6) * sum;
      worst = std::fmax(worst, std::fabs(got - sum) / bound);
    }
  }
  return worst;
}

void few_rows_stay_inside_the_bound() {
  const double error = worst_error(2);
  printf("few rows: %.3f of the bound\n", error);
  EXPECT(error >= 0 && error <= 1);
}

void many_rows_stay_inside_the_bound() {
  const double error = worst_error(14);
  printf("many rows: %.3f of the bound\n", error);
  EXPECT(error >= 0 && error <= 1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "metal") == 0) backend = THINBIT_BACKEND_METAL;
  if (argc > 2) depth = std::atoll(argv[2]);
  RUN(few_rows_stay_inside_the_bound);
  RUN(many_rows_stay_inside_the_bound);
  return REPORT();
}
