#include "comm/loaded_libraries.h"

#include <string_view>

#if defined(__APPLE__)
#include <mach-o/dyld.h>
#else
#include <link.h>
#endif

namespace thinbit {
namespace {

// Whether a library is an MPI by its file name, such as libmpi.so.12, libmpich.so.12,
// libmpi.40.dylib.
bool is_mpi(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  for (const std::string_view stem : {"libmpi", "libmpich", "libmpi_abi", "libpmpi"}) {
    if (name.size() > stem.size() && name.substr(0, stem.size()) == stem &&
        name[stem.size()] == '.') {
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<std::string> loaded_mpi_libraries() {
  std::vector<std::string> found;
#if defined(__APPLE__)
  for (uint32_t i = 0; i < _dyld_image_count(); ++i) {
    const char* path = _dyld_get_image_name(i);
    if (path != nullptr && is_mpi(path)) found.emplace_back(path);
  }
#else
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* result) {
        if (is_mpi(info->dlpi_name)) {
          static_cast<std::vector<std::string>*>(result)->emplace_back(info->dlpi_name);
        }
        return 0;
      },
      &found);
#endif
  return found;
}

}  // namespace thinbit
