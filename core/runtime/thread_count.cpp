#include "runtime/thread_count.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <locale>
#include <string>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

#include "runtime/environment.h"

namespace thinbit {
namespace {

#if defined(__linux__)

int affinity_cpus() {
  std::vector<cpu_set_t> mask(16);  // the kernel refuses a mask that is shorter than its own
  const size_t bytes = mask.size() * sizeof(cpu_set_t);
  if (sched_getaffinity(0, bytes, mask.data()) != 0) return kMaxThreads;
  return CPU_COUNT_S(bytes, mask.data());
}

#else

int affinity_cpus() { return kMaxThreads; }

#endif

// The quota in a cpu.max file, "QUOTA PERIOD" in microseconds, in whole CPUs; kMaxThreads for "max
// PERIOD" or no file.
int quota_cpus(const std::string& path) {
  std::ifstream file(path);
  file.imbue(std::locale::classic());
  int64_t quota = 0;
  int64_t period = 0;
  if (!(file >> quota >> period) || quota <= 0 || period <= 0) return kMaxThreads;
  return static_cast<int>(std::min<int64_t>((quota - 1) / period + 1, kMaxThreads));
}

}  // namespace

int cgroup_cpus(const std::string& membership, const std::string& mount) {
  std::ifstream file(membership);
  std::string line;
  std::string group;
  while (std::getline(file, line)) {
    if (line.rfind("0::", 0) == 0) group = line.substr(3);
  }
  int cpus = quota_cpus(mount + "/cpu.max");
  while (group.size() > 1) {
    cpus = std::min(cpus, quota_cpus(mount + group + "/cpu.max"));
    group.resize(std::min(group.rfind('/'), group.size() - 1));
  }
  return cpus;
}

UsableCpus find_usable_cpus() {
  const int present = static_cast<int>(std::thread::hardware_concurrency());
  UsableCpus usable = {present > 0 ? present : kMaxThreads, "the CPUs of the machine"};
  const auto limit = [&usable](int cpus, const char* what) {
    if (cpus < usable.count) usable = {cpus, what};
  };
  limit(affinity_cpus(), "the CPUs that the process is bound to");
  limit(cgroup_cpus("/proc/self/cgroup", "/sys/fs/cgroup"), "the CPU quota of the cgroup");
  usable.count = std::clamp(usable.count, 1, kMaxThreads);
  return usable;
}

int usable_cpus() { return find_usable_cpus().count; }

DefaultThreads default_threads() {
  constexpr const char* kVariable = "THINBIT_NUM_THREADS";
  const char* text = environment(kVariable);
  if (text == nullptr) {
    const UsableCpus usable = find_usable_cpus();
    return {usable.count, usable.limit};
  }
  const char* end = text + std::strlen(text);
  int threads = 0;
  const auto parsed = std::from_chars(text, end, threads);
  if (parsed.ec == std::errc() && parsed.ptr == end && threads >= 1 && threads <= kMaxThreads) {
    return {threads, kVariable};
  }
  return {0, std::string("the environment variable ") + kVariable + " is \"" + shown(text) +
                 "\", and must be a whole number from 1 to " + std::to_string(kMaxThreads)};
}

}  // namespace thinbit
