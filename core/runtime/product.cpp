#include "runtime/product.h"

#include <cstring>

namespace thinbit {
namespace {

template <class Call>
Product operands_of(const Call& call) {
  Product product;
  product.x = call.x;
  product.w = call.w;
  product.out = call.out;
  product.M = call.M;
  product.N = call.N;
  product.K = call.K;
  return product;
}

template <class Call>
Product quantized_operands_of(const Call& call) {
  Product product = operands_of(call);
  product.quantize_x = true;
  product.x_global_scale = call.global_scale_x;
  return product;
}

template <class Call>
void pick_by_indices(const Call& call, Product& product) {
  product.lhs_indices = &call.lhs_indices;
  product.rhs_indices = &call.rhs_indices;
  product.sorted_indices = call.sorted_indices;
}

template <class Call>
void add(const Call& call, Product& product) {
  product.c = call.c;
  product.alpha = call.alpha;
  product.beta = call.beta;
}

template <class Index>
int64_t load_index(const std::byte* at) {
  Index index;
  std::memcpy(&index, at, sizeof index);
  return index;
}

}  // namespace

Product product_of(const QuantizedMatmulCall& call) {
  Product product = operands_of(call);
  product.transpose = call.transpose;
  return product;
}

Product product_of(const QuantizedAddmmCall& call) {
  Product product = operands_of(call);
  product.transpose = call.transpose;
  add(call, product);
  return product;
}

Product product_of(const GatherQmmCall& call) {
  Product product = operands_of(call);
  product.transpose = call.transpose;
  pick_by_indices(call, product);
  return product;
}

Product product_of(const QqmmCall& call) { return quantized_operands_of(call); }

Product product_of(const QqaddmmCall& call) {
  Product product = quantized_operands_of(call);
  add(call, product);
  return product;
}

Product product_of(const GatherQqmmCall& call) {
  Product product = quantized_operands_of(call);
  pick_by_indices(call, product);
  return product;
}

int64_t matrix_index(const TensorView* indices, int64_t position) {
  if (indices == nullptr) return position;
  const int64_t offset = indices->offset_of(position, indices->ndim);
  if (!indices->present) return offset;
  const std::byte* at = indices->data + offset * dtype_bytes(indices->dtype);
  if (indices->dtype == DType::kInt64) return load_index<int64_t>(at);
  if (indices->dtype == DType::kUint32) return load_index<uint32_t>(at);
  return load_index<int32_t>(at);
}

}  // namespace thinbit
