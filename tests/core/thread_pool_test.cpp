// The thread pool from inside.

#include "runtime/thread_pool.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include "expect.h"
#include "runtime/thread_count.h"

namespace {

using thinbit::ThreadPool;

// Whether each item of [0, count) was visited once, in ranges that begin at multiples of the grain.
bool covers(ThreadPool& pool, int64_t count, int64_t grain) {
  std::vector<int> visits(static_cast<size_t>(count), 0);
  std::atomic<bool> aligned{true};
  pool.parallel_for(count, grain, [&](int64_t begin, int64_t end) {
    if (grain > 0 && (begin % grain != 0 || (end % grain != 0 && end != count))) aligned = false;
    for (int64_t i = begin; i < end; ++i) ++visits[static_cast<size_t>(i)];
  });
  for (const int visit : visits) {
    if (visit != 1) return false;
  }
  return aligned;
}

void ranges_cover_everything_once() {
  for (const int threads : {1, 2, 5, 64}) {
    ThreadPool pool(threads);
    EXPECT(pool.threads() == threads);
    for (const int64_t count : {0, 1, 2, 7, 100, 1001, 20000}) {
      for (const int64_t grain : {0, 1, 3, 64, 5000}) EXPECT(covers(pool, count, grain));
    }
  }
}

void the_number_of_threads_has_bounds() {
  EXPECT(ThreadPool(0).threads() == 1);
  EXPECT(ThreadPool(1 << 20).threads() == thinbit::kMaxThreads);
  EXPECT(thinbit::usable_cpus() >= 1);
}

void small_work_stays_on_the_caller() {
  ThreadPool pool(4);
  const auto caller = std::this_thread::get_id();
  pool.parallel_for(64, 64, [&](int64_t begin, int64_t end) {
    EXPECT(begin == 0 && end == 64);
    EXPECT(std::this_thread::get_id() == caller);
  });
}

void large_counts_do_not_overflow() {
  ThreadPool pool(2);
  constexpr int64_t kMost = INT64_MAX;
  std::atomic<uint64_t> total{0};
  pool.parallel_for(
      kMost, 1, [&](int64_t begin, int64_t end) { total += static_cast<uint64_t>(end - begin); });
  EXPECT(total == static_cast<uint64_t>(kMost));
  pool.parallel_for(kMost, kMost - 1, [&](int64_t begin, int64_t end) {
    total -= static_cast<uint64_t>(end - begin);
  });
  EXPECT(total == 0);
}

void what_a_body_throws_reaches_the_caller() {
  ThreadPool pool(4);
  for (int round = 0; round < 100; ++round) {
    bool caught = false;
    try {
      pool.parallel_for(1000, 1, [](int64_t begin, int64_t end) {
        if (begin <= 500 && 500 < end) throw std::bad_alloc();
      });
    } catch (const std::bad_alloc&) {
      caught = true;
    }
    EXPECT(caught);
  }
  EXPECT(covers(pool, 1000, 1));
}

void a_call_from_inside_a_body_runs_there() {
  ThreadPool pool(4);
  std::atomic<int64_t> items{0};
  pool.parallel_for(16, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      pool.parallel_for(10, 1, [&](int64_t from, int64_t to) { items += to - from; });
    }
  });
  EXPECT(items == 160);
}

void pools_work_side_by_side() {
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      ThreadPool pool(3);
      for (int round = 0; round < 100; ++round) wrong += covers(pool, 500, 7) ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT(wrong == 0);
}

#if defined(__linux__) && !defined(__SANITIZE_THREAD__)  // TSan has a thread of its own
int threads_of_this_process() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    (void)entry;
    ++count;
  }
  return count;
}

// A thread that ends is still listed for a moment.
bool comes_down_to(int count) {
  for (int i = 0; i < 1000; ++i) {
    if (threads_of_this_process() <= count) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

void pools_share_their_threads_and_end_them() {
  constexpr int kAlone = 1;
  constexpr int kPools = 6;
  EXPECT(comes_down_to(kAlone));
  std::atomic<int> most{0};
  auto first = std::make_unique<ThreadPool>(3);  // so that no pool is the last before the end
  EXPECT(covers(*first, 500, 7));
  std::vector<std::thread> callers;
  for (int i = 0; i < kPools; ++i) {
    callers.emplace_back([&] {
      ThreadPool pool(3);
      for (int round = 0; round < 50; ++round) {
        covers(pool, 500, 7);
        most = std::max(most.load(), threads_of_this_process());
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT(most <= kAlone + kPools + 2);
  EXPECT(comes_down_to(kAlone + 2));
  first.reset();
  EXPECT(comes_down_to(kAlone));
}
#endif

[[maybe_unused]] void a_child_that_was_forked_while_others_work_does_not_hang() {
  ThreadPool mine(3);
  EXPECT(covers(mine, 1000, 1));
  std::atomic<bool> stop{false};
  std::thread other([&] {
    ThreadPool pool(3);
    while (!stop) covers(pool, 200, 1);
  });
  for (int round = 0; round < 20; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(60);
      _exit(covers(mine, 1000, 1) ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT(status == 0);
  }
  stop = true;
  other.join();
}

}  // namespace

int main() {
  RUN(ranges_cover_everything_once);
  RUN(the_number_of_threads_has_bounds);
  RUN(small_work_stays_on_the_caller);
  RUN(large_counts_do_not_overflow);
  RUN(what_a_body_throws_reaches_the_caller);
  RUN(a_call_from_inside_a_body_runs_there);
  RUN(pools_work_side_by_side);
#if defined(__linux__) && !defined(__SANITIZE_THREAD__)
  RUN(pools_share_their_threads_and_end_them);
#endif
#if !defined(__SANITIZE_THREAD__)  // TSan does not know threads that a forked child starts
  RUN(a_child_that_was_forked_while_others_work_does_not_hang);
#endif
  return REPORT();
}
