// Rows of x times a weight that is not transposed: its groups lie along the columns of the result.
//
// Each weight along K has a scale of its own here, so that no sum can be made before it: real
// weights are multiplied. Affine's have more digits than 16-bit floats, and go in as parts whose
// sum they are but for 2^-16, or 2^-24 where x is float32; those of the other modes are exact in
// bfloat16. With the planes of x that is 2 multiplications of fragments for bfloat16 and affine, 3
// for float16, 6 for float32, and 1, 2 and 3 in the other modes.
//
// Bound by arithmetic: a block of four warps makes 64 columns of 32 rows, in steps of 32 along K. A
// thread decodes eight weights of two rows of w, 4 to 6 operations each with the split, and stores
// the pairs along K that fragments want; a weight is decoded once for 32 rows. Rows of both tiles
// are padded by 8 elements, so that the lanes of a fragment meet different banks.
//
// THINBIT_MODE and THINBIT_BITS say what a module is compiled for.

#include "cuda/kernels/codes.h"
#include "cuda/kernels/group_scale.h"
#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"
#include "cuda/kernels/product_rows.h"
#include "cuda/kernels/sums.h"

namespace thinbit {
namespace {

constexpr CodeMode kMode = static_cast<CodeMode>(THINBIT_MODE);
constexpr int kBits = THINBIT_BITS;

constexpr uint32_t kStep = 32;           // elements of K
constexpr uint32_t kStride = kStep + 8;  // elements between rows of a tile
constexpr uint32_t kSettleSteps = 2;     // after which sums join compensated ones
constexpr int kRowTiles = kStraightRows / 8;

// Tiles of 16-bit floats, each row along K.
template <int x_planes, int w_planes>
struct Tiles {
  alignas(16) uint16_t x[x_planes][kStraightRows][kStride];
  alignas(16) uint16_t w[w_planes][kStraightColumns][kStride];
  float results[kStraightRows][kStraightColumns + 4];
};

// The upper half of a float, and what is left of it.
THINBIT_DEVICE uint32_t take_upper_half(float& left) {
  uint32_t upper = bits_of(left) >> 16;
  if (left != left) upper |= 0x40u;  // stays NaN where only lower bits said so
  left = is_finite(left) ? subtract(left, float_of(upper << 16)) : 0.0f;
  return upper;
}

THINBIT_DEVICE uint32_t load_pair(const uint16_t* at) {
  return *reinterpret_cast<const uint32_t*>(at);
}

// Eight weights of row k of w from column n; zeros outside.
THINBIT_DEVICE void load_weights(const ProductParameters& parameters, uint32_t w, uint32_t k,
                                 uint32_t n, float (&values)[8]) {
  if (k >= parameters.K || n >= parameters.N) {
    for (int i = 0; i < 8; ++i) values[i] = 0.0f;
    return;
  }
  const uint64_t row = static_cast<uint64_t>(w) * parameters.K + k;
  const uint64_t chunk = (row * parameters.N + n) / kChunk;
  const uint64_t packed = load_codes<kBits>(parameters.codes, chunk * kBits);
  const uint64_t groups = parameters.N / parameters.group_size;
  const GroupScale group = load_scale<kMode>(parameters, row * groups + n / parameters.group_size);
  for (int i = 0; i < 8; ++i) {
    const float element = element_of<kMode>(code_at<kBits>(packed, i));
    values[i] = kMode == CodeMode::kAffine ? fused(element, group.scale, group.bias)
                                           : multiply(element, group.scale);
  }
}

template <int x_planes, int w_planes>
THINBIT_DEVICE void fill(const ProductParameters& parameters, const Segment& segment,
                         const uint16_t* x, uint32_t first_k, Tiles<x_planes, w_planes>& tiles) {
  const uint32_t row = thread_index() / 4;
  const uint32_t start = thread_index() % 4 * 8;
  for (int plane = 0; plane < x_planes; ++plane) {
    Quad quad = {};
    if (x != nullptr) {
      quad = *reinterpret_cast<const Quad*>(x + plane * parameters.x_plane + first_k + start);
    }
    *reinterpret_cast<Quad*>(&tiles.x[plane][row][start]) = quad;
  }
  const uint32_t pair = thread_index() / 8 * 2;
  const uint32_t column = thread_index() % 8 * 8;
  float values[2][8];
  for (uint32_t i = 0; i < 2; ++i) {
    load_weights(parameters, segment.w, first_k + pair + i, block_y() * kStraightColumns + column,
                 values[i]);
  }
  for (int plane = 0; plane < w_planes; ++plane) {
    for (uint32_t i = 0; i < 8; ++i) {
      const uint32_t low = take_upper_half(values[0][i]);
      const uint32_t high = take_upper_half(values[1][i]);
      *reinterpret_cast<uint32_t*>(&tiles.w[plane][column + i][pair]) = high << 16 | low;
    }
  }
}

template <int x_planes, int w_planes>
THINBIT_DEVICE void straight(const ProductParameters& parameters,
                             Tiles<x_planes, w_planes>& tiles) {
  const Segment segment = segment_of(parameters, block_x(), kStraightRows);
  if (segment.count == 0) return;
  const uint32_t own_row = thread_index() / 4;
  const uint16_t* x = nullptr;
  if (own_row < segment.count) {
    x = parameters.x + static_cast<uint64_t>(place_of(parameters, segment.first + own_row).x) *
                           parameters.x_stride;
  }
  const uint32_t warp = thread_index() / 32;
  const uint32_t g = thread_index() % 32 / 4;
  const uint32_t t = thread_index() % 4;
  constexpr int kMostPlanes = x_planes > w_planes ? x_planes : w_planes;

  Total<true> totals[kRowTiles][4];
  float sums[kRowTiles][2][4] = {};  // of first planes, and of the others, which are small
  const uint32_t steps = (parameters.K + kStep - 1) / kStep;
  for (uint32_t step = 0; step < steps; ++step) {
    block_barrier();
    fill(parameters, segment, x, step * kStep, tiles);
    block_barrier();
    for (uint32_t first = 0; first < kStep; first += 16) {
      const uint32_t k = first + 2 * t;
      for (int w_plane = 0; w_plane < w_planes; ++w_plane) {
        const uint16_t (*const w)[kStride] = tiles.w[w_plane] + warp * 16;
        const uint32_t a[4] = {load_pair(&w[g][k]), load_pair(&w[g + 8][k]),
                               load_pair(&w[g][k + 8]), load_pair(&w[g + 8][k + 8])};
        for (int tile = 0; tile < kRowTiles; ++tile) {
          for (int x_plane = 0; x_plane < x_planes; ++x_plane) {
            if (x_plane + w_plane >= kMostPlanes) continue;  // too small to matter
            const uint16_t* const from = tiles.x[x_plane][8 * tile + static_cast<int>(g)];
            const uint32_t b[2] = {load_pair(from + k), load_pair(from + k + 8)};
            multiply_accumulate<FloatFormat::kBfloat16>(sums[tile][x_plane + w_plane > 0 ? 1 : 0],
                                                        a, b);
          }
        }
      }
    }
    if (step % kSettleSteps != kSettleSteps - 1 && step != steps - 1) continue;
#pragma unroll
    for (int tile = 0; tile < kRowTiles; ++tile) {
      for (int i = 0; i < 4; ++i) {
        totals[tile][i].join(1.0f, sums[tile][0][i] + sums[tile][1][i]);
        totals[tile][i].settle();
        sums[tile][0][i] = sums[tile][1][i] = 0.0f;
      }
    }
  }
  // Through block memory, so that the lanes of a store write side by side.
#pragma unroll
  for (uint32_t tile = 0; tile < kRowTiles; ++tile) {
#pragma unroll
    for (uint32_t i = 0; i < 4; ++i) {
      tiles.results[8 * tile + 2 * t + i % 2][warp * 16 + g + i / 2 * 8] = totals[tile][i].value();
    }
  }
  block_barrier();
#pragma unroll 1
  for (uint32_t i = thread_index(); i < segment.count * kStraightColumns; i += kStraightThreads) {
    const uint32_t column = block_y() * kStraightColumns + i % kStraightColumns;
    if (column >= parameters.N) continue;
    const uint32_t row = i / kStraightColumns;
    store_result(parameters, place_of(parameters, segment.first + row), column,
                 tiles.results[row][i % kStraightColumns]);
  }
}

constexpr bool kIsAffine = kMode == CodeMode::kAffine;

}  // namespace

THINBIT_KERNEL(kStraightThreads, bfloat16, ProductParameters) {
  using Memory = Tiles<1, kIsAffine ? 2 : 1>;
  THINBIT_BLOCK_MEMORY(Memory, tiles);
  straight(parameters, tiles);
}

THINBIT_KERNEL(kStraightThreads, float16, ProductParameters) {
  using Memory = Tiles<2, kIsAffine ? 2 : 1>;
  THINBIT_BLOCK_MEMORY(Memory, tiles);
  straight(parameters, tiles);
}

THINBIT_KERNEL(kStraightThreads, float32, ProductParameters) {
  using Memory = Tiles<3, kIsAffine ? 3 : 1>;
  THINBIT_BLOCK_MEMORY(Memory, tiles);
  straight(parameters, tiles);
}

}  // namespace thinbit
