// generated from codegen/schema/thinbit.yaml: do not edit
#pragma once

#include "runtime/fault.h"
#include "runtime/tensor_view.h"

namespace thinbit {

class Context;

// Calls as a backend gets them: checked, with every default resolved. Views follow the schema's `view`; inputs may have
// any strides, 0 included; outputs any that do not overlap.

// Quantize a float tensor, group by group along its last axis.
struct QuantizeCall {
  TensorView w;
  TensorView global_scale;
  Mode mode = Mode::kUnset;
  int32_t group_size = 0;
  int32_t bits = 0;
  TensorView wq;
  TensorView scales;
  TensorView biases;
  int64_t N = 0;
  int64_t K = 0;
};

// The float tensor that a quantized one stands for.
struct DequantizeCall {
  QuantizedView w;
  DType dtype = DType::kUnset;
  TensorView out;
};

// Multiply a float matrix by a quantized one: x @ w^T, or x @ w.
struct QuantizedMatmulCall {
  TensorView x;  // [batch..., M, K]
  QuantizedView w;  // batch...
  bool transpose = false;
  TensorView out;  // [batch..., M, N]
  int64_t M = 0;
  int64_t N = 0;
  int64_t K = 0;
};

// A quantized product with a fused epilogue: beta * c + alpha * (x @ w^T).
struct QuantizedAddmmCall {
  TensorView c;  // [batch..., M, N]
  TensorView x;  // [batch..., M, K]
  QuantizedView w;  // batch...
  float alpha = 0.0f;
  float beta = 0.0f;
  bool transpose = false;
  TensorView out;  // [batch..., M, N]
  int64_t M = 0;
  int64_t N = 0;
  int64_t K = 0;
};

// Multiply matrices picked from x by quantized matrices picked from w, as a mixture of experts does.
struct GatherQmmCall {
  TensorView x;  // [X..., M, K]
  QuantizedView w;
  TensorView lhs_indices;
  TensorView rhs_indices;
  bool transpose = false;
  bool sorted_indices = false;
  TensorView out;  // [batch..., M, N]
  int64_t M = 0;
  int64_t N = 0;
  int64_t K = 0;
};

// Multiply with both sides quantized: x is quantized row by row with the mode and group size of w, then x @ w^T.
struct QqmmCall {
  TensorView x;  // [batch..., M, K]
  TensorView global_scale_x;
  QuantizedView w;  // batch...
  TensorView out;  // [batch..., M, N]
  int64_t M = 0;
  int64_t N = 0;
  int64_t K = 0;
};

// Multiply with both sides quantized, and add: beta * c + alpha * (x @ w^T).
struct QqaddmmCall {
  TensorView c;  // [batch..., M, N]
  TensorView x;  // [batch..., M, K]
  TensorView global_scale_x;
  QuantizedView w;  // batch...
  float alpha = 0.0f;
  float beta = 0.0f;
  TensorView out;  // [batch..., M, N]
  int64_t M = 0;
  int64_t N = 0;
  int64_t K = 0;
};

// Multiply matrices picked from x by matrices picked from w, both sides quantized.
struct GatherQqmmCall {
  TensorView x;  // [X..., M, K]
  TensorView global_scale_x;
  QuantizedView w;
  TensorView lhs_indices;
  TensorView rhs_indices;
  bool sorted_indices = false;
  TensorView out;  // [batch..., M, N]
  int64_t M = 0;
  int64_t N = 0;
  int64_t K = 0;
};

// Round floats to E4M3FN bytes: half to even, saturating at 448; NaN gives 0x7F.
struct ToFp8Call {
  TensorView x;
  TensorView out;
};

// The exact values of E4M3FN bytes.
struct FromFp8Call {
  TensorView x;
  DType dtype = DType::kUnset;
  TensorView out;
};

// What a backend can do; an empty slot means unsupported. Calls come with the context, or with what a plugin
// has in its place.
template <class Place>
struct BackendOf {
  const char* name;
  Fault (*quantize)(Place&, const QuantizeCall&);
  Fault (*dequantize)(Place&, const DequantizeCall&);
  Fault (*quantized_matmul)(Place&, const QuantizedMatmulCall&);
  Fault (*quantized_addmm)(Place&, const QuantizedAddmmCall&);
  Fault (*gather_qmm)(Place&, const GatherQmmCall&);
  Fault (*qqmm)(Place&, const QqmmCall&);
  Fault (*qqaddmm)(Place&, const QqaddmmCall&);
  Fault (*gather_qqmm)(Place&, const GatherQqmmCall&);
  Fault (*to_fp8)(Place&, const ToFp8Call&);
  Fault (*from_fp8)(Place&, const FromFp8Call&);
};
using Backend = BackendOf<Context>;

}  // namespace thinbit
