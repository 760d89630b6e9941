#include "cuda/plugin/cubin_file.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <vector>

namespace thinbit::cuda {
namespace {

constexpr char kMagic[] = "thinbit cubins 1\n";
constexpr size_t kMagicBytes = sizeof kMagic - 1;
constexpr uint64_t kMostCubins = 1 << 16;

struct Entry {
  uint64_t hash;
  uint64_t offset;
  uint64_t bytes;
};

// The index is read once; cubins when they are asked for.
struct Index {
  std::string path;
  uint64_t file_bytes = 0;
  std::vector<Entry> entries;
};

std::string path_beside_plugin() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&path_beside_plugin), &info) == 0) return kCubinFile;
  const std::string path = info.dli_fname;
  return path.substr(0, path.rfind('/') + 1) + kCubinFile;
}

Index read_index() {
  Index index;
  index.path = path_beside_plugin();
  std::ifstream file(index.path, std::ios::binary | std::ios::ate);
  if (!file) return index;
  index.file_bytes = static_cast<uint64_t>(file.tellg());
  file.seekg(0);
  char magic[kMagicBytes];
  uint64_t count = 0;
  file.read(magic, sizeof magic);
  file.read(reinterpret_cast<char*>(&count), sizeof count);
  if (!file || std::memcmp(magic, kMagic, sizeof magic) != 0 || count > kMostCubins) return index;
  std::vector<Entry> entries(count);
  file.read(reinterpret_cast<char*>(entries.data()),
            static_cast<std::streamsize>(count * sizeof(Entry)));
  if (file) index.entries = std::move(entries);
  return index;
}

}  // namespace

std::string prebuilt_cubin(uint64_t hash) {
  static const Index index = read_index();
  const auto found =
      std::lower_bound(index.entries.begin(), index.entries.end(), hash,
                       [](const Entry& entry, uint64_t wanted) { return entry.hash < wanted; });
  if (found == index.entries.end() || found->hash != hash) return "";
  if (found->offset > index.file_bytes || found->bytes > index.file_bytes - found->offset)
    return "";
  std::ifstream file(index.path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(found->offset));
  std::string cubin(found->bytes, '\0');
  file.read(cubin.data(), static_cast<std::streamsize>(cubin.size()));
  return file ? cubin : "";
}

}  // namespace thinbit::cuda
