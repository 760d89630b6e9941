#pragma once

#include <string>
#include <string_view>

namespace thinbit {

// The value of an environment variable; null where it is unset or empty.
const char* environment(const char* name);

// What the user wrote, safe to show: short, and without control characters.
std::string shown(std::string_view text);

}  // namespace thinbit
