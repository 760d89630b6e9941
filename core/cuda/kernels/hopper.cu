// Many rows of 16-bit x times a transposed weight, on Hopper: prefill by products of warpgroups.
//
// Bound by arithmetic. What prefill.cu says of elements, groups and sums holds here; the
// differences: a warpgroup of four multiplies 64 columns by 128 rows in one instruction, with w
// from registers and x from block memory, where all of its warps read it once, and the tensor cores
// work while the warps decode the next fragment. A block has two, so that one scales its sums while
// the other multiplies. No code is decoded twice.
//
// The instruction fixes the order of K in block memory, so that x comes in the order in which
// lanes hold codes: activations.cu has permuted it. For each 16 elements of K a lane decodes 8
// weights in 13 operations (4 bits) and issues its part of a product of 64 by 128 by 16, which
// takes the tensor cores 64 cycles; in groups of 64 it scales with 16 fma for each of those, and
// twice as many for affine.
//
// THINBIT_MODE, THINBIT_BITS and THINBIT_GROUP say what a module is compiled for.

#include "cuda/kernels/elements.h"
#include "cuda/kernels/group_scale.h"
#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"
#include "cuda/kernels/product_rows.h"
#include "cuda/kernels/rows_of_x.h"
#include "cuda/kernels/weight_run.h"

#if defined(THINBIT_HAS_WARPGROUP_PRODUCTS)

namespace thinbit {
namespace {

constexpr CodeMode kMode = static_cast<CodeMode>(THINBIT_MODE);
constexpr int kBits = THINBIT_BITS;
constexpr int kGroup = THINBIT_GROUP;
constexpr bool kHasBias = kMode == CodeMode::kAffine;

constexpr uint32_t kStep = kStepOfX;
constexpr int kRun = kGroup == 16 ? 4 : 8;
constexpr int kUnit = 4 * kRun;
constexpr int kUnits = static_cast<int>(kStep) / kUnit;
constexpr int kFragments = static_cast<int>(kStep) / 16;  // of a step
constexpr int kStepGroups = kGroup >= 64 ? 1 : 64 / kGroup;
constexpr int kGroupFragments = kFragments / kStepGroups;
constexpr uint32_t kRows = kHopperRows;
constexpr int kSums = 64;  // of a thread

// Buffers for two steps; then the results, half the rows at a time.
struct Memory {
  alignas(1024) uint16_t x[2][kRows][kStep];
  float sums[2][kStepGroups][kRows];
};

// The two rows of w, 8 apart, that a lane takes part in.
struct WeightRows {
  const uint8_t* codes[2];  // the lane's first run
  uint64_t groups[2];       // index of the first scale
};

// What a lane has of them over a step.
struct WeightStep {
  Run<kRun> runs[2][kUnits];
  StoredScale scales[kStepGroups][2];
};

template <class Stored>
THINBIT_DEVICE void load_step(const ProductParameters& parameters, const WeightRows& rows,
                              uint32_t step, WeightStep& to) {
  for (int half = 0; half < 2; ++half) {
    for (int unit = 0; unit < kUnits; ++unit) {
      const uint32_t k = step * kStep + static_cast<uint32_t>(unit * kUnit);
      to.runs[half][unit] = {};  // beyond K nothing is added
      if (k < parameters.K) {
        to.runs[half][unit] = load_run<kBits, kRun>(rows.codes[half] + k / 8 * kBits);
      }
    }
    for (int group = 0; group < kStepGroups; ++group) {
      const uint32_t k = step * kStep + static_cast<uint32_t>(group * kGroup);
      to.scales[group][half] = {};
      if (k < parameters.K) {
        to.scales[group][half] = load_stored<kMode, Stored>(parameters.scales, parameters.biases,
                                                            rows.groups[half] + k / kGroup);
      }
    }
  }
}

THINBIT_DEVICE void load_step(const ProductParameters& parameters, const WeightRows& rows,
                              uint32_t step, WeightStep& to) {
  if constexpr (!kHasBias) {
    load_step<uint8_t>(parameters, rows, step, to);
  } else if (parameters.scale_format == FloatFormat::kFloat32) {
    load_step<uint32_t>(parameters, rows, step, to);
  } else {
    load_step<uint16_t>(parameters, rows, step, to);
  }
}

using Rows = RowsOfX<kRows, kHopperThreads>;

THINBIT_DEVICE void copy_step(const ProductParameters& parameters, const Rows& from, uint32_t step,
                              Memory& to) {
  const uint32_t buffer = step % 2;
  const uint32_t piece = thread_index() % kPiecesOfX;
  const uint32_t k = step * kStep + piece * 8;
  for (uint32_t i = 0; i < Rows::kCount; ++i) {
    const uint32_t row = Rows::row(i);
    const bool inside = from.of[i] != kOutside && k < parameters.K;
    const uint64_t index = static_cast<uint64_t>(from.of[i]) * parameters.x_stride + k;
    copy_16_async(&to.x[buffer][row][(piece ^ row % 8) * 8], parameters.x + (inside ? index : 0),
                  inside);
  }
  if constexpr (kHasBias) {
    const uint32_t slot = thread_index() / kRows;
    if (slot < kStepGroups) {
      const uint32_t first = step * kStep + slot * kGroup;
      const bool inside = from.of_sums != kOutside && first < parameters.K;
      const uint64_t index = first / kGroup * parameters.x_rows + from.of_sums;
      copy_4_async(&to.sums[buffer][slot][Rows::row_of_sums()],
                   parameters.x_sums + (inside ? index : 0), inside);
    }
  }
  commit_copies();
}

template <FloatFormat format>
THINBIT_DEVICE void multiply(const ProductParameters& parameters, Memory& memory) {
  const Segment segment = segment_of(parameters, block_x(), kRows);
  if (segment.count == 0) return;
  const uint32_t warp = thread_index() / 32;
  const uint32_t g = thread_index() % 32 / 4;
  const uint32_t t = thread_index() % 4;
  const uint32_t first_column = block_y() * kHopperColumns + warp * 16;
  const bool works = block_y() * kHopperColumns + warp / 4 * 64 < parameters.N;  // a warpgroup

  const Rows x = rows_of_x<kRows, kHopperThreads>(parameters, segment, kHasBias);
  // The last row of w stands in for those beyond it, and is not stored for them.
  WeightRows rows;
  for (uint32_t half = 0; half < 2; ++half) {
    const uint32_t wanted = first_column + 8 * half + g;
    const uint64_t n = static_cast<uint64_t>(segment.w) * parameters.N +
                       (wanted < parameters.N ? wanted : parameters.N - 1);
    rows.codes[half] = parameters.codes + n * (parameters.K / 8 * kBits) + t * kRun * kBits / 8;
    rows.groups[half] = n * (parameters.K / kGroup);
  }

  float totals[kSums] = {};
  float parts[kSums] = {};
  ProductQueue queue;
  GroupScale scales[2] = {};
  WeightStep next = {};
  load_step(parameters, rows, 0, next);
  const uint32_t steps = (parameters.K + kStep - 1) / kStep;
  copy_step(parameters, x, 0, memory);
  for (uint32_t step = 0; step < steps; ++step) {
    wait_for_copies<0>();
    publish_copies();
    block_barrier();
    if (step + 1 < steps) copy_step(parameters, x, step + 1, memory);
    if (!works) continue;
    const uint32_t buffer = step % 2;
    const WeightStep now = next;
    if (step + 1 < steps) load_step(parameters, rows, step + 1, next);
    // A group of 128 goes on in the second of two steps.
    const bool goes_on = kGroup == 128 && step % 2 == 1;
#pragma unroll
    for (int group = 0; group < kStepGroups; ++group) {
      if (!goes_on) {
        decode_scales<kMode, kBits>(now.scales[group], parameters.scale_format, scales);
      }
      uint32_t w[kGroupFragments][4];
#pragma unroll
      for (int part = 0; part < kGroupFragments; ++part) {
        const int fragment = group * kGroupFragments + part;
        constexpr int kOfUnit = kRun / 4;
        for (int i = 0; i < 4; ++i) {
          w[part][i] = element_pair<kMode, kBits, format>(
              now.runs[i % 2][fragment / kOfUnit].eights[0], fragment % kOfUnit * 2 + i / 2,
              scales[i % 2].centre);
        }
        begin_products();
        multiply_async<format>(queue, parts, w[part], &memory.x[buffer][0][0],
                               static_cast<uint32_t>(16 * fragment), part > 0 || goes_on);
      }
      commit_products();
      wait_for_products(queue, parts);
      if (kGroup == 128 && !goes_on) continue;
#pragma unroll
      for (int i = 0; i < kSums; ++i) {
        const uint32_t row = static_cast<uint32_t>(i / 4 * 8 + i % 2) + 2 * t;
        const GroupScale& scale = scales[i / 2 % 2];
        if constexpr (kHasBias) {
          totals[i] = fused(scale.bias, memory.sums[buffer][group][row], totals[i]);
        }
        totals[i] = fused(scale.scale, parts[i], totals[i]);
      }
    }
  }

  // Through block memory, so that the lanes of a store write side by side.
  block_barrier();
  constexpr uint32_t kHalf = kRows / 2;
  float (*const results)[16] = reinterpret_cast<float (*)[16]>(&memory.x) + warp * kHalf;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
#pragma unroll
    for (int i = 0; i < kSums / 2; ++i) {
      const uint32_t row = static_cast<uint32_t>(i / 4 * 8 + i % 2) + 2 * t;
      const uint32_t column = g + static_cast<uint32_t>(i / 2 % 2 * 8);
      results[row][column ^ row / 4 % 2 * 8] = totals[half * kSums / 2 + i];
    }
    warp_barrier();
    const uint32_t column = thread_index() % 16;
#pragma unroll 1
    for (uint32_t i = thread_index() % 32 / 16; i < kHalf; i += 2) {
      const uint32_t row = static_cast<uint32_t>(half) * kHalf + i;
      if (row >= segment.count || first_column + column >= parameters.N) break;
      store_result(parameters, place_of(parameters, segment.first + row), first_column + column,
                   results[i][column ^ i / 4 % 2 * 8]);
    }
    warp_barrier();
  }
}

}  // namespace

THINBIT_RESIDENT_KERNEL(kHopperThreads, 1, float16, ProductParameters) {
  THINBIT_BLOCK_MEMORY(Memory, memory);
  multiply<FloatFormat::kFloat16>(parameters, memory);
}

THINBIT_RESIDENT_KERNEL(kHopperThreads, 1, bfloat16, ProductParameters) {
  THINBIT_BLOCK_MEMORY(Memory, memory);
  multiply<FloatFormat::kBfloat16>(parameters, memory);
}

}  // namespace thinbit

#endif
