#include "metal/presence.h"

#if THINBIT_HAS_METAL

#include "generated/metal_kernels.gen.h"
#include "metal/product.h"

namespace thinbit::metal {

Fault gather_qmm(Context& context, const GatherQmmCall& call) {
  return multiply(context, product_of(call));
}

}  // namespace thinbit::metal

#endif
