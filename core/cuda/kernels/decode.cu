// Few rows of x times a transposed weight: decoding, and the rows that gathering brings together.
//
// Bound by reading w: bits / 8 bytes and a scale's share for each weight, each byte once for eight
// rows of x (`decode_8`) or 32. A block makes 16 columns of the result; its eight warps share K,
// 128 elements at a time, and blocks along z share it further where there are few columns. Parts
// meet in an order that neither the batch nor the schedule changes: those of warps in block memory,
// those of blocks in combine.cu.
//
// Tensor cores take w as it lies in memory: 16 rows of w are the rows of a fragment, and its k may
// be any permutation of K if x has the same. A lane of four takes a run of a group's codes, and as
// many elements of x from the same place, with no shuffle and no copy in block memory. Elements go
// in as exact 16-bit floats, and each group's sum is scaled in float32, so that no weight is
// rounded. Sums of x for affine's bias come from the same instruction, with ones for weights.
//
// For 8 weights of 4 bits: a shift, 4 byte permutations, 4 to mask and place, 4 differences, and 2
// multiplications of fragments (4 with those by ones). That is 1.6 operations of the integer and
// float pipes for each weight and its half byte; with loads, addresses, and scales of groups of 64
// the loop has about 5.
//
// THINBIT_MODE, THINBIT_BITS and THINBIT_GROUP say what a module is compiled for.

#include "cuda/kernels/elements.h"
#include "cuda/kernels/group_scale.h"
#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"
#include "cuda/kernels/product_rows.h"
#include "cuda/kernels/sums.h"
#include "cuda/kernels/weight_run.h"

namespace thinbit {
namespace {

constexpr CodeMode kMode = static_cast<CodeMode>(THINBIT_MODE);
constexpr int kBits = THINBIT_BITS;
constexpr int kGroup = THINBIT_GROUP;
constexpr bool kHasBias = kMode == CodeMode::kAffine;

constexpr int kWarps = kDecodeThreads / 32;
constexpr int kStepGroups = static_cast<int>(kDecodeStep) / kGroup;
constexpr int kRun = kGroup >= 64 ? 16 : kGroup / 4;
constexpr int kUnits = kGroup / (4 * kRun);  // of a group: four lanes' runs
constexpr int kFragments = kRun / 4;         // of a unit, 16 along k each

// Blocks of eight rows that a multiprocessor has at once; with three, what is read ahead would not
// find room in registers on every GPU.
constexpr int kBlocks = 2;

// What a lane has of two rows of w, 8 apart, over a step.
struct WeightStep {
  Run<kRun> runs[2][kStepGroups][kUnits];
  StoredScale scales[kStepGroups][2];
};

// Where they lie; the last row stands in for those beyond it, and is not stored for them.
struct WeightRows {
  const uint8_t* codes[2];  // the lane's first run
  const uint8_t* scales[2];
  const uint8_t* biases[2];

  THINBIT_DEVICE void advance(uint32_t steps, uint32_t scale_bytes) {
    for (int half = 0; half < 2; ++half) {
      codes[half] += steps * (kDecodeStep / 8 * kBits);
      scales[half] += steps * kStepGroups * scale_bytes;
      if (kHasBias) biases[half] += steps * kStepGroups * scale_bytes;
    }
  }
};

// Loads so many groups at most.
template <class Stored>
THINBIT_DEVICE void load_step(const WeightRows& rows, uint32_t groups, WeightStep& to) {
  for (int half = 0; half < 2; ++half) {
    for (int group = 0; group < kStepGroups; ++group) {
      if (static_cast<uint32_t>(group) >= groups) break;
      for (int unit = 0; unit < kUnits; ++unit) {
        const int codes = (group * kUnits + unit) * 4 * kRun;
        to.runs[half][group][unit] = load_run<kBits, kRun>(rows.codes[half] + codes * kBits / 8);
      }
      to.scales[group][half] = load_stored<kMode, Stored>(rows.scales[half], rows.biases[half],
                                                          static_cast<uint64_t>(group));
    }
  }
}

THINBIT_DEVICE void load_step(const WeightRows& rows, uint32_t groups, uint32_t scale_bytes,
                              WeightStep& to) {
  if constexpr (!kHasBias) {
    load_step<uint8_t>(rows, groups, to);
  } else if (scale_bytes == 4) {
    load_step<uint32_t>(rows, groups, to);
  } else {
    load_step<uint16_t>(rows, groups, to);
  }
}

// A lane's run of a row of x, as words of two elements.
THINBIT_DEVICE void load_x(const uint16_t* at, uint32_t (&words)[kRun / 2]) {
  if constexpr (kRun == 4) {
    const uint64_t four = load_read_only(reinterpret_cast<const uint64_t*>(at));
    words[0] = static_cast<uint32_t>(four);
    words[1] = static_cast<uint32_t>(four >> 32);
  } else {
    for (int i = 0; i < kRun / 8; ++i) {
      const Quad quad = reinterpret_cast<const Quad*>(at)[i];
      for (int j = 0; j < 4; ++j) words[4 * i + j] = quad.words[j];
    }
  }
}

template <int parts>
THINBIT_DEVICE float sum_of_parts(const float (&of)[parts][4], int i) {
  return parts == 1 ? of[0][i] : of[0][i] + of[parts - 1][i];
}

// Sums of warps, padded so that the lanes of a store meet different banks.
template <int tiles>
struct WarpSums {
  float of[kWarps][8 * tiles][20];
};

// `planes` of x; `tiles` of eight rows of it; `exact`: within float32's bound.
template <FloatFormat format, int planes, int tiles, bool exact>
THINBIT_DEVICE void decode(const ProductParameters& parameters, WarpSums<tiles>& memory) {
  const Segment segment = segment_of(parameters, block_x(), 8 * tiles);
  if (segment.count == 0) return;
  const uint32_t warp = thread_index() / 32;
  const uint32_t g = thread_index() % 32 / 4;
  const uint32_t t = thread_index() % 4;
  const uint32_t first_column = block_y() * kDecodeColumns;

  const uint32_t steps = (parameters.K + kDecodeStep - 1) / kDecodeStep;
  const uint32_t share = (steps + parameters.splits - 1) / parameters.splits;
  const uint32_t begin = block_z() * share + warp;
  const uint32_t bound = (block_z() + 1) * share;
  const uint32_t end = bound < steps ? bound : steps;

  const uint32_t groups = parameters.K / kGroup;
  const uint32_t scale_bytes = stored_scale_bytes<kMode>(parameters.scale_format);
  WeightRows rows;
  for (uint32_t half = 0; half < 2; ++half) {
    const uint32_t wanted = first_column + g + 8 * half;
    const uint64_t n = static_cast<uint64_t>(segment.w) * parameters.N +
                       (wanted < parameters.N ? wanted : parameters.N - 1);
    rows.codes[half] = parameters.codes + n * (parameters.K / 8 * kBits) + t * kRun * kBits / 8;
    rows.scales[half] = parameters.scales + n * groups * scale_bytes;
    rows.biases[half] = parameters.biases + n * groups * scale_bytes;
  }
  rows.advance(begin, scale_bytes);
  // And the last row of x for those beyond it.
  const uint16_t* x[tiles];
  for (uint32_t tile = 0; tile < tiles; ++tile) {
    const uint32_t row = 8 * tile + g < segment.count ? 8 * tile + g : segment.count - 1;
    x[tile] =
        parameters.x +
        static_cast<uint64_t>(place_of(parameters, segment.first + row).x) * parameters.x_stride +
        begin * kDecodeStep + t * kRun;
  }

  Total<exact> totals[tiles][4];
  WeightStep next = {};
  if (begin < end) load_step(rows, groups - begin * kStepGroups, scale_bytes, next);
  for (uint32_t step = begin; step < end; step += kWarps) {
    const WeightStep now = next;
    const uint32_t later = step + kWarps;
    rows.advance(kWarps, scale_bytes);
    if (later < end) load_step(rows, groups - later * kStepGroups, scale_bytes, next);
    for (int group = 0; group < kStepGroups; ++group) {
      if (step * kStepGroups + static_cast<uint32_t>(group) >= groups) break;
      GroupScale scales[2];
      decode_scales<kMode, kBits>(now.scales[group], parameters.scale_format, scales);
      // Of several planes all but the first are small: apart, they lose nothing to it.
      constexpr int kParts = planes > 1 ? 2 : 1;
      float parts[tiles][kParts][4] = {};
      float ones[tiles][kParts][4] = {};
      for (int unit = 0; unit < kUnits; ++unit) {
        uint32_t w[kFragments][4];
        for (int fragment = 0; fragment < kFragments; ++fragment) {
          for (int i = 0; i < 4; ++i) {
            const int pair = 2 * fragment + i / 2;
            w[fragment][i] = element_pair<kMode, kBits, format>(
                now.runs[i % 2][group][unit].eights[pair / 4], pair % 4, scales[i % 2].centre);
          }
        }
        for (int tile = 0; tile < tiles; ++tile) {
          for (int plane = 0; plane < planes; ++plane) {
            uint32_t words[kRun / 2];
            load_x(x[tile] + plane * parameters.x_plane + (group * kUnits + unit) * 4 * kRun,
                   words);
            for (int fragment = 0; fragment < kFragments; ++fragment) {
              const uint32_t b[2] = {words[2 * fragment], words[2 * fragment + 1]};
              multiply_accumulate<format>(parts[tile][plane > 0 ? 1 : 0], w[fragment], b);
              if constexpr (kHasBias) {
                const uint32_t one =
                    (format == FloatFormat::kFloat16 ? 0x3C00u : 0x3F80u) * kBothHalves;
                const uint32_t all[4] = {one, one, one, one};
                multiply_accumulate<format>(ones[tile][plane > 0 ? 1 : 0], all, b);
              }
            }
          }
        }
      }
      for (int tile = 0; tile < tiles; ++tile) {
        for (int i = 0; i < 4; ++i) {
          if constexpr (kHasBias) {
            totals[tile][i].join(scales[i / 2].bias, sum_of_parts(ones[tile], i));
          }
          totals[tile][i].join(scales[i / 2].scale, sum_of_parts(parts[tile], i));
        }
      }
    }
    for (int tile = 0; tile < tiles; ++tile) {
      x[tile] += kWarps * kDecodeStep;
      for (int i = 0; i < 4; ++i) totals[tile][i].settle();
    }
  }

  for (uint32_t tile = 0; tile < tiles; ++tile) {
    for (uint32_t i = 0; i < 4; ++i) {
      memory.of[warp][8 * tile + 2 * t + i % 2][g + i / 2 * 8] = totals[tile][i].value();
    }
  }
  block_barrier();
#pragma unroll 1
  for (uint32_t i = thread_index(); i < segment.count * kDecodeColumns; i += kDecodeThreads) {
    const uint32_t row = i / kDecodeColumns;
    const uint32_t column = first_column + i % kDecodeColumns;
    if (column >= parameters.N) continue;
    float sum = memory.of[0][row][i % kDecodeColumns];
    for (int other = 1; other < kWarps; ++other) sum += memory.of[other][row][i % kDecodeColumns];
    const uint32_t placed = segment.first + row;
    if (parameters.splits == 1) {
      store_result(parameters, place_of(parameters, placed), column, sum);
    } else {
      parameters
          .partial[(static_cast<uint64_t>(block_z()) * parameters.rows + placed) * parameters.N +
                   column] = sum;
    }
  }
}

}  // namespace

// Of each dtype of x, for segments of 8 and of 32 rows. float32 comes as three planes, and 32 rows
// of it would not find room in registers.
#define THINBIT_DECODE(name, blocks, format, planes, tiles, exact)           \
  THINBIT_RESIDENT_KERNEL(kDecodeThreads, blocks, name, ProductParameters) { \
    THINBIT_BLOCK_MEMORY(WarpSums<tiles>, memory);                           \
    decode<FloatFormat::format, planes, tiles, exact>(parameters, memory);   \
  }

THINBIT_DECODE(float16_8, kBlocks, kFloat16, 1, 1, false)
THINBIT_DECODE(float16_32, 1, kFloat16, 1, 4, false)
THINBIT_DECODE(bfloat16_8, kBlocks, kBfloat16, 1, 1, false)
THINBIT_DECODE(bfloat16_32, 1, kBfloat16, 1, 4, false)
THINBIT_DECODE(float32_8, 1, kBfloat16, 3, 1, true)
#if THINBIT_MODE != 1
// Quantized activations.
THINBIT_DECODE(quantized_8, kBlocks, kBfloat16, 1, 1, true)
THINBIT_DECODE(quantized_32, 1, kBfloat16, 1, 4, true)
#endif

}  // namespace thinbit
