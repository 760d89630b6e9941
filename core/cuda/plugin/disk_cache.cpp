#include "cuda/plugin/disk_cache.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/environment.h"

namespace thinbit::cuda {
namespace {

namespace fs = std::filesystem;

fs::path folder() {
  if (const char* own = environment("THINBIT_CUDA_CACHE")) return own;
  if (const char* cache = environment("XDG_CACHE_HOME")) return fs::path(cache) / "thinbit/cubins";
  if (const char* home = environment("HOME")) return fs::path(home) / ".cache/thinbit/cubins";
  return {};
}

fs::path path_of(uint64_t hash, const std::string& compiler_version) {
  char name[32];
  std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(hash));
  return folder() / (std::string(name) + "-nvrtc-" + compiler_version + ".cubin");
}

}  // namespace

std::string cached_cubin(uint64_t hash, const std::string& compiler_version) {
  if (folder().empty() || compiler_version.empty()) return "";
  std::ifstream file(path_of(hash, compiler_version), std::ios::binary);
  if (!file) return "";
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

void cache_cubin(uint64_t hash, const std::string& compiler_version, const std::string& cubin) {
  if (folder().empty()) return;
  static std::atomic<unsigned> count{0};
  std::error_code failure;
  fs::create_directories(folder(), failure);
  const fs::path path = path_of(hash, compiler_version);
  // A name that no other process or thread writes; the rename is atomic.
  fs::path temporary = path;
  temporary += "." + std::to_string(getpid()) + "." + std::to_string(count++);
  std::ofstream file(temporary, std::ios::binary);
  file.write(cubin.data(), static_cast<std::streamsize>(cubin.size()));
  file.close();
  if (file) {
    fs::rename(temporary, path, failure);
    if (!failure) return;
  }
  fs::remove(temporary, failure);
}

}  // namespace thinbit::cuda
