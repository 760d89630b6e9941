#pragma once

#include <string>
#include <vector>

#include "vector_case.h"

namespace thinbit_test {

// What is wrong with the result of a case, a line each; nothing when it is as expected.
std::vector<std::string> differences(const VectorCase& vector_case, const VectorResult& result);

}  // namespace thinbit_test
