// Every level that this machine runs, from inside: the same bytes as the scalar level wherever a
// level has no freedom, and sums within the contract where it has, on data made to break them.

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "cpu/levels/dispatch.h"
#include "expect.h"
#include "numerics/bit_stream.h"
#include "numerics/half.h"
#include "numerics/mx.h"

namespace {

using thinbit::DType;
using thinbit::EncodedRows;
using thinbit::FusedProduct;
using thinbit::Mode;
using thinbit::RowFormat;
using thinbit::RowKernels;

constexpr int kRows = 11;  // of x: tiles of 8, 2 and 1
constexpr int kCount = 5;  // of w

const char* const kLevels[] = {"avx2", "avx512", "neon"};

std::vector<RowFormat> formats() {
  std::vector<RowFormat> all;
  for (const int bits : {1, 2, 3, 4, 5, 6, 8}) {
    for (const int group : {32, 64, 128}) {
      for (const DType dtype : {DType::kFloat32, DType::kFloat16, DType::kBfloat16}) {
        all.push_back({Mode::kAffine, bits, group, dtype});
      }
    }
  }
  all.push_back({Mode::kMxfp4, 4, 32, DType::kUint8});
  all.push_back({Mode::kMxfp8, 8, 32, DType::kUint8});
  all.push_back({Mode::kNvfp4, 4, 16, DType::kUint8});
  return all;
}

std::string name_of(const RowFormat& format) {
  return std::string(thinbit::mode_info(format.mode).name) + " " + std::to_string(format.bits) +
         " bits, groups of " + std::to_string(format.group_size) + ", " +
         thinbit::dtype_name(format.scale_dtype);
}

// Rows of w as bytes, each in memory of its exact size, so that a sanitizer sees every read beyond.
struct Matrix {
  std::vector<std::byte> words;
  std::vector<std::byte> scales;
  std::vector<std::byte> biases;
  EncodedRows rows;
};

enum class Weights { kQuantized, kConstantGroups, kZeros, kAnyBytes, kExtremeScales };

float any_float(std::mt19937& random) { return std::normal_distribution<float>()(random); }

void fill(std::vector<std::byte>& bytes, std::mt19937& random) {
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() & 255);
}

void scale_floats(const RowFormat& format, std::byte* data, int64_t count, float factor) {
  const RowKernels& scalar = *thinbit::find_level("scalar");
  std::vector<float> values(static_cast<size_t>(count));
  scalar.load(data, format.scale_dtype, 1, count, values.data());
  for (float& value : values) value *= factor;
  scalar.store(values.data(), count, format.scale_dtype, 1, data);
}

Matrix make_matrix(const RowFormat& format, int64_t K, Weights kind, std::mt19937& random) {
  const RowKernels& scalar = *thinbit::find_level("scalar");
  const int64_t words = format.words(K) * 4;
  const int64_t scales = format.groups(K) * dtype_bytes(format.scale_dtype);
  Matrix matrix;
  matrix.words.resize(static_cast<size_t>(kCount * words));
  matrix.scales.resize(static_cast<size_t>(kCount * scales));
  if (format.mode == Mode::kAffine) matrix.biases.resize(matrix.scales.size());
  for (int64_t n = 0; n < kCount; ++n) {
    std::vector<float> values(static_cast<size_t>(K));
    for (int64_t k = 0; k < K; ++k) {
      const int64_t group = k / format.group_size;
      float value = any_float(random);
      if (kind == Weights::kConstantGroups) value = 3.7f + static_cast<float>(group % 7);
      if (kind == Weights::kZeros && k % 3 != 0) value = 0.0f;
      values[static_cast<size_t>(k)] = value;
    }
    const thinbit::MutableEncodedSpan span = {
        reinterpret_cast<uint32_t*>(matrix.words.data() + n * words),
        matrix.scales.data() + n * scales,
        matrix.biases.empty() ? nullptr : matrix.biases.data() + n * scales};
    EXPECT(!scalar.quantize(format, values.data(), K, 1.0f, span));
  }
  if (kind == Weights::kExtremeScales) {
    for (int64_t n = 1; n < 3; ++n) {
      const float factor = n == 1 ? 0x1p105f : 0x1p-110f;
      for (std::vector<std::byte>* numbers : {&matrix.scales, &matrix.biases}) {
        scale_floats(format, numbers->data() + n * scales, format.groups(K), factor);
      }
    }
  }
  if (kind == Weights::kAnyBytes) {
    fill(matrix.words, random);
    if (format.mode != Mode::kAffine) fill(matrix.scales, random);
  }
  matrix.rows = {matrix.words.data(),
                 matrix.scales.data(),
                 matrix.biases.empty() ? nullptr : matrix.biases.data(),
                 words,
                 scales,
                 scales};
  return matrix;
}

enum class Activations { kNormal, kOutliers, kOnWeight, kTiny, kCancelling, kFewTiny };

// Rows of x that a dtype can hold.
std::vector<std::vector<float>> make_rows(DType dtype, int64_t K, Activations kind,
                                          std::mt19937& random) {
  std::vector<std::vector<float>> rows;
  for (int i = 0; i < kRows; ++i) {
    std::vector<float> row(static_cast<size_t>(K));
    const float base = any_float(random);
    for (int64_t k = 0; k < K; ++k) {
      float value = any_float(random);
      if (kind == Activations::kOutliers && random() % 61 == 0) value *= 3000.0f;
      if (kind == Activations::kOnWeight && k % 3 == i % 3) value = 0.0f;
      if (kind == Activations::kTiny) value *= i % 2 == 0 ? 1e-39f : 1e-30f;
      // Where weights are zero but for every third, the tiny one is all of the sum.
      if (kind == Activations::kFewTiny && k % 3 == 0) value *= k == 3 * i + 6 ? 1e-6f : 0.0f;
      if (kind == Activations::kCancelling) value = k % 2 == 0 ? base : -base;
      row[static_cast<size_t>(k)] = round_to(static_cast<thinbit::FloatFormat>(dtype), value);
    }
    rows.push_back(row);
  }
  return rows;
}

// The real weights: code * scale + bias, element * d.
std::vector<double> real_weights(const RowFormat& format, const Matrix& matrix, int64_t n,
                                 int64_t K) {
  const RowKernels& scalar = *thinbit::find_level("scalar");
  const auto* words =
      reinterpret_cast<const uint32_t*>(matrix.rows.words + n * matrix.rows.words_stride);
  const std::byte* scales = matrix.rows.scales + n * matrix.rows.scales_stride;
  std::vector<double> weights(static_cast<size_t>(K));
  for (int64_t k = 0; k < K; ++k) {
    const uint32_t code = thinbit::read_code(words, k, format.bits);
    const int64_t group = k / format.group_size;
    double& weight = weights[static_cast<size_t>(k)];
    if (format.mode == Mode::kAffine) {
      const std::byte* biases = matrix.rows.biases + n * matrix.rows.biases_stride;
      const int64_t at = group * dtype_bytes(format.scale_dtype);
      float scale;
      float bias;
      scalar.load(scales + at, format.scale_dtype, 1, 1, &scale);
      scalar.load(biases + at, format.scale_dtype, 1, 1, &bias);
      weight = static_cast<double>(code) * static_cast<double>(scale) + static_cast<double>(bias);
    } else {
      const auto byte = static_cast<uint32_t>(scales[group]);
      const float d =
          format.mode == Mode::kNvfp4 ? thinbit::e4m3_decode(byte) : thinbit::e8m0_decode(byte);
      const float element =
          format.mode == Mode::kMxfp8 ? thinbit::e4m3_decode(code) : thinbit::e2m1_decode(code);
      weight = static_cast<double>(element) * static_cast<double>(d);
    }
  }
  return weights;
}

// What the contract leaves to a sum, before the result is rounded to the dtype of x.
double bound(DType dtype, double R) {
  if (dtype == DType::kFloat32) return 1e-6 * R;
  return std::ldexp(R, dtype == DType::kFloat16 ? -11 : -9);
}

// The sums of rows [first, first + rows) of x.
std::vector<double> fused_sums(const FusedProduct& fused, const RowFormat& format,
                               const Matrix& matrix, const std::vector<std::vector<float>>& x,
                               int64_t K, int first, int rows) {
  const size_t bytes = static_cast<size_t>(fused.prepared_bytes(K));
  EXPECT(bytes % 64 == 0);
  std::vector<std::byte> memory(bytes * static_cast<size_t>(rows) + 64);
  const size_t misaligned = reinterpret_cast<uintptr_t>(memory.data()) % 64;
  std::byte* begin = memory.data() + (64 - misaligned) % 64;
  std::vector<const std::byte*> prepared;
  for (int i = 0; i < rows; ++i) {
    fused.prepare(x[static_cast<size_t>(first + i)].data(), K,
                  begin + static_cast<size_t>(i) * bytes);
    prepared.push_back(begin + static_cast<size_t>(i) * bytes);
  }
  std::vector<double> sums(static_cast<size_t>(rows * kCount));
  fused.multiply(format, matrix.rows, K, kCount, prepared.data(), rows, sums.data(), kCount);
  return sums;
}

bool same_bits(double a, double b) {
  return std::memcmp(&a, &b, sizeof a) == 0 || (a != a && b != b);
}

void check_product(const RowKernels& level, const RowFormat& format, DType dtype, int64_t K,
                   Weights weights, Activations activations) {
  const FusedProduct* fused = level.fused == nullptr ? nullptr : level.fused(format, dtype);
  if (fused == nullptr) return;
  std::mt19937 random(static_cast<unsigned>(K) + 17);
  const Matrix matrix = make_matrix(format, K, weights, random);
  const std::vector<std::vector<float>> x = make_rows(dtype, K, activations, random);
  const std::vector<double> sums = fused_sums(*fused, format, matrix, x, K, 0, kRows);
  int outside = 0;
  for (int64_t n = 0; n < kCount; ++n) {
    const std::vector<double> w = real_weights(format, matrix, n, K);
    for (int i = 0; i < kRows; ++i) {
      double ref = 0;
      double R = 0;
      for (size_t k = 0; k < w.size(); ++k) {
        const double product = w[k] * static_cast<double>(x[static_cast<size_t>(i)][k]);
        ref += product;
        R += std::fabs(product);
      }
      const double sum = sums[static_cast<size_t>(i * kCount + n)];
      const bool right = ref != ref ? sum != sum : std::fabs(sum - ref) <= bound(dtype, R);
      // Beyond the range of floats only the kind of result is promised.
      if (!right && (R < 1e38 || ref != ref)) ++outside;
    }
  }
  EXPECT(outside == 0);
  if (outside != 0) {
    printf("  %s: %s, x %s, K %lld: %d of %d sums\n", level.name, name_of(format).c_str(),
           thinbit::dtype_name(dtype), static_cast<long long>(K), outside, kRows * kCount);
  }
  // A row's sums do not depend on the rows beside it.
  for (int i = 0; i < kRows; ++i) {
    const std::vector<double> alone = fused_sums(*fused, format, matrix, x, K, i, 1);
    for (int n = 0; n < kCount; ++n) {
      EXPECT(same_bits(alone[static_cast<size_t>(n)], sums[static_cast<size_t>(i * kCount + n)]));
    }
  }
}

template <class Check>
void for_each_level(const Check& check) {
  for (const char* name : kLevels) {
    const RowKernels* level = thinbit::find_level(name);
    if (level == nullptr) {
      printf("skipped: this machine has no level %s\n", name);
      continue;
    }
    check(*level);
  }
}

void sums_stay_inside_the_contract() {
  for_each_level([](const RowKernels& level) {
    for (const RowFormat& format : formats()) {
      for (const DType dtype : {DType::kFloat32, DType::kFloat16, DType::kBfloat16}) {
        for (const int64_t groups : {1, 3, 17, 40}) {
          const int64_t K = groups * format.group_size;
          for (const Activations x : {Activations::kNormal, Activations::kOutliers,
                                      Activations::kOnWeight, Activations::kCancelling}) {
            check_product(level, format, dtype, K, Weights::kQuantized, x);
            check_product(level, format, dtype, K, Weights::kZeros, x);
          }
          check_product(level, format, dtype, K, Weights::kConstantGroups, Activations::kNormal);
          check_product(level, format, dtype, K, Weights::kQuantized, Activations::kTiny);
          check_product(level, format, dtype, K, Weights::kAnyBytes, Activations::kNormal);
          check_product(level, format, dtype, K, Weights::kZeros, Activations::kFewTiny);
          if (format.scale_dtype != DType::kFloat16 && format.mode == Mode::kAffine) {
            check_product(level, format, dtype, K, Weights::kExtremeScales, Activations::kNormal);
          }
        }
      }
    }
  });
}

// Where code * scale and bias cancel exactly, R is zero, and so must be the error.
void weights_that_cancel_leave_nothing() {
  for_each_level([](const RowKernels& level) {
    for (const int bits : {1, 2, 3, 4, 5, 6, 8}) {
      for (const DType dtype : {DType::kFloat32, DType::kBfloat16}) {
        const RowFormat format = {Mode::kAffine, bits, 64, DType::kFloat32};
        const FusedProduct* fused = level.fused == nullptr ? nullptr : level.fused(format, dtype);
        if (fused == nullptr) continue;
        constexpr int64_t kColumns = 1024;
        std::mt19937 random(static_cast<unsigned>(bits));
        Matrix matrix = make_matrix(format, kColumns, Weights::kQuantized, random);
        for (std::byte& byte : matrix.words) byte = std::byte{255};  // every code the largest
        for (int64_t group = 0; group < kCount * kColumns / 64; ++group) {
          const float scale = 0.25f * static_cast<float>(1 + group % 5);
          const float bias = -scale * static_cast<float>((1 << bits) - 1);
          std::memcpy(matrix.scales.data() + group * 4, &scale, 4);
          std::memcpy(matrix.biases.data() + group * 4, &bias, 4);
        }
        const auto x = make_rows(dtype, kColumns, Activations::kOutliers, random);
        for (const double sum : fused_sums(*fused, format, matrix, x, kColumns, 0, kRows)) {
          EXPECT(sum == 0.0);
        }
      }
    }
  });
}

void nan_and_infinity_stay_in_their_row() {
  for_each_level([](const RowKernels& level) {
    for (const RowFormat& format : formats()) {
      for (const DType dtype : {DType::kFloat32, DType::kBfloat16}) {
        const FusedProduct* fused = level.fused == nullptr ? nullptr : level.fused(format, dtype);
        if (fused == nullptr) continue;
        const int64_t K = 5 * format.group_size;
        std::mt19937 random(3);
        const Matrix matrix = make_matrix(format, K, Weights::kQuantized, random);
        auto x = make_rows(dtype, K, Activations::kNormal, random);
        x[1][7] = NAN;
        x[4][9] = INFINITY;
        const std::vector<double> sums = fused_sums(*fused, format, matrix, x, K, 0, kRows);
        for (int i = 0; i < kRows; ++i) {
          for (int n = 0; n < kCount; ++n) {
            const double sum = sums[static_cast<size_t>(i * kCount + n)];
            EXPECT(i == 1 ? std::isnan(sum) : i == 4 ? !std::isfinite(sum) : std::isfinite(sum));
          }
        }
      }
    }
  });
}

// All kernels but sums: the scalar level's bytes.
void check_bytes(const RowKernels& level, const RowFormat& format) {
  const RowKernels& scalar = *thinbit::find_level("scalar");
  std::mt19937 random(11);
  const int64_t K = thinbit::kChunk;
  std::vector<float> values(static_cast<size_t>(K));
  for (size_t k = 0; k < values.size(); ++k) {
    values[k] = any_float(random) * (random() % 50 == 0 ? 1e-39f : 1.0f);
    if (random() % 40 == 0) values[k] = random() % 2 == 0 ? 0.0f : -0.0f;
    if (format.mode != Mode::kAffine && random() % 9 == 0) {
      values[k] = 0.25f * static_cast<float>(random() % 24);  // ties
    }
  }
  const size_t words = static_cast<size_t>(format.words(K));
  const size_t scale_bytes =
      static_cast<size_t>(format.groups(K) * dtype_bytes(format.scale_dtype));
  const float factor = format.mode == Mode::kNvfp4 ? 700.0f : 1.0f;
  std::vector<uint32_t> packed[2];
  std::vector<std::byte> parts[2];
  std::vector<float> floats[2][3];
  for (const int which : {0, 1}) {
    const RowKernels& kernels = which == 0 ? scalar : level;
    packed[which].resize(words);
    parts[which].resize(2 * scale_bytes);
    const thinbit::MutableEncodedSpan span = {packed[which].data(), parts[which].data(),
                                              parts[which].data() + scale_bytes};
    EXPECT(!kernels.quantize(format, values.data(), K, factor, span));
    const thinbit::EncodedSpan encoded = {span.words, span.scales, span.biases};
    for (auto& out : floats[which]) out = values;
    kernels.dequantize(format, encoded, K, 1.0f / factor, floats[which][0].data());
    kernels.decode(format, encoded, K, 1.0f / factor, floats[which][1].data());
    if (format.mode != Mode::kAffine) {
      kernels.requantize(format, floats[which][2].data(), K, factor);
    }
  }
  EXPECT(packed[0] == packed[1]);
  EXPECT(parts[0] == parts[1]);
  for (const int what : {0, 1, 2}) {
    EXPECT(std::memcmp(floats[0][what].data(), floats[1][what].data(), values.size() * 4) == 0);
  }
}

void bytes_are_those_of_the_scalar_level() {
  for_each_level([](const RowKernels& level) {
    for (const RowFormat& format : formats()) check_bytes(level, format);
  });
}

}  // namespace

int main() {
  RUN(bytes_are_those_of_the_scalar_level);
  RUN(sums_stay_inside_the_contract);
  RUN(weights_that_cancel_leave_nothing);
  RUN(nan_and_infinity_stay_in_their_row);
  return REPORT();
}
