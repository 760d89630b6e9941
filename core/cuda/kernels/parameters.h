#pragma once

// What the host and kernels agree on: the argument of each kernel, and how work is cut. Addresses
// are those of the device; kernels take operands in row-major order unless strides are given.

#include "numerics/half.h"
#include "numerics/portability.h"

namespace thinbit {

// What a module of kernels is compiled for: the host's Mode.
enum class CodeMode : int32_t { kAffine = 1, kMxfp4 = 2, kMxfp8 = 3, kNvfp4 = 4 };

// Elements of a thread in conversions: eight codes of any width fill whole bytes.
THINBIT_CONSTANT uint32_t kChunk = 8;

// Threads of a block of each kernel that converts, copies or checks.
THINBIT_CONSTANT uint32_t kConversionThreads = 256;

// The first thing wrong that kernels found since the host last asked: the lowest of the words that
// they offer; all ones where nothing is wrong. Calls count up in `order`, so that an earlier call's
// word is lower; within a call the lowest index is.
struct FaultReport {
  uint64_t* word;
  uint32_t order;  // below 2^16
  uint32_t call;   // below 2^4: which op; the host's number
};

// What is wrong, and with which argument.
enum class FaultKind : uint32_t {
  kNonFinite = 0,
  kScaleOverflow = 1,
  kWeightScale = 2,
  kActivationScale = 3,
  kLeftRange = 4,
  kLeftOrder = 5,
  kRightRange = 6,
  kRightOrder = 7
};

THINBIT_CONSTANT uint64_t kNoFault = ~uint64_t{0};
THINBIT_CONSTANT int kFaultOrderShift = 48;
THINBIT_CONSTANT int kFaultIndexShift = 7;  // below it: 4 bits of the call, 3 of the kind

THINBIT_FN uint64_t fault_word(uint32_t order, uint32_t call, FaultKind kind, uint64_t index) {
  return static_cast<uint64_t>(order) << kFaultOrderShift | index << kFaultIndexShift |
         static_cast<uint64_t>(call) << 3 | static_cast<uint64_t>(kind);
}

struct QuantizeParameters {
  const uint8_t* w;
  uint8_t* codes;
  uint8_t* scales;
  uint8_t* biases;
  const float* global_scales;  // null: none
  FaultReport fault;
  uint64_t groups;              // of the whole tensor
  uint64_t groups_per_matrix;   // each matrix has a global scale of its own
  int64_t global_scale_stride;  // elements from matrix to matrix; 0: one for all
  uint32_t group_size;
  FloatFormat format;  // of w, and of the scales and biases of affine
};

struct QuantizedValuesParameters {
  const uint8_t* x;
  uint16_t* values;  // bf16, which holds each exactly
  const float* global_scale;
  FaultReport fault;
  uint64_t groups;
  uint32_t group_size;
  FloatFormat format;  // of x
};

struct DequantizeParameters {
  const uint8_t* codes;
  const uint8_t* scales;
  const uint8_t* biases;
  const float* global_scales;
  FaultReport fault;
  uint8_t* out;
  uint64_t chunks;             // of eight elements, of the whole tensor
  uint64_t chunks_per_matrix;  // each matrix has a global scale of its own
  int64_t global_scale_stride;
  uint32_t group_size;
  FloatFormat scale_format;
  FloatFormat output_format;
};

struct Fp8Parameters {
  const uint8_t* x;
  uint8_t* out;
  uint64_t elements;
  FloatFormat format;  // of the floats
};

// The most axes of a view: core/runtime's kMaxViewRank.
THINBIT_CONSTANT int kMostAxes = 9;

// Copies elements between row-major order and strides.
struct CopyParameters {
  const uint8_t* from;
  uint8_t* to;
  uint64_t elements;
  int32_t axes;
  int32_t element_bytes;  // 1, 2, 4 or 8
  int64_t shape[kMostAxes];
  int64_t from_strides[kMostAxes];  // in elements
  int64_t to_strides[kMostAxes];
};

// Batch positions to what an operand has there: along each axis so many steps.
struct FlatMap {
  int32_t axes;
  int64_t shape[kMostAxes];
  int64_t steps[kMostAxes];
};

// How a batch position finds its matrix of an operand.
struct Selection {
  const uint8_t* indices;  // null: the sums of steps are the indices
  int32_t index_bytes;     // 8: int64
  int32_t is_signed;       // of 4 bytes
  FlatMap offsets;         // of positions: elements of `indices`
  int64_t matrices;        // what indices lie below
  FlatMap kept;            // of indices: matrices as kernels are given them, repeated ones once
};

// A batch position, in the order of the matrix of w that it meets.
struct Place {
  uint32_t x;  // matrices as kernels are given them
  uint32_t w;
  uint32_t c;
  uint32_t position;
};

// A run of rows that meet one matrix of w, as many as a block takes at most.
struct Segment {
  uint32_t first;
  uint32_t count;
  uint32_t w;
};

// The threads of the one block that places positions.
THINBIT_CONSTANT uint32_t kPlaceThreads = 1024;

struct PlaceParameters {
  Selection x;
  Selection w;
  FlatMap c;  // of positions
  FaultReport fault;
  Place* places;      // one for each position
  Segment* segments;  // as many as there may be
  uint32_t* segment_count;
  uint32_t* firsts;  // work space: one for each matrix of w
  uint32_t positions;
  uint32_t matrices;  // of w, repeated ones once
  uint32_t M;
  uint32_t segment_rows;  // most
  int32_t sorted;         // indices were promised to ascend
};

// Threads of a block of decode.cu, the columns of the result that it makes, and the elements of K
// that a warp takes at a time.
THINBIT_CONSTANT uint32_t kDecodeThreads = 256;
THINBIT_CONSTANT uint32_t kDecodeColumns = 16;
THINBIT_CONSTANT uint32_t kDecodeStep = 128;

// The same of prefill.cu. It makes fewer rows of float32, which has three planes, and of quantized
// activations, whose sums are compensated.
THINBIT_CONSTANT uint32_t kPrefillThreads = 256;
THINBIT_CONSTANT uint32_t kPrefillColumns = 128;
THINBIT_CONSTANT uint32_t kPrefillRows = 128;
THINBIT_CONSTANT uint32_t kPrefillQuantizedRows = 64;
THINBIT_CONSTANT uint32_t kPrefillFloat32Rows = 32;

// Of hopper.cu.
THINBIT_CONSTANT uint32_t kHopperThreads = 256;
THINBIT_CONSTANT uint32_t kHopperColumns = 128;
THINBIT_CONSTANT uint32_t kHopperRows = 128;

// And of straight.cu.
THINBIT_CONSTANT uint32_t kStraightThreads = 128;
THINBIT_CONSTANT uint32_t kStraightColumns = 64;
THINBIT_CONSTANT uint32_t kStraightRows = 32;

// Rows of planes are so many elements, or a multiple.
THINBIT_CONSTANT uint32_t kPlaneGranularity = 32;

// Floats to planes of 16-bit floats whose sum they are.
struct PlanesParameters {
  const uint8_t* x;
  uint16_t* planes;  // bf16, one after another
  uint64_t rows;
  uint32_t K;
  uint32_t stride;  // elements from row to row of a plane; zeros beyond K
  int32_t count;
  FloatFormat format;  // of x
};

// x in the order in which lanes hold the codes of w; see hopper.cu.
struct PermuteParameters {
  const uint32_t* x;  // pairs of 16-bit floats
  uint32_t* to;
  uint64_t pairs;
  uint32_t run;  // elements that a lane takes in a row: 4 or 8
};

struct GroupSumsParameters {
  const uint8_t* x;
  float* sums;  // (groups, rows)
  uint64_t rows;
  uint32_t groups;  // of a row
  uint32_t group_size;
  FloatFormat format;
};

// out = alpha * (x @ W) + beta * c, for the rows of segments.
struct ProductParameters {
  const uint16_t* x;  // planes of (rows, x_stride)
  uint64_t x_plane;   // elements from plane to plane
  uint32_t x_stride;
  const uint8_t* codes;  // (matrices, N, K), or (matrices, K, N) where not transposed
  const uint8_t* scales;
  const uint8_t* biases;
  const float* x_sums;  // (K / group_size, rows of x): sums over groups, for prefill of affine
  uint64_t x_rows;
  const float* w_global_scales;  // null: none
  int64_t w_global_stride;       // elements from matrix to matrix
  const float* x_global_scale;   // null: none
  const uint8_t* c;              // null: none; (matrices, c_rows, c_columns)
  uint32_t c_rows;               // 1 or M
  uint32_t c_columns;            // 1 or N
  uint8_t* out;
  float* partial;       // (splits, rows, N): sums of parts of K, where there are several
  const Place* places;  // null: one matrix, M rows in their order
  const Segment* segments;
  const uint32_t* segment_count;
  uint32_t rows;  // of all segments
  uint32_t M;
  uint32_t N;
  uint32_t K;
  uint32_t group_size;
  uint32_t splits;
  float alpha;
  float beta;
  FloatFormat scale_format;
  FloatFormat c_format;
  FloatFormat output_format;
  FaultReport fault;
};

}  // namespace thinbit
