#include "comm/mpi_library.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "comm/loaded_libraries.h"
#include "runtime/environment.h"

namespace thinbit {
namespace {

// The versioned name: the unversioned file may be a script for linkers.
#if defined(__APPLE__)
constexpr const char* kFileName = "libmpi_abi.1.dylib";
#else
constexpr const char* kFileName = "libmpi_abi.so.1";
#endif

struct Candidate {
  std::string path;
  std::string origin;  // who named it
  bool only;           // whether no other is tried
};

std::vector<Candidate> candidates(const char* library, const char* folder) {
  if (library != nullptr) return {{library, "the argument library", true}};
  if (const char* named = environment("THINBIT_MPI_LIBRARY")) {
    return {{named, "THINBIT_MPI_LIBRARY", true}};
  }
  std::vector<Candidate> found;
  const auto add = [&](const char* lib, const char* origin) {
    found.push_back({std::string(lib) + "/" + kFileName, origin, false});
  };
  if (folder != nullptr) add(folder, "the argument folder");
  for (const char* name : {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
    if (const char* root = environment(name)) add((std::string(root) + "/lib").c_str(), name);
  }
  found.push_back({kFileName, "the system", false});
  return found;
}

std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&free)> real(realpath(path.c_str(), nullptr), &free);
  return real != nullptr ? real.get() : path;
}

// Leaves the function of a name in `function`; whether there is one.
template <class Function>
bool find(void* handle, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(handle, name));
  return function != nullptr;
}

// The name of the function that the library lacks; null where it has them all.
const char* resolve(void* handle, MpiFunctions& mpi) {
  const char* missing = nullptr;
  const auto take = [&](const char* name, auto& function) {
    if (!find(handle, name, function) && missing == nullptr) missing = name;
  };
  take("MPI_Initialized", mpi.initialized);
  take("MPI_Finalized", mpi.finalized);
  take("MPI_Init_thread", mpi.init_thread);
  take("MPI_Query_thread", mpi.query_thread);
  take("MPI_Finalize", mpi.finalize);
  take("MPI_Comm_dup", mpi.comm_dup);
  take("MPI_Comm_free", mpi.comm_free);
  take("MPI_Comm_rank", mpi.comm_rank);
  take("MPI_Comm_size", mpi.comm_size);
  take("MPI_Comm_set_errhandler", mpi.comm_set_errhandler);
  take("MPI_Allreduce_c", mpi.allreduce);
  take("MPI_Allgather_c", mpi.allgather);
  take("MPI_Barrier", mpi.barrier);
  take("MPI_Error_string", mpi.error_string);
  return missing;
}

// The file that a function lies in, as the loader knows it.
std::string file_of(const void* function) {
  Dl_info info = {};
  return dladdr(function, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : "";
}

// Why a candidate that opened cannot be used; empty where it can.
std::string problem_of(void* handle, MpiLibrary& result) {
  const char* missing = resolve(handle, result.functions);
  if (missing == nullptr) {
    result.path = real_path(file_of(reinterpret_cast<const void*>(result.functions.init_thread)));
    return "";
  }
  return std::string("it has no function ") + missing + ", which the standard ABI of MPI 5 has";
}

// An MPI that someone else has loaded and that `path` is not; empty where there is none.
std::string other_mpi(const std::vector<std::string>& loaded, const std::string& path) {
  for (const std::string& each : loaded) {
    if (real_path(each) != path) return each;
  }
  return "";
}

}  // namespace

std::string MpiLibrary::error_text(int code) const {
  char text[kMpiMaxErrorString] = {};
  int length = 0;
  if (functions.error_string(code, text, &length) != kMpiSuccess) return std::to_string(code);
  return {text, static_cast<size_t>(std::clamp(length, 0, kMpiMaxErrorString))};
}

MpiLibrary open_mpi_library(const char* library, const char* folder) {
  const std::vector<std::string> loaded = loaded_mpi_libraries();  // before ours is one of them
  MpiLibrary result;
  std::string tried;
  for (const Candidate& candidate : candidates(library, folder)) {
    // Names without a folder are searched for by the loader; whatever is loaded would be found.
    void* handle = dlopen(candidate.path.c_str(), RTLD_NOW | RTLD_LOCAL);
    const char* error = handle == nullptr ? dlerror() : nullptr;
    std::string why = handle == nullptr ? (error != nullptr ? error : "it cannot be opened")
                                        : problem_of(handle, result);
    if (why.empty()) {
      const std::string other = other_mpi(loaded, result.path);
      if (other.empty()) return result;
      result.problem = "this process has loaded another MPI, " + other + ", and two of them end " +
                       "it: load only one, or set THINBIT_MPI_LIBRARY to that one where it has " +
                       "the standard ABI";
      return result;
    }
    tried += (tried.empty() ? "" : "; ") + candidate.path + " (" + candidate.origin + "): " + why;
    if (candidate.only) break;
  }
  result.problem =
      "no MPI library could be opened; install one with `pip install mpich`, or set "
      "THINBIT_MPI_LIBRARY to the path of a " +
      std::string(kFileName) + ". Tried: " + tried;
  return result;
}

}  // namespace thinbit
