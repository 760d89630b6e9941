#pragma once

#include "generated/backend.gen.h"

// Whether this build has the Metal backend: on Apple's systems, and where the tests run it on their
// emulation (tests/metal).
#if defined(__APPLE__) || defined(THINBIT_METAL_EMULATION)
#define THINBIT_HAS_METAL 1
#else
#define THINBIT_HAS_METAL 0
#endif

namespace thinbit::metal {

// The backend; null where this build or machine has none.
const Backend* backend();

// Why there is none; null where there is one.
const char* absence();

}  // namespace thinbit::metal
