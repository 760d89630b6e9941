#include "metal/presence.h"

#if THINBIT_HAS_METAL

#include "generated/metal_kernels.gen.h"
#include "metal/gpu.h"

namespace thinbit::metal {

const Backend* backend() { return Gpu::shared() != nullptr ? &kMetalBackend : nullptr; }

const char* absence() { return Gpu::shared() != nullptr ? nullptr : Gpu::absence(); }

}  // namespace thinbit::metal

#endif
