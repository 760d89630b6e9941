#pragma once

#include <string>

namespace thinbit {

constexpr int kMaxThreads = 1024;

// CPUs that this process may keep busy: its affinity mask, and on Linux the CPU quota of its cgroup
// (version 2) and of that group's ancestors, rounded up. At least 1; `limit` says which of these it
// is.
struct UsableCpus {
  int count;
  const char* limit;
};
UsableCpus find_usable_cpus();
int usable_cpus();

// The CPU quota of a cgroup and of its ancestors, rounded up to whole CPUs; kMaxThreads where there
// is none. `membership` is a file like /proc/self/cgroup, `mount` where version 2 is mounted.
int cgroup_cpus(const std::string& membership, const std::string& mount);

// Threads of a context that asks for none: what THINBIT_NUM_THREADS says; usable_cpus() where it is
// unset or empty. `reason` says which. `threads` is 0 where the variable is not a whole number from
// 1 to kMaxThreads; `reason` then says what is wrong.
struct DefaultThreads {
  int threads;
  std::string reason;
};
DefaultThreads default_threads();

}  // namespace thinbit
