// The product of two quantized operands of every level that has one, from inside: against the exact
// product of the quantized values, within the contract, on data made to break it.

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "cpu/levels/dispatch.h"
#include "cpu/levels/x86/features.h"
#include "expect.h"
#include "numerics/bit_stream.h"
#include "numerics/mx.h"

namespace {

using thinbit::DType;
using thinbit::EncodedRows;
using thinbit::FusedProduct;
using thinbit::Mode;
using thinbit::RowFormat;
using thinbit::RowKernels;

constexpr int kRows = 65;   // of x: one more than a panel
constexpr int kCount = 17;  // of w: one more than fit the lanes

constexpr RowFormat kFormats[] = {{Mode::kMxfp4, 4, 32, DType::kUint8},
                                  {Mode::kNvfp4, 4, 16, DType::kUint8}};

// One row in codes, and its real values.
struct Row {
  std::vector<uint32_t> words;
  std::vector<std::byte> scales;

  std::vector<double> values(const RowFormat& format) const {
    std::vector<double> out(words.size() * 8);
    for (size_t k = 0; k < out.size(); ++k) {
      const uint32_t code = thinbit::read_code(words.data(), static_cast<int64_t>(k), 4);
      const auto byte = static_cast<uint32_t>(scales[k / static_cast<size_t>(format.group_size)]);
      const float d =
          format.mode == Mode::kNvfp4 ? thinbit::e4m3_decode(byte) : thinbit::e8m0_decode(byte);
      out[k] = static_cast<double>(thinbit::e2m1_decode(code)) * static_cast<double>(d);
    }
    return out;
  }
};

Row quantized(const RowFormat& format, const std::vector<float>& values, float factor) {
  const auto K = static_cast<int64_t>(values.size());
  Row row;
  row.words.resize(static_cast<size_t>(format.words(K)));
  row.scales.resize(static_cast<size_t>(format.groups(K)));
  EXPECT(!thinbit::find_level("scalar")->quantize(format, values.data(), K, factor,
                                                  {row.words.data(), row.scales.data(), nullptr}));
  return row;
}

enum class Data { kNormal, kOutliers, kCancelling, kLargest, kWideScales, kTies, kTiny };

std::vector<std::vector<float>> make_rows(int count, int64_t K, Data data, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<std::vector<float>> rows(static_cast<size_t>(count));
  for (auto& row : rows) {
    const float base = normal(random);
    for (int64_t k = 0; k < K; ++k) {
      float value = normal(random);
      if (data == Data::kOutliers && random() % 61 == 0) value *= 3000.0f;
      if (data == Data::kCancelling) value = k % 2 == 0 ? base : -base;
      if (data == Data::kLargest) value = 6.0f;
      if (data == Data::kTies) {  // with a scale of one, for the largest is 6
        value =
            k % 16 == 0 ? 6.0f : 0.25f * static_cast<float>(static_cast<int>(random() % 49) - 24);
      }
      if (data == Data::kTiny) value *= k % 64 < 32 ? 1e-39f : 1e-4f;
      if (data == Data::kWideScales) {
        value = std::ldexp(value, static_cast<int>(random() % 240) - 120);
      }
      row.push_back(value);
    }
  }
  return rows;
}

// Every part in memory of its exact size, so that a sanitizer sees every read beyond; the rows are
// `gap` words and bytes further apart than they are long.
struct Matrix {
  std::vector<std::byte> words;
  std::vector<std::byte> scales;
  EncodedRows rows;

  Matrix(const std::vector<Row>& from, size_t gap) {
    const size_t word_bytes = from[0].words.size() * 4;
    const size_t words_stride = word_bytes + gap * 4;
    const size_t scales_stride = from[0].scales.size() + gap;
    words.resize(words_stride * (from.size() - 1) + word_bytes, std::byte{0xFF});
    scales.resize(scales_stride * (from.size() - 1) + from[0].scales.size(), std::byte{0xFF});
    for (size_t n = 0; n < from.size(); ++n) {
      std::memcpy(words.data() + n * words_stride, from[n].words.data(), word_bytes);
      std::memcpy(scales.data() + n * scales_stride, from[n].scales.data(), from[n].scales.size());
    }
    rows = {words.data(),
            scales.data(),
            nullptr,
            static_cast<int64_t>(words_stride),
            static_cast<int64_t>(scales_stride),
            0};
  }
};

class Prepared {
 public:
  Prepared(const FusedProduct& fused, const RowFormat& format,
           const std::vector<std::vector<float>>& x, float factor)
      : bytes_(static_cast<size_t>(fused.prepared_bytes(static_cast<int64_t>(x[0].size())))),
        memory_(bytes_ * x.size() + 64) {
    EXPECT(bytes_ % 64 == 0);
    std::byte* begin =
        memory_.data() + (64 - reinterpret_cast<uintptr_t>(memory_.data()) % 64) % 64;
    for (size_t i = 0; i < x.size(); ++i) {
      fused.quantize_and_prepare(format, x[i].data(), static_cast<int64_t>(x[i].size()), factor,
                                 begin + i * bytes_);
      rows_.push_back(begin + i * bytes_);
    }
  }
  const std::byte* const* rows() const { return rows_.data(); }

 private:
  size_t bytes_;
  std::vector<std::byte> memory_;
  std::vector<const std::byte*> rows_;
};

bool same_bits(double a, double b) {
  return std::memcmp(&a, &b, sizeof a) == 0 || (a != a && b != b);
}

// Calls check(format, product) for each product of quantized activations there is here.
template <class Check>
void for_each_product(const Check& check) {
  for (const char* name : {"scalar", "avx2", "avx512", "neon"}) {
    const RowKernels* level = thinbit::find_level(name);
    if (level == nullptr || level->fused_quantized == nullptr) continue;
    for (const RowFormat& format : kFormats) {
      const FusedProduct* fused = level->fused_quantized(format);
      if (fused != nullptr) check(format, *fused);
    }
  }
}

void check_product(const RowFormat& format, const FusedProduct& fused, int64_t K, Data w_data,
                   bool any_scales, Data x_data) {
  std::mt19937 random(static_cast<unsigned>(K) + 5);
  const bool scaled = format.mode == Mode::kNvfp4 && x_data != Data::kTies;
  const float factor = scaled ? 300.0f : 1.0f;
  std::vector<Row> w;
  for (const auto& values : make_rows(kCount, K, w_data, random)) {
    w.push_back(quantized(format, values, factor));
    if (!any_scales) continue;
    for (std::byte& scale : w.back().scales) scale = static_cast<std::byte>(random() & 255);
  }
  const auto x = make_rows(kRows, K, x_data, random);
  const Matrix matrix(w, 3);
  const Prepared prepared(fused, format, x, factor);
  std::vector<double> sums(kRows * kCount);
  fused.multiply(format, matrix.rows, K, kCount, prepared.rows(), kRows, sums.data(), kCount);
  int outside = 0;
  std::vector<std::vector<double>> x_values;
  for (const auto& row : x) x_values.push_back(quantized(format, row, factor).values(format));
  for (size_t n = 0; n < kCount; ++n) {
    const std::vector<double> w_values = w[n].values(format);
    for (size_t i = 0; i < kRows; ++i) {
      double ref = 0;
      double R = 0;
      for (size_t k = 0; k < w_values.size(); ++k) {
        ref += w_values[k] * x_values[i][k];
        R += std::fabs(w_values[k] * x_values[i][k]);
      }
      const double sum = sums[i * kCount + n];
      const bool right = ref != ref ? sum != sum : std::fabs(sum - ref) <= 1e-6 * R;
      if (!right) ++outside;
    }
  }
  EXPECT(outside == 0);
  if (outside != 0) {
    printf("  %s, K %lld, w %d, x %d: %d of %d sums\n", thinbit::mode_info(format.mode).name,
           static_cast<long long>(K), static_cast<int>(w_data), static_cast<int>(x_data), outside,
           kRows * kCount);
  }
  // A sum does not depend on how many rows of x and of w are beside it.
  for (int rows = 1; rows <= kRows; ++rows) {
    const int count = 1 + rows % kCount;
    std::vector<double> fewer(static_cast<size_t>(rows * count));
    const int first = kRows - rows;
    fused.multiply(format, matrix.rows, K, count, prepared.rows() + first, rows, fewer.data(),
                   count);
    int different = 0;
    for (int i = 0; i < rows; ++i) {
      for (int n = 0; n < count; ++n) {
        different += same_bits(fewer[static_cast<size_t>(i * count + n)],
                               sums[static_cast<size_t>((first + i) * kCount + n)])
                         ? 0
                         : 1;
      }
    }
    EXPECT(different == 0);
  }
}

void sums_stay_inside_the_contract() {
  for_each_product([](const RowFormat& format, const FusedProduct& fused) {
    for (const int64_t groups : {1, 3, 8, 17, 129}) {
      const int64_t K = groups * format.group_size;
      for (const Data data : {Data::kNormal, Data::kOutliers, Data::kCancelling, Data::kLargest,
                              Data::kWideScales, Data::kTies, Data::kTiny}) {
        check_product(format, fused, K, Data::kNormal, false, data);
        check_product(format, fused, K, data, false, Data::kNormal);
        check_product(format, fused, K, data, false, data);
      }
      check_product(format, fused, K, Data::kNormal, true, Data::kOutliers);
    }
    check_product(format, fused, 4096 + 32, Data::kOutliers, false, Data::kOutliers);
  });
}

void nan_and_infinity_stay_in_their_row() {
  for_each_product([](const RowFormat& format, const FusedProduct& fused) {
    std::mt19937 random(3);
    const int64_t K = 2048 + 3 * format.group_size;
    std::vector<Row> w;
    for (const auto& row : make_rows(kCount, K, Data::kNormal, random)) {
      w.push_back(quantized(format, row, 1.0f));
    }
    auto x = make_rows(kRows, K, Data::kNormal, random);
    x[1][7] = NAN;
    x[4].back() = -INFINITY;
    const Matrix matrix(w, 0);
    const Prepared prepared(fused, format, x, 1.0f);
    std::vector<double> sums(kRows * kCount);
    fused.multiply(format, matrix.rows, K, kCount, prepared.rows(), kRows, sums.data(), kCount);
    for (size_t at = 0; at < sums.size(); ++at) {
      const size_t row = at / kCount;
      EXPECT(row == 1 || row == 4 ? std::isnan(sums[at]) : std::isfinite(sums[at]));
    }
  });
}

// Processors without the dot products multiply the values as floats.
void dot_products_are_taken_where_the_processor_has_them() {
#if defined(__x86_64__)
  const RowKernels* level = thinbit::find_level("avx512");
  if (level == nullptr) {
    printf("skipped: this machine has no level avx512\n");
    return;
  }
  const bool has = thinbit::x86_features().avx512_vnni;
  for (const RowFormat& format : kFormats) {
    EXPECT((level->fused_quantized(format) != nullptr) == has);
  }
  EXPECT(level->fused_quantized({Mode::kMxfp8, 8, 32, DType::kUint8}) == nullptr);
#endif
}

}  // namespace

int main() {
  RUN(sums_stay_inside_the_contract);
  RUN(nan_and_infinity_stay_in_their_row);
  RUN(dot_products_are_taken_where_the_processor_has_them);
  return REPORT();
}
