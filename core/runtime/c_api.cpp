#include "runtime/context.h"
#include "runtime/error.h"
#include "runtime/info.h"
#include "thinbit/thinbit.h"

extern "C" {

thinbit_status thinbit_context_create(const thinbit_context_options* options,
                                      thinbit_context** context, thinbit_error* error) noexcept {
  return thinbit::guarded(error, "context_create",
                          [&] { return thinbit::create_context(options, context, error); });
}

void thinbit_context_destroy(thinbit_context* context) noexcept { delete context; }

thinbit_status thinbit_context_sync(thinbit_context* context, thinbit_error* error) noexcept {
  if (context == nullptr) {
    return thinbit::report(error, THINBIT_INVALID_ARGUMENT, "context_sync", "context", "required",
                           "context is NULL, and must be one that thinbit_context_create made");
  }
  return thinbit::guarded(error, "context_sync", [&] { return context->sync(error); });
}

thinbit_status thinbit_get_info(thinbit_info* info, thinbit_error* error) noexcept {
  return thinbit::guarded(error, "get_info", [&] { return thinbit::get_info(info, error); });
}

}  // extern "C"
