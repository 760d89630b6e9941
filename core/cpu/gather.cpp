#include "cpu/product.h"
#include "generated/cpu_kernels.gen.h"

namespace thinbit::cpu {

Fault gather_qmm(Context& context, const GatherQmmCall& call) {
  return multiply(context, product_of(call));
}

}  // namespace thinbit::cpu
