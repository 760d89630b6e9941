#pragma once

#include <string>

#include "generated/backend.gen.h"
#include "thinbit/thinbit.h"

namespace thinbit {

struct BackendEntry {
  thinbit_backend id;
  const Backend* backend;  // null where this build or machine has none
  const char* absence;     // why it is null

  // Of a backend whose devices are numbered: how many there are, and what a new context needs of
  // its device and stream. Null where there is one device, and no stream that a caller could have
  // made.
  int32_t (*device_count)();
  Fault (*open)(Context& context, void* stream);
};

// The entry of a backend; null for a number that names none.
const BackendEntry* find_backend(thinbit_backend id);

// The names and numbers of all backends, for messages: "cpu (1), cuda (2)".
std::string backend_choices();

}  // namespace thinbit
