#pragma once

// What the host passes to the kernels with setBytes and in small buffers: read as C++ and as Metal.

#if !defined(__METAL_VERSION__)
#include <cstdint>
#endif

namespace thinbit {

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
