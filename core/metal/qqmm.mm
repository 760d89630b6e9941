#include "metal/presence.h"

#if THINBIT_HAS_METAL

#include "generated/metal_kernels.gen.h"
#include "metal/product.h"

namespace thinbit::metal {

Fault qqmm(Context& context, const QqmmCall& call) { return multiply(context, product_of(call)); }

Fault qqaddmm(Context& context, const QqaddmmCall& call) {
  return multiply(context, product_of(call));
}

Fault gather_qqmm(Context& context, const GatherQqmmCall& call) {
  return multiply(context, product_of(call));
}

}  // namespace thinbit::metal

#endif
