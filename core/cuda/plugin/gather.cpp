#include "cuda/plugin/product.h"
#include "generated/cuda_kernels.gen.h"

namespace thinbit::cuda {

Fault gather_qmm(Session& session, const GatherQmmCall& call) {
  return multiply(session, Op::kGatherQmm, product_of(call));
}

}  // namespace thinbit::cuda
