#include "comm/mpi_lifetime.h"

#include <stdlib.h>
#include <unistd.h>

namespace thinbit {
namespace {

int groups = 0;             // that are alive
bool started_here = false;  // rather than by somebody else in the process

void finalize(const MpiFunctions& mpi) {
  int ended = 0;
  mpi.finalized(&ended);
  if (ended == 0) mpi.finalize();
}

#if defined(__GLIBC__)
MpiFunctions started;  // those of the MPI that was started here
pid_t starter = 0;     // the process that did; a forked child has none of its connections

void leave(int status, void*) {
  if (status != 0 || getpid() != starter) return;
  const std::lock_guard lock(mpi_mutex());
  finalize(started);
}

// Only this C library says at exit how the process ends.
void end_at_successful_exit(const MpiFunctions& mpi) {
  started = mpi;
  starter = getpid();
  on_exit(leave, nullptr);
}
#else
void end_at_successful_exit(const MpiFunctions&) {}
#endif

}  // namespace

std::mutex& mpi_mutex() {
  static std::mutex mutex;
  return mutex;
}

std::string start_mpi(const MpiLibrary& library) {
  const MpiFunctions& mpi = library.functions;
  int ended = 0;
  int begun = 0;
  mpi.finalized(&ended);
  mpi.initialized(&begun);
  if (ended != 0) {
    return "MPI has ended in this process, and cannot be started again: keep one group as long as "
           "the process needs any";
  }
  int level = 0;
  int code = kMpiSuccess;
  if (begun == 0) {
    code = mpi.init_thread(nullptr, nullptr, kMpiThreadSerialized, &level);
    started_here = code == kMpiSuccess;
    if (started_here) end_at_successful_exit(mpi);
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
  if (--groups == 0 && started_here) finalize(library.functions);
}

}  // namespace thinbit
