#include "runtime/thread_count.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <locale>
#include <string>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

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

// What the user wrote, safe to show: short, and without control characters.
std::string shown(const char* text) {
  std::string result;
  for (const char* c = text; *c != '\0' && result.size() < 24; ++c) {
    result += *c >= ' ' && *c <= '~' ? *c : '?';
  }
  return result.size() < std::strlen(text) ? result + "..." : result;
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

int usable_cpus() {
  const int present = static_cast<int>(std::thread::hardware_concurrency());
  const int allowed = std::min(affinity_cpus(), cgroup_cpus("/proc/self/cgroup", "/sys/fs/cgroup"));
  return std::clamp(present > 0 ? std::min(present, allowed) : allowed, 1, kMaxThreads);
}

int default_thread_count(std::string& problem) {
  const char* text = std::getenv("THINBIT_NUM_THREADS");
  if (text == nullptr || *text == '\0') return usable_cpus();
  const char* end = text + std::strlen(text);
  int threads = 0;
  const auto parsed = std::from_chars(text, end, threads);
  if (parsed.ec == std::errc() && parsed.ptr == end && threads >= 1 && threads <= kMaxThreads) {
    return threads;
  }
  problem = "the environment variable THINBIT_NUM_THREADS is \"" + shown(text) +
            "\", and must be a whole number from 1 to " + std::to_string(kMaxThreads);
  return 0;
}

}  // namespace thinbit
