#include "runtime/environment.h"

#include <cstdlib>

namespace thinbit {

const char* environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

std::string shown(std::string_view text) {
  constexpr size_t kMost = 24;
  std::string result;
  for (const char c : text.substr(0, kMost)) result += c >= ' ' && c <= '~' ? c : '?';
  return text.size() > kMost ? result + "..." : result;
}

}  // namespace thinbit
