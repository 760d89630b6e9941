#pragma once

#include <string>

#include "comm/mpi_abi.h"

namespace thinbit {

// What to open, or why there is none.
struct MpiLibrary {
  MpiFunctions functions = {};
  std::string path;
  std::string problem;  // empty where it could be opened

  // What an error code of this library means.
  std::string error_text(int code) const;
};

// Opens an MPI library: `library` where it is not null, else THINBIT_MPI_LIBRARY, else the one in
// `folder` or in the active Python environment, else the system's. Where one of the first two is
// given and cannot be opened, no other is tried. What is opened stays loaded.
MpiLibrary open_mpi_library(const char* library, const char* folder);

}  // namespace thinbit
