// Many rows of x times a transposed weight: prefill.
//
// Bound by arithmetic. A block of eight warps makes 128 columns of 128 rows, a warp 32 by 64 of
// them. x comes to block memory by asynchronous copies, 64 elements of each row at a time and one
// step ahead; its 16-byte pieces are swizzled, so that the lanes of a fragment meet different
// banks. Codes come from global memory straight to the registers of the lanes that multiply them,
// one unit of 32 elements ahead: a lane of four takes eight in a row, and the same eight of x, in a
// permutation of K that both sides share. Two warps decode the same codes.
//
// Elements are exact 16-bit floats, and each group's sum is scaled in float32, so that no weight is
// rounded: the products of tensor cores leave them after each group, by one fma for each sum, and
// one more for affine's bias, times sums over groups of x that activations.cu has made. For each 16
// elements of K a warp makes 16 multiplications of fragments; it decodes 16 weights a lane for them
// in about 26 operations (4 bits), loads 4 fragments of x, and scales in groups of 64 with 32 fma.
// Block memory is read for 16 bytes of x by each lane for 4 multiplications.
//
// THINBIT_MODE and THINBIT_BITS say what a module is compiled for.

#include "cuda/kernels/elements.h"
#include "cuda/kernels/group_scale.h"
#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"
#include "cuda/kernels/product_rows.h"
#include "cuda/kernels/rows_of_x.h"
#include "cuda/kernels/sums.h"
#include "cuda/kernels/weight_run.h"

namespace thinbit {
namespace {

constexpr CodeMode kMode = static_cast<CodeMode>(THINBIT_MODE);
constexpr int kBits = THINBIT_BITS;
constexpr bool kHasBias = kMode == CodeMode::kAffine;

constexpr uint32_t kStep = kStepOfX;
constexpr int kRun = kMode == CodeMode::kNvfp4 ? 4 : 8;
constexpr uint32_t kUnit = 4 * kRun;  // a unit lies in one group
constexpr uint32_t kUnits = kStep / kUnit;
constexpr int kFragments = kRun / 4;      // of a unit, 16 along K each
constexpr uint32_t kSettle = 128;         // elements of K after which sums are settled
constexpr uint32_t kSumSlots = 2;         // of a step: groups of affine have 32 elements or more
constexpr uint32_t kWarpColumns = 32;     // four warps side by side, in two rows
constexpr int kTall = kWarpColumns / 16;  // fragments of w side by side

// Buffers for two steps; then the results, a piece for each warp.
template <int planes, uint32_t rows>
struct Memory {
  alignas(16) uint16_t x[2][planes][rows][kStep];
  float sums[2][kSumSlots][rows];
};

// Where a 16-byte piece of a row lies.
THINBIT_DEVICE uint32_t swizzled(uint32_t row, uint32_t piece) {
  return piece ^ ((row & 1u) << 2 | (row & 2u));
}

// Group sizes are powers of two, from 16 to 128; the compiler knows neither, and would divide.
THINBIT_DEVICE uint32_t group_shift(uint32_t group_size) {
  return group_size >= 64 ? (group_size >= 128 ? 7 : 6) : (group_size >= 32 ? 5 : 4);
}

// The rows of w that a lane takes part in, of all matrices.
struct WeightRows {
  uint32_t of[kTall * 2];
};

// What a lane has of w over a unit.
struct WeightUnit {
  Run<kRun> runs[kTall * 2];
  StoredScale scales[kTall * 2];
};

template <class Stored>
THINBIT_DEVICE void load_scales(const ProductParameters& parameters, const WeightRows& rows,
                                uint32_t group, WeightUnit& to) {
  const uint64_t groups = parameters.K >> group_shift(parameters.group_size);
  for (int i = 0; i < 2 * kTall; ++i) {
    to.scales[i] = load_stored<kMode, Stored>(parameters.scales, parameters.biases,
                                              rows.of[i] * groups + group);
  }
}

THINBIT_DEVICE void load_unit(const ProductParameters& parameters, const WeightRows& rows,
                              uint32_t k, WeightUnit& to) {
  if (k >= parameters.K) return;
  const uint64_t row_bytes = parameters.K / 8 * kBits;
  const uint8_t* const codes =
      parameters.codes + k / 8 * kBits + thread_index() % 4 * kRun * kBits / 8;
  for (int i = 0; i < 2 * kTall; ++i) {
    to.runs[i] = load_run<kBits, kRun>(codes + rows.of[i] * row_bytes);
  }
  if ((k & (parameters.group_size - 1)) != 0) return;
  const uint32_t group = k >> group_shift(parameters.group_size);
  if constexpr (!kHasBias) {
    load_scales<uint8_t>(parameters, rows, group, to);
  } else if (parameters.scale_format == FloatFormat::kFloat32) {
    load_scales<uint32_t>(parameters, rows, group, to);
  } else {
    load_scales<uint16_t>(parameters, rows, group, to);
  }
}

template <int planes, uint32_t rows>
THINBIT_DEVICE void copy_step(const ProductParameters& parameters,
                              const RowsOfX<rows, kPrefillThreads>& from, uint32_t step,
                              Memory<planes, rows>& to) {
  const uint32_t buffer = step % 2;
  const uint32_t piece = thread_index() % kPiecesOfX;
  const uint32_t k = step * kStep + piece * 8;
  for (int plane = 0; plane < planes; ++plane) {
    for (uint32_t i = 0; i < from.kCount; ++i) {
      const uint32_t row = from.row(i);
      const bool inside = from.of[i] != kOutside && k < parameters.K;
      const uint64_t index =
          plane * parameters.x_plane + static_cast<uint64_t>(from.of[i]) * parameters.x_stride + k;
      const uint16_t* const at = parameters.x + (inside ? index : 0);
      copy_16_async(&to.x[buffer][plane][row][swizzled(row, piece) * 8], at, inside);
    }
  }
  if constexpr (kHasBias) {
    const uint32_t row = from.row_of_sums();
    const uint32_t slot = thread_index() / rows;
    if (slot < kSumSlots) {
      const uint32_t first = step * kStep + slot * kUnit;
      const bool inside = from.of_sums != kOutside && first < parameters.K;
      const uint64_t group = first >> group_shift(parameters.group_size);
      copy_4_async(&to.sums[buffer][slot][row],
                   parameters.x_sums + (inside ? group * parameters.x_rows + from.of_sums : 0),
                   inside);
    }
  }
  commit_copies();
}

// A lane's run of x, as words of two elements.
THINBIT_DEVICE void load_x(const uint16_t (&row)[kStep], uint32_t index, uint32_t unit, uint32_t t,
                           uint32_t (&words)[kRun / 2]) {
  if constexpr (kRun == 4) {
    const uint32_t piece = swizzled(index, 2 * unit + t / 2);
    const uint64_t four = *reinterpret_cast<const uint64_t*>(&row[piece * 8 + t % 2 * 4]);
    words[0] = static_cast<uint32_t>(four);
    words[1] = static_cast<uint32_t>(four >> 32);
  } else {
    const Quad quad = *reinterpret_cast<const Quad*>(&row[swizzled(index, 4 * unit + t) * 8]);
    for (int i = 0; i < 4; ++i) words[i] = quad.words[i];
  }
}

// `planes` of x, `rows` of it; `exact`: within float32's bound.
template <FloatFormat format, int planes, uint32_t rows, bool exact>
THINBIT_DEVICE void prefill(const ProductParameters& parameters, Memory<planes, rows>& memory) {
  constexpr int kTiles = rows / 16;  // of eight rows, of a warp
  const Segment segment = segment_of(parameters, block_x(), rows);
  if (segment.count == 0) return;
  const uint32_t warp = thread_index() / 32;
  const uint32_t g = thread_index() % 32 / 4;
  const uint32_t t = thread_index() % 4;
  const uint32_t first_column = block_y() * kPrefillColumns + warp / 2 * kWarpColumns;
  const uint32_t first_row = warp % 2 * (rows / 2);
  const bool works = first_column < parameters.N && first_row < segment.count;

  const auto x = rows_of_x<rows, kPrefillThreads>(parameters, segment, kHasBias);
  // The last row of w stands in for those beyond it, and is not stored for them.
  WeightRows weights;
  for (uint32_t i = 0; i < 2 * kTall; ++i) {
    const uint32_t wanted = first_column + 8 * i + g;
    weights.of[i] = segment.w * parameters.N + (wanted < parameters.N ? wanted : parameters.N - 1);
  }

  // Of several planes all but the first are small: apart, they lose nothing to it.
  constexpr int kParts = planes > 1 ? 2 : 1;
  Total<exact> totals[kTall][kTiles][4];
  float parts[kTall][kTiles][kParts][4] = {};
  GroupScale scales[kTall * 2] = {};
  WeightUnit next = {};
  load_unit(parameters, weights, 0, next);
  const uint32_t steps = (parameters.K + kStep - 1) / kStep;
  copy_step<planes, rows>(parameters, x, 0, memory);
  for (uint32_t step = 0; step < steps; ++step) {
    wait_for_copies<0>();
    block_barrier();
    if (step + 1 < steps) copy_step<planes, rows>(parameters, x, step + 1, memory);
    if (!works) continue;
    const uint32_t buffer = step % 2;
#pragma unroll 1
    for (uint32_t unit = 0; unit < kUnits; ++unit) {
      const uint32_t k = step * kStep + unit * kUnit;
      if (k >= parameters.K) break;
      if ((k & (parameters.group_size - 1)) == 0) {
        decode_scales<kMode, kBits>(next.scales, parameters.scale_format, scales);
      }
      uint32_t w[kTall][kFragments][4];
      for (int tall = 0; tall < kTall; ++tall) {
        for (int fragment = 0; fragment < kFragments; ++fragment) {
          for (int i = 0; i < 4; ++i) {
            w[tall][fragment][i] = element_pair<kMode, kBits, format>(
                next.runs[2 * tall + i % 2].eights[0], 2 * fragment + i / 2,
                scales[2 * tall + i % 2].centre);
          }
        }
      }
      load_unit(parameters, weights, k + kUnit, next);
#pragma unroll
      for (int tile = 0; tile < kTiles; ++tile) {
        const uint32_t row = first_row + 8 * static_cast<uint32_t>(tile) + g;
#pragma unroll
        for (int plane = 0; plane < planes; ++plane) {
          uint32_t words[kRun / 2];
          load_x(memory.x[buffer][plane][row], row, unit, t, words);
          for (int fragment = 0; fragment < kFragments; ++fragment) {
            const uint32_t b[2] = {words[2 * fragment], words[2 * fragment + 1]};
            for (int tall = 0; tall < kTall; ++tall) {
              multiply_accumulate<format>(parts[tall][tile][plane > 0 ? 1 : 0], w[tall][fragment],
                                          b);
            }
          }
        }
      }
      if (((k + kUnit) & (parameters.group_size - 1)) != 0) continue;
      const bool settles = (k + kUnit) % kSettle == 0 || k + kUnit == parameters.K;
#pragma unroll
      for (int tile = 0; tile < kTiles; ++tile) {
        float sums[2] = {};
        if constexpr (kHasBias) {
          const uint32_t row = first_row + 8 * static_cast<uint32_t>(tile) + 2 * t;
          for (int i = 0; i < 2; ++i) sums[i] = memory.sums[buffer][unit][row + i];
        }
#pragma unroll
        for (int tall = 0; tall < kTall; ++tall) {
#pragma unroll
          for (int i = 0; i < 4; ++i) {
            float (&part)[kParts][4] = parts[tall][tile];
            Total<exact>& total = totals[tall][tile][i];
            if constexpr (kHasBias) total.join(scales[2 * tall + i / 2].bias, sums[i % 2]);
            total.join(scales[2 * tall + i / 2].scale,
                       kParts == 1 ? part[0][i] : part[0][i] + part[kParts - 1][i]);
            if (settles) total.settle();
            part[0][i] = part[kParts - 1][i] = 0.0f;
          }
        }
      }
    }
  }

  // Through block memory, so that the lanes of a store write side by side: half of a warp's rows at
  // a time, or 16.
  constexpr int kTogether = kTiles > 2 ? kTiles / 2 : 2;
  static_assert(sizeof memory.x >= kPrefillThreads / 32 * kTogether * 8 * kWarpColumns * 4);
  block_barrier();
  float (*const results)[kWarpColumns] =
      reinterpret_cast<float (*)[kWarpColumns]>(&memory.x) + warp * kTogether * 8;
#pragma unroll
  for (int first = 0; first < kTiles; first += kTogether) {
#pragma unroll
    for (int tile = 0; tile < kTogether; ++tile) {
#pragma unroll
      for (int tall = 0; tall < kTall; ++tall) {
#pragma unroll
        for (uint32_t i = 0; i < 4; ++i) {
          const uint32_t column = 16 * static_cast<uint32_t>(tall) + i / 2 * 8 + g;
          results[8 * tile + static_cast<int>(2 * t + i % 2)][column ^ t * 8] =
              totals[tall][first + tile][i].value();
        }
      }
    }
    warp_barrier();
    const uint32_t lane = thread_index() % 32;
#pragma unroll 1
    for (uint32_t i = 0; i < 8 * kTogether; ++i) {
      const uint32_t row = first_row + 8 * static_cast<uint32_t>(first) + i;
      if (row >= segment.count || first_column + lane >= parameters.N) break;
      store_result(parameters, place_of(parameters, segment.first + row), first_column + lane,
                   results[i][lane ^ i / 2 % 4 * 8]);
    }
    warp_barrier();
  }
}

}  // namespace

// Of each dtype of x. float32 comes as three planes.
#define THINBIT_PREFILL(name, format, planes, rows, exact)                 \
  THINBIT_RESIDENT_KERNEL(kPrefillThreads, 1, name, ProductParameters) {   \
    using BlockMemory = Memory<planes, rows>;                              \
    THINBIT_BLOCK_MEMORY(BlockMemory, memory);                             \
    prefill<FloatFormat::format, planes, rows, exact>(parameters, memory); \
  }

THINBIT_PREFILL(float16, kFloat16, 1, kPrefillRows, false)
THINBIT_PREFILL(bfloat16, kBfloat16, 1, kPrefillRows, false)
THINBIT_PREFILL(float32, kBfloat16, 3, kPrefillFloat32Rows, true)
#if THINBIT_MODE != 1
// Quantized activations.
THINBIT_PREFILL(quantized, kBfloat16, 1, kPrefillQuantizedRows, true)
#endif

}  // namespace thinbit
