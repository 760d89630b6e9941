#include "runtime/kept_texts.h"

#include <map>
#include <mutex>
#include <set>

namespace thinbit {
namespace {

struct Kept {
  std::mutex mutex;
  std::set<std::string> texts;
  std::map<std::vector<std::string>, std::vector<const char*>> lists;
};

// Never destroyed: threads may hold a text while the process ends.
Kept& all() {
  static Kept& kept = *new Kept;
  return kept;
}

}  // namespace

const char* kept(const std::string& text) {
  const std::lock_guard<std::mutex> lock(all().mutex);
  return all().texts.insert(text).first->c_str();
}

const char* const* kept(const std::vector<std::string>& texts) {
  const std::lock_guard<std::mutex> lock(all().mutex);
  const auto [entry, is_new] = all().lists.try_emplace(texts);
  if (is_new) {
    for (const std::string& text : entry->first) entry->second.push_back(text.c_str());
    entry->second.push_back(nullptr);
  }
  return entry->second.data();
}

}  // namespace thinbit
