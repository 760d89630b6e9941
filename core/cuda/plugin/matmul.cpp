#include "cuda/plugin/product.h"
#include "generated/cuda_kernels.gen.h"

namespace thinbit::cuda {

Fault quantized_matmul(Session& session, const QuantizedMatmulCall& call) {
  return multiply(session, Op::kQuantizedMatmul, product_of(call));
}

Fault quantized_addmm(Session& session, const QuantizedAddmmCall& call) {
  return multiply(session, Op::kQuantizedAddmm, product_of(call));
}

}  // namespace thinbit::cuda
