#pragma once

#include <string>

#include "generated/backend.gen.h"
#include "thinbit/thinbit.h"

namespace thinbit {

struct BackendEntry {
  thinbit_backend id;
  const Backend* backend;  // null where this build or machine has none
  const char* absence;     // why it is null
};

// The entry of a backend; null for a number that names none.
const BackendEntry* find_backend(thinbit_backend id);

// The names and numbers of all backends, for messages: "cpu (1), cuda (2)".
std::string backend_choices();

}  // namespace thinbit
