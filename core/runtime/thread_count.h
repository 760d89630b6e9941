#pragma once

#include <string>

namespace thinbit {

constexpr int kMaxThreads = 1024;

// CPUs that this process may keep busy: its affinity mask, and on Linux the CPU quota of its cgroup
// (version 2) and of that group's ancestors, rounded up. At least 1.
int usable_cpus();

// The CPU quota of a cgroup and of its ancestors, rounded up to whole CPUs; kMaxThreads where there
// is none. `membership` is a file like /proc/self/cgroup, `mount` where version 2 is mounted.
int cgroup_cpus(const std::string& membership, const std::string& mount);

// Threads that THINBIT_NUM_THREADS asks for; usable_cpus() where it is unset or empty. 0 where its
// value is not a whole number from 1 to kMaxThreads; `problem` then says what is wrong.
int default_thread_count(std::string& problem);

}  // namespace thinbit
