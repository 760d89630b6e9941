#include "cpu/product.h"
#include "generated/cpu_kernels.gen.h"

namespace thinbit::cpu {

Fault gather_qmm(Context& context, const GatherQmmCall& call) {
  Product product;
  product.lhs_indices = &call.lhs_indices;
  product.rhs_indices = &call.rhs_indices;
  product.x = call.x;
  product.w = call.w;
  product.out = call.out;
  product.transpose = call.transpose;
  product.M = call.M;
  product.N = call.N;
  product.K = call.K;
  return multiply(context, product);
}

}  // namespace thinbit::cpu
