#pragma once

#include <string>
#include <vector>

namespace thinbit {

// Texts that callers may hold for as long as the library is loaded: each different one is kept
// once, whatever the environment says from call to call.
const char* kept(const std::string& text);

// A list of such texts that ends with null.
const char* const* kept(const std::vector<std::string>& texts);

}  // namespace thinbit
