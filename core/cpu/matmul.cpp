#include "cpu/product.h"
#include "generated/cpu_kernels.gen.h"

namespace thinbit::cpu {
namespace {

template <class Call>
Product product_of(const Call& call) {
  Product product;
  product.x = call.x;
  product.w = call.w;
  product.out = call.out;
  product.transpose = call.transpose;
  product.M = call.M;
  product.N = call.N;
  product.K = call.K;
  return product;
}

}  // namespace

Fault quantized_matmul(Context& context, const QuantizedMatmulCall& call) {
  return multiply(context, product_of(call));
}

Fault quantized_addmm(Context& context, const QuantizedAddmmCall& call) {
  Product product = product_of(call);
  product.c = call.c;
  product.alpha = call.alpha;
  product.beta = call.beta;
  return multiply(context, product);
}

}  // namespace thinbit::cpu
