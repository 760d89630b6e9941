#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/context.h"
#include "runtime/fault.h"
#include "runtime/tensor_view.h"

namespace thinbit::cpu {

// What all products have in common: out = alpha * (x @ W) + beta * c for every matrix of a batch.
// The sums depend on the operands' values, on K, and on whether M makes it a product of many rows:
// not on threads, strides or the batch.
struct Product {
  // How a batch position finds its matrix: by an index tensor of the batch's shape, else (null) the
  // operand's own batch axes are those of the batch. An index tensor that is not present has
  // implied values, the sums of position * stride.
  const TensorView* lhs_indices = nullptr;
  const TensorView* rhs_indices = nullptr;

  TensorView x;     // (X..., M, K)
  QuantizedView w;  // (E..., N, K) where `transpose`, else (E..., K, N); quantized
  TensorView c;     // (batch..., M, N), or not present
  TensorView out;   // (batch..., M, N)
  float alpha = 1.0f;
  float beta = 0.0f;
  bool transpose = true;

  // qqmm: x is quantized with the mode of w, and x_global_scale where present.
  bool quantize_x = false;
  TensorView x_global_scale;

  int64_t M = 0;
  int64_t N = 0;
  int64_t K = 0;
};

// The scratch memory that multiply() needs, in bytes.
size_t scratch_bytes(const Product& product);

// `scratch` has scratch_bytes(product) bytes, aligned to 64 bytes.
void multiply(Context& context, const Product& product, std::byte* scratch);

// The same with the context's scratch memory; fails where there is none.
Fault multiply(Context& context, const Product& product);

}  // namespace thinbit::cpu
