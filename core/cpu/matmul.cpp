#include "cpu/product.h"
#include "generated/cpu_kernels.gen.h"

namespace thinbit::cpu {

Fault quantized_matmul(Context& context, const QuantizedMatmulCall& call) {
  return multiply(context, product_of(call));
}

Fault quantized_addmm(Context& context, const QuantizedAddmmCall& call) {
  return multiply(context, product_of(call));
}

}  // namespace thinbit::cpu
