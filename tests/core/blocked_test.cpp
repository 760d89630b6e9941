// The blocked products of every level that this machine runs, from inside: sums against double, of
// all numbers of rows and columns, in memory of its exact size, so that a sanitizer sees every
// access beyond.

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "cpu/levels/dispatch.h"
#include "expect.h"
#include "numerics/half.h"

namespace {

using thinbit::BlockedProduct;
using thinbit::DType;
using thinbit::kPanelColumns;
using thinbit::kPanelDepth;
using thinbit::kTileRows;
using thinbit::Mode;
using thinbit::RowFormat;
using thinbit::RowKernels;

const char* const kLevels[] = {"scalar", "avx2", "avx512", "neon"};

std::vector<RowFormat> formats() {
  std::vector<RowFormat> all;
  for (const int bits : {1, 2, 3, 4, 5, 6, 8}) {
    for (const int group : {32, 64, 128}) {
      const DType dtype = bits % 2 == 0 ? DType::kFloat32 : DType::kBfloat16;
      all.push_back({Mode::kAffine, bits, group, dtype});
    }
  }
  all.push_back({Mode::kMxfp4, 4, 32, DType::kUint8});
  all.push_back({Mode::kMxfp8, 8, 32, DType::kUint8});
  all.push_back({Mode::kNvfp4, 4, 16, DType::kUint8});
  return all;
}

// `count` bytes that begin where a vector register may be stored.
class Aligned {
 public:
  explicit Aligned(int64_t count) : memory_(static_cast<size_t>(count) + 64) {}
  std::byte* begin() {
    const size_t misaligned = reinterpret_cast<uintptr_t>(memory_.data()) % 64;
    return memory_.data() + (64 - misaligned) % 64;
  }

 private:
  std::vector<std::byte> memory_;
};

std::vector<float> normal(int64_t count, DType dtype, std::mt19937& random) {
  std::normal_distribution<float> distribution;
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) {
    value = round_to(static_cast<thinbit::FloatFormat>(dtype), distribution(random));
  }
  return values;
}

struct Weights {
  std::vector<std::byte> words;
  std::vector<std::byte> scales;
  std::vector<std::byte> biases;
  thinbit::EncodedRows rows;
  std::vector<float> floats;  // count x K, each rounded once from the real value
};

Weights make_weights(const RowFormat& format, int64_t count, int64_t K, std::mt19937& random) {
  const RowKernels& scalar = *thinbit::find_level("scalar");
  const int64_t words = format.words(K) * 4;
  const int64_t scales = format.groups(K) * dtype_bytes(format.scale_dtype);
  Weights weights;
  weights.words.resize(static_cast<size_t>(count * words));
  weights.scales.resize(static_cast<size_t>(count * scales));
  if (format.mode == Mode::kAffine) weights.biases.resize(weights.scales.size());
  weights.floats = normal(count * K, DType::kFloat32, random);
  for (int64_t n = 0; n < count; ++n) {
    std::byte* biases = weights.biases.empty() ? nullptr : weights.biases.data() + n * scales;
    const thinbit::MutableEncodedSpan span = {
        reinterpret_cast<uint32_t*>(weights.words.data() + n * words),
        weights.scales.data() + n * scales, biases};
    float* row = weights.floats.data() + n * K;
    EXPECT(!scalar.quantize(format, row, K, 1.0f, span));
    scalar.decode(format, {span.words, span.scales, span.biases}, K, 1.0f, row);
  }
  weights.rows = {weights.words.data(),
                  weights.scales.data(),
                  weights.biases.empty() ? nullptr : weights.biases.data(),
                  words,
                  scales,
                  scales};
  return weights;
}

// Whether all sums of a tile are within the contract, from panels that `decode` made.
template <class Decode>
bool sums_are_right(const BlockedProduct& blocked, DType dtype, const std::vector<float>& weights,
                    const std::vector<float>& x, int64_t count, int rows, int64_t K,
                    const Decode& decode) {
  Aligned tile(blocked.tile_bytes(K));
  Aligned panel(blocked.panel_bytes);
  std::vector<const float*> x_rows;
  for (int i = 0; i < rows; ++i) x_rows.push_back(x.data() + i * K);
  EXPECT(blocked.tile_bytes(K) % 64 == 0);
  EXPECT(blocked.prepare(x_rows.data(), rows, K, tile.begin()) == 0);
  std::vector<double> sums(kTileRows * kPanelColumns);
  for (int64_t first = 0; first < K; first += kPanelDepth) {
    EXPECT(decode(first, panel.begin()) == 0);
    blocked.multiply(panel.begin(), K, first, tile.begin(), rows, sums.data());
  }
  bool right = true;
  for (int i = 0; i < rows; ++i) {
    for (int64_t n = 0; n < count; ++n) {
      double ref = 0;
      double R = 0;
      for (int64_t k = 0; k < K; ++k) {
        const double product = static_cast<double>(weights[static_cast<size_t>(n * K + k)]) *
                               static_cast<double>(x[static_cast<size_t>(i * K + k)]);
        ref += product;
        R += std::fabs(product);
      }
      const double bound = dtype == DType::kBfloat16 ? std::ldexp(R, -9) : 1e-6 * R;
      const double sum = sums[static_cast<size_t>(i * kPanelColumns + n)];
      right = right && std::fabs(sum - ref) <= bound;
    }
  }
  return right;
}

template <class Check>
void for_each_product(const Check& check) {
  for (const char* name : kLevels) {
    const RowKernels* level = thinbit::find_level(name);
    if (level == nullptr || level->blocked == nullptr) {
      printf("skipped: no blocked products, or no level %s on this machine\n", name);
      continue;
    }
    for (const RowFormat& format : formats()) {
      for (const DType dtype : {DType::kFloat32, DType::kBfloat16}) {
        const BlockedProduct* blocked = level->blocked(format, dtype);
        if (blocked != nullptr) check(*blocked, format, dtype);
      }
    }
  }
}

void rows_of_w_make_columns() {
  std::mt19937 random(1);
  for_each_product([&](const BlockedProduct& blocked, const RowFormat& format, DType dtype) {
    int rows = 1;
    for (const int64_t groups : {1, 3, 17, 40}) {
      const int64_t K = groups * format.group_size;
      for (const int64_t count : {1, 15, 16, 17, 32}) {
        const Weights weights = make_weights(format, count, K, random);
        const std::vector<float> x = normal(rows * K, dtype, random);
        const auto decode = [&](int64_t first, std::byte* panel) {
          return blocked.decode(format, weights.rows, K, first, count, panel);
        };
        EXPECT(sums_are_right(blocked, dtype, weights.floats, x, count, rows, K, decode));
        rows = rows % kTileRows + 1;
      }
    }
  });
}

// Floats that the panel can hold, as those of every mode are that is packed.
void floats_make_columns_at_any_depth() {
  std::mt19937 random(2);
  for_each_product([&](const BlockedProduct& blocked, const RowFormat&, DType dtype) {
    if (blocked.pack == nullptr) return;
    for (const int64_t K : {1, 2, 15, 17, 511, 512, 515}) {
      const int64_t count = kPanelColumns;
      const std::vector<float> weights = normal(count * K, dtype, random);
      const std::vector<float> x = normal(kTileRows * K, dtype, random);
      std::vector<float> by_term(weights.size());
      for (int64_t n = 0; n < count; ++n) {
        for (int64_t k = 0; k < K; ++k) {
          by_term[static_cast<size_t>(k * count + n)] = weights[static_cast<size_t>(n * K + k)];
        }
      }
      const auto pack = [&](int64_t first, std::byte* panel) {
        const int64_t terms = std::min<int64_t>(kPanelDepth, K - first);
        return blocked.pack(by_term.data() + first * count, count, terms, panel);
      };
      EXPECT(sums_are_right(blocked, dtype, weights, x, count, kTileRows, K, pack));
    }
  });
}

}  // namespace

int main() {
  RUN(rows_of_w_make_columns);
  RUN(floats_make_columns_at_any_depth);
  return REPORT();
}
