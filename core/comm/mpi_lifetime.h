#pragma once

#include <mutex>
#include <string>

#include "comm/mpi_library.h"

namespace thinbit {

// One thread at a time calls MPI, as its level "serialized" asks.
std::mutex& mpi_mutex();

// Starts MPI for one group more, unless somebody else in the process has. Empty, or what went
// wrong; held: mpi_mutex(). Where the C library tells how a process ends (glibc), an exit with
// status 0 ends what was started here; another leaves that to the launcher.
std::string start_mpi(const MpiLibrary& library);

// Ends MPI with the last of the groups that it was started for. Held: mpi_mutex().
void end_mpi(const MpiLibrary& library);

}  // namespace thinbit
