#include "comm/mpi_lifetime.h"

namespace thinbit {
namespace {

int groups = 0;             // that are alive
bool started_here = false;  // rather than by somebody else in the process

}  // namespace

std::mutex& mpi_mutex() {
  static std::mutex mutex;
  return mutex;
}

std::string start_mpi(const MpiLibrary& library) {
  const MpiFunctions& mpi = library.functions;
  int ended = 0;
  int started = 0;
  mpi.finalized(&ended);
  mpi.initialized(&started);
  if (ended != 0) {
    return "MPI has ended in this process, and cannot be started again: keep one group as long as "
           "the process needs any";
  }
  int level = 0;
  int code = kMpiSuccess;
  if (started == 0) {
    code = mpi.init_thread(nullptr, nullptr, kMpiThreadSerialized, &level);
    started_here = code == kMpiSuccess;
  } else {
    code = mpi.query_thread(&level);
  }
  if (code != kMpiSuccess) return "MPI could not be started: " + library.error_text(code);
  if (level < kMpiThreadSerialized) {
    return "MPI was started for a single thread; it has to be started for MPI_THREAD_SERIALIZED or "
           "MPI_THREAD_MULTIPLE";
  }
  ++groups;
  return "";
}

void end_mpi(const MpiLibrary& library) {
  if (--groups > 0 || !started_here) return;
  int ended = 0;
  library.functions.finalized(&ended);
  if (ended == 0) library.functions.finalize();
}

}  // namespace thinbit
