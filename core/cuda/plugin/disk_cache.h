#pragma once

#include <cstdint>
#include <string>

namespace thinbit::cuda {

// Cubins that libnvrtc made, kept from process to process in THINBIT_CUDA_CACHE, else
// XDG_CACHE_HOME/thinbit/cubins, else ~/.cache/thinbit/cubins; nowhere where none of these is
// known. A file is complete or not there, whatever ends the process that writes it.

// The cubin of a module hash from a version of the compiler; empty where it is not kept.
std::string cached_cubin(uint64_t hash, const std::string& compiler_version);

// Keeps a cubin. Where that fails, the next process compiles again.
void cache_cubin(uint64_t hash, const std::string& compiler_version, const std::string& cubin);

}  // namespace thinbit::cuda
