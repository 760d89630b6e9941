#pragma once

#include <cstdint>

#include "generated/backend.gen.h"
#include "runtime/tensor_view.h"

namespace thinbit {

// What all products have in common: out = alpha * (x @ W) + beta * c for every matrix of a batch.
struct Product {
  // How a batch position finds its matrix: by an index tensor of the batch's shape, else (null) the
  // operand's own batch axes are those of the batch. An index tensor that is not present has
  // implied values, the sums of position * stride.
  const TensorView* lhs_indices = nullptr;
  const TensorView* rhs_indices = nullptr;
  bool sorted_indices = false;  // those given were promised to ascend; the CPU has checked it

  TensorView x;     // (X..., M, K)
  QuantizedView w;  // (E..., N, K) where `transpose`, else (E..., K, N)
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

// The product of each op. It refers to the index tensors of the call.
Product product_of(const QuantizedMatmulCall& call);
Product product_of(const QuantizedAddmmCall& call);
Product product_of(const GatherQmmCall& call);
Product product_of(const QqmmCall& call);
Product product_of(const QqaddmmCall& call);
Product product_of(const GatherQqmmCall& call);

// The matrix that an operand has at a flat batch position; see Product.
int64_t matrix_index(const TensorView* indices, int64_t position);

}  // namespace thinbit
