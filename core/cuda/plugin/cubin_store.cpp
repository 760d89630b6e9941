#include "cuda/plugin/cubin_store.h"

#include "cuda/plugin/compiler.h"
#include "cuda/plugin/cubin_file.h"
#include "cuda/plugin/disk_cache.h"

namespace thinbit::cuda {
namespace {

// FNV-1a; a text ends with a NUL.
uint64_t hashed(uint64_t hash, const std::string& text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash * 1099511628211u;
}

}  // namespace

uint64_t module_hash(const ModuleInfo& module, const std::string& architecture) {
  uint64_t hash = hashed(14695981039346656037u, source_of(module));
  for (const std::string& option : compile_options(module, architecture)) {
    hash = hashed(hash, option);
  }
  return hash;
}

std::string cubin_of(const ModuleInfo& module, const std::string& architecture) {
  const uint64_t hash = module_hash(module, architecture);
  std::string cubin = prebuilt_cubin(hash);
  if (!cubin.empty()) return cubin;
  const std::string version = compiler_version();
  cubin = cached_cubin(hash, version);
  if (!cubin.empty()) return cubin;
  cubin = compile(module, architecture);
  cache_cubin(hash, version, cubin);
  return cubin;
}

}  // namespace thinbit::cuda
