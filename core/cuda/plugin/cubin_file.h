#pragma once

#include <cstdint>
#include <string>

namespace thinbit::cuda {

// The name of the file beside the plugin that holds cubins built ahead: `make cubins` writes it,
// and a wheel is made with it where THINBIT_CUBINS names it.
//
//   "thinbit cubins 1\n", the number of cubins as uint64, then for each, in the order of the
//   hashes, uint64 hash, offset from the beginning of the file and bytes; then the cubins.
//   Little-endian.
constexpr char kCubinFile[] = "thinbit_cuda.cubins";

// The cubin of a module hash; empty where the file has none, or there is no file. A file that is
// cut off or of another format has none.
std::string prebuilt_cubin(uint64_t hash);

}  // namespace thinbit::cuda
