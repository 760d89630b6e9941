// How many threads a context gets where nobody says it.

#include "runtime/thread_count.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "expect.h"

#if defined(__linux__)
#include <sched.h>
#endif

namespace {

using thinbit::cgroup_cpus;
using thinbit::kMaxThreads;

// A cgroup tree in a directory of its own.
class Tree {
 public:
  Tree() {
    std::string pattern = (std::filesystem::temp_directory_path() / "thinbit-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
  }
  ~Tree() { std::filesystem::remove_all(root_); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  void quota(const std::string& group, const std::string& text) const {
    std::filesystem::create_directories(root_ + group);
    std::ofstream(root_ + group + "/cpu.max") << text << "\n";
  }

  int cpus(const std::string& membership) const {
    std::ofstream(root_ + "/membership") << membership << "\n";
    return cgroup_cpus(root_ + "/membership", root_);
  }

 private:
  std::string root_;
};

void a_quota_is_rounded_up() {
  const Tree tree;
  tree.quota("", "150000 100000");
  EXPECT(tree.cpus("0::/") == 2);
  tree.quota("", "100000 100000");
  EXPECT(tree.cpus("0::/") == 1);
  tree.quota("", "1000 100000");
  EXPECT(tree.cpus("0::/") == 1);
}

void the_narrowest_of_the_ancestors_counts() {
  const Tree tree;
  tree.quota("", "max 100000");
  tree.quota("/a", "300000 100000");
  tree.quota("/a/b", "700000 100000");
  EXPECT(tree.cpus("0::/a/b") == 3);
  EXPECT(tree.cpus("1:cpu:/x\n0::/a") == 3);
  tree.quota("/a/b", "200000 100000");
  EXPECT(tree.cpus("0::/a/b") == 2);
}

void what_is_no_quota_does_not_limit() {
  const Tree tree;
  EXPECT(tree.cpus("0::/nowhere") == kMaxThreads);
  for (const char* text : {"max 100000", "", "0 100000", "100000 0", "-1 100000", "words"}) {
    tree.quota("", text);
    EXPECT(tree.cpus("0::/") == kMaxThreads);
  }
  tree.quota("", "99999999999999 1");
  EXPECT(tree.cpus("0::/") == kMaxThreads);
  EXPECT(cgroup_cpus("/no/such/file", "/no/such/directory") == kMaxThreads);
}

void the_affinity_mask_counts() {
#if defined(__linux__)
  cpu_set_t before;
  EXPECT(sched_getaffinity(0, sizeof before, &before) == 0);
  int first = 0;
  while (!CPU_ISSET(static_cast<size_t>(first), &before)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<size_t>(first), &one);
  EXPECT(sched_setaffinity(0, sizeof one, &one) == 0);
  EXPECT(thinbit::usable_cpus() == 1);
  if (CPU_COUNT(&before) > 1) {
    EXPECT_TEXT(thinbit::find_usable_cpus().limit, "the CPUs that the process is bound to");
  }
  EXPECT(sched_setaffinity(0, sizeof before, &before) == 0);
#endif
}

void the_environment_decides_where_it_is_set() {
  setenv("THINBIT_NUM_THREADS", "7", 1);
  EXPECT(thinbit::default_threads().threads == 7);
  EXPECT_TEXT(thinbit::default_threads().reason.c_str(), "THINBIT_NUM_THREADS");
  for (const char* text : {"", static_cast<const char*>(nullptr)}) {
    text != nullptr ? setenv("THINBIT_NUM_THREADS", text, 1) : unsetenv("THINBIT_NUM_THREADS");
    EXPECT(thinbit::default_threads().threads == thinbit::usable_cpus());
    EXPECT(thinbit::default_threads().reason == thinbit::find_usable_cpus().limit);
  }
  setenv("THINBIT_NUM_THREADS", "a\nfew", 1);
  EXPECT(thinbit::default_threads().threads == 0);
  EXPECT(thinbit::default_threads().reason.find("\"a?few\", and must be") != std::string::npos);
  unsetenv("THINBIT_NUM_THREADS");
}

}  // namespace

int main() {
  RUN(a_quota_is_rounded_up);
  RUN(the_narrowest_of_the_ancestors_counts);
  RUN(what_is_no_quota_does_not_limit);
  RUN(the_affinity_mask_counts);
  RUN(the_environment_decides_where_it_is_set);
  return REPORT();
}
