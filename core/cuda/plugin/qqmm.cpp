#include "cuda/plugin/product.h"
#include "generated/cuda_kernels.gen.h"

namespace thinbit::cuda {

Fault qqmm(Session& session, const QqmmCall& call) {
  return multiply(session, Op::kQqmm, product_of(call));
}

Fault qqaddmm(Session& session, const QqaddmmCall& call) {
  return multiply(session, Op::kQqaddmm, product_of(call));
}

Fault gather_qqmm(Session& session, const GatherQqmmCall& call) {
  return multiply(session, Op::kGatherQqmm, product_of(call));
}

}  // namespace thinbit::cuda
