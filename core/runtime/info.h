#pragma once

#include "thinbit/thinbit.h"

namespace thinbit {

// Fills the caller's struct, as far as its struct_size reaches, with what the library uses and why.
// Reports what is wrong with it as an error of `get_info`.
thinbit_status get_info(thinbit_info* info, thinbit_error* error);

}  // namespace thinbit
