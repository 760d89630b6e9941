#pragma once

#include <string>
#include <vector>

namespace thinbit {

// The paths of the MPI libraries that this process has loaded already, whoever did it.
std::vector<std::string> loaded_mpi_libraries();

}  // namespace thinbit
