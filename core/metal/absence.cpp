// The Metal backend of builds for other systems: none.

#include "metal/presence.h"

#if !THINBIT_HAS_METAL

namespace thinbit::metal {

const Backend* backend() { return nullptr; }

const char* absence() { return "this build of thinbit has no Metal backend: Metal is Apple's"; }

}  // namespace thinbit::metal

#endif
