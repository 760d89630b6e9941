#pragma once

#include <memory>

#include "generated/backend.gen.h"
#include "runtime/context.h"
#include "runtime/fault.h"

namespace thinbit::cuda {

// The backend; null where there is no plugin, no driver or no GPU. The first call opens the plugin.
const Backend* backend();

// Why there is none; null where there is one.
const char* absence();

// GPUs that the driver shows.
int32_t device_count();

// Gives a new context its session on a device that exists.
Fault open(Context& context, void* stream);

}  // namespace thinbit::cuda
