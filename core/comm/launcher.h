#pragma once

namespace thinbit {

// The environment variable by which a launcher of MPI jobs shows that it started this process; null
// outside a launcher.
const char* launcher_variable();

}  // namespace thinbit
