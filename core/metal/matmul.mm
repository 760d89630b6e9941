#include "metal/presence.h"

#if THINBIT_HAS_METAL

#include "generated/metal_kernels.gen.h"
#include "metal/product.h"

namespace thinbit::metal {

Fault quantized_matmul(Context& context, const QuantizedMatmulCall& call) {
  return multiply(context, product_of(call));
}

Fault quantized_addmm(Context& context, const QuantizedAddmmCall& call) {
  return multiply(context, product_of(call));
}

}  // namespace thinbit::metal

#endif
