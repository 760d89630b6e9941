#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace thinbit {

// A reference to a callable body(begin, end) that outlives the call it is passed to.
class RangeBody {
 public:
  template <class Body>
  explicit RangeBody(const Body& body) : body_(&body), call_(&call<Body>) {}

  void operator()(int64_t begin, int64_t end) const { call_(body_, begin, end); }

 private:
  template <class Body>
  static void call(const void* body, int64_t begin, int64_t end) {
    (*static_cast<const Body*>(body))(begin, end);
  }

  const void* body_;
  void (*call_)(const void*, int64_t, int64_t);
};

// Threads that work on ranges together with the caller. All pools of a process share them: up to n
// - 1 of them help a pool of n threads, and while several calls run one joins a call only where
// fewer threads are at work than there are CPUs to use. They start at the first call that has work
// for them, look for more work for some microseconds after each call, sleep otherwise, and end with
// the last pool. A forked child has no threads of its parent: its first call starts new ones. A
// call from inside a body runs on its caller.
class ThreadPool {
 public:
  explicit ThreadPool(int threads);  // the caller counts as one of them
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  // Calls body(begin, end) on disjoint ranges that cover [0, count); returns when all are done.
  // Every begin is a multiple of `grain`, and so is every end but the last. Work of up to `grain`
  // items stays on the caller. What a body throws is thrown here, once all bodies have returned;
  // ranges not yet begun are dropped then.
  template <class Body>
  void parallel_for(int64_t count, int64_t grain, const Body& body) {
    if (count <= 0) return;
    if (threads_ == 1 || count <= grain) return body(int64_t{0}, count);
    run(count, grain, RangeBody(body));
  }

 private:
  class Workers;

  void run(int64_t count, int64_t grain, RangeBody body);
  Workers& workers();
  void forget_workers_of_parent();

  int threads_;
  std::atomic<bool> busy_{false};
  std::shared_ptr<Workers> workers_;
};

}  // namespace thinbit
