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

}  // namespace thinbit
