#pragma once

#include <string>
#include <vector>

#include "vector_case.h"

namespace thinbit_test {

// The cases of a .vectors file. Throws std::runtime_error, which names the file and the byte, for a
// malformed one.
std::vector<VectorCase> read_vectors(const std::string& path);

}  // namespace thinbit_test
