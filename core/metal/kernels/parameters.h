#pragma once

// What host and kernels agree on, read as C++ and as Metal: how work is cut, and what is passed
// with setBytes and in small buffers.

#include "numerics/portability.h"

namespace thinbit {

// Elements of a thread: eight codes of any width fill whole bytes.
THINBIT_CONSTANT uint32_t kChunk = 8;

// Threads of a threadgroup in quantize, dequantize, to_fp8 and from_fp8.
THINBIT_CONSTANT uint32_t kConversionThreads = 256;

// qmv: columns of a simdgroup, simdgroups of a threadgroup, the most rows of x.
THINBIT_CONSTANT int kColumns = 4;
THINBIT_CONSTANT int kSimdgroups = 2;
THINBIT_CONSTANT int kMostVectors = 4;

// qmm: rows and columns of a threadgroup, which has four simdgroups.
THINBIT_CONSTANT uint32_t kTile = 32;
THINBIT_CONSTANT uint32_t kTileThreads = 128;

// Elements that one thread handles: eight codes of any width fill whole bytes.
struct QuantizeParameters {
  uint32_t groups;             // of the whole tensor
  uint32_t groups_per_matrix;  // each matrix has an encode factor of its own
};

struct DequantizeParameters {
  uint64_t chunks;             // of eight elements, of the whole tensor
  uint64_t chunks_per_matrix;  // each matrix has a decode factor of its own
};

struct Fp8Parameters {
  uint64_t elements;
};

struct ProductParameters {
  uint32_t M;
  uint32_t N;
  uint32_t K;
  uint32_t c_row_step;     // elements of c from row to row: 0 where all rows share one
  uint32_t c_column_step;  // and from column to column
  float x_factor;          // the decode factor of x where the call quantized it; else 1
  float alpha;
  float beta;
};

// Which matrices meet at one position of the batch: numbers of matrices in their buffers.
struct Pick {
  uint32_t x;
  uint32_t w;
  uint32_t c;
  float w_factor;  // the decode factor of w
};

}  // namespace thinbit
