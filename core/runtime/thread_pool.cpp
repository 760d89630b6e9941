#include "runtime/thread_pool.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/thread_count.h"

namespace thinbit {
namespace {

// More ranges than threads, so that one slow thread does not hold up the others.
constexpr int64_t kRangesPerThread = 4;

// Rounds of waiting before a thread sleeps, some tens of microseconds: waking a sleeper costs more
// than a small matrix.
constexpr int kSpins = 2000;

void pause_briefly() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// One call of parallel_for. Threads take ranges until none is left.
class Job {
 public:
  Job(int64_t count, int64_t range, RangeBody body)
      : count_(count), range_(range), ranges_((count - 1) / range + 1), body_(body) {}

  int64_t ranges() const { return ranges_; }
  bool has_ranges_left() const { return next_.load(std::memory_order_relaxed) < ranges_; }

  void work() noexcept {
    for (;;) {
      const int64_t index = next_.fetch_add(1, std::memory_order_relaxed);
      if (index >= ranges_) return;
      const int64_t begin = index * range_;
      try {
        body_(begin, begin + std::min(range_, count_ - begin));
      } catch (...) {
        if (!failed_.exchange(true)) error_ = std::current_exception();
        next_.store(ranges_, std::memory_order_relaxed);
      }
    }
  }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  const int64_t count_;
  const int64_t range_;
  const int64_t ranges_;
  const RangeBody body_;
  std::atomic<int64_t> next_{0};
  std::atomic<bool> failed_{false};
  std::exception_ptr error_;
};

// Signals are for the threads of the program, not for these.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

class ThreadPool::Workers {
 public:
  // Those of this process; they end with the last pool that holds them.
  static std::shared_ptr<Workers> of_this_process();

  Workers() : process_(getpid()), cpus_(usable_cpus()) {}

  ~Workers() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
      round_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  bool are_of_this_process() const { return process_ == getpid(); }

  // Does a job on the caller and at most `helpers` threads more.
  void run(Job& job, int helpers) {
    Call call{&job, helpers};
    int64_t asleep = 0;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      start(helpers);
      calls_.push_back(&call);
      ++working_;
      round_.fetch_add(1, std::memory_order_release);
      asleep = std::min<int64_t>(helpers, job.ranges() - 1);
    }
    for (int64_t i = 0; i < asleep; ++i) wake_.notify_one();
    job.work();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      calls_.erase(std::find(calls_.begin(), calls_.end(), &call));  // nobody joins any more
    }
    for (int i = 0; i < kSpins && call.joined.load(std::memory_order_acquire) != 0; ++i) {
      pause_briefly();
    }
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [&] { return call.joined.load(std::memory_order_acquire) == 0; });
    leave();
  }

 private:
  struct Call {
    Job* job;
    int helpers;
    std::atomic<int> joined{0};  // written under mutex_
  };

  // All below are called under mutex_.

  void start(int count) {
    const SignalsBlocked blocked;
    try {
      while (static_cast<int>(threads_.size()) < count) {
        threads_.emplace_back([this] { serve(); });
      }
    } catch (const std::exception&) {
      // The machine gives no more threads: those that started, and the callers, do the work.
    }
  }

  // The oldest call that may have one more helper.
  Call* next_call() const {
    for (Call* call : calls_) {
      const int joined = call->joined.load(std::memory_order_relaxed);
      const bool has_room = working_ < std::max(cpus_, call->helpers + 1);
      if (joined < call->helpers && has_room && call->job->has_ranges_left()) return call;
    }
    return nullptr;
  }

  // One thread fewer at work makes room for a helper of another call.
  void leave() {
    --working_;
    if (calls_.empty()) return;
    round_.fetch_add(1, std::memory_order_release);
    wake_.notify_one();
  }

  void serve() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stop_) {
      Call* const call = next_call();
      if (call == nullptr) {
        wait_for_work(lock);
        continue;
      }
      call->joined.fetch_add(1, std::memory_order_relaxed);
      ++working_;
      lock.unlock();
      call->job->work();
      lock.lock();
      if (call->joined.fetch_sub(1, std::memory_order_acq_rel) == 1) done_.notify_all();
      leave();
    }
  }

  // Looks for a new round before it sleeps, where there is a CPU to spare for that.
  void wait_for_work(std::unique_lock<std::mutex>& lock) {
    const uint64_t seen = round_.load(std::memory_order_relaxed);
    if (working_ < cpus_ && static_cast<int>(threads_.size()) < cpus_) {
      lock.unlock();
      for (int i = 0; i < kSpins && round_.load(std::memory_order_acquire) == seen; ++i) {
        pause_briefly();
      }
      lock.lock();
    }
    wake_.wait(lock, [&] { return round_.load(std::memory_order_relaxed) != seen; });
  }

  const pid_t process_;
  const int cpus_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::vector<Call*> calls_;        // under mutex_, as are the next four; oldest first
  int working_ = 0;                 // callers and those that help them
  std::atomic<uint64_t> round_{0};  // counts what a sleeper would want to know
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

namespace {

// Where the pools of a process find their threads. A forked child makes one of its own: the lock of
// its parent's may be held by a thread that the child does not have.
template <class Workers>
struct Meeting {
  const pid_t process = getpid();
  std::mutex mutex;
  std::weak_ptr<Workers> workers;
};

}  // namespace

std::shared_ptr<ThreadPool::Workers> ThreadPool::Workers::of_this_process() {
  static std::atomic<Meeting<Workers>*> current{nullptr};
  Meeting<Workers>* meeting = current.load(std::memory_order_acquire);
  while (meeting == nullptr || meeting->process != getpid()) {
    auto mine = std::make_unique<Meeting<Workers>>();
    if (current.compare_exchange_strong(meeting, mine.get(), std::memory_order_acq_rel)) {
      meeting = mine.release();
    }
  }
  const std::lock_guard<std::mutex> lock(meeting->mutex);
  std::shared_ptr<Workers> workers = meeting->workers.lock();
  if (!workers) meeting->workers = workers = std::make_shared<Workers>();
  return workers;
}

ThreadPool::ThreadPool(int threads) : threads_(std::clamp(threads, 1, kMaxThreads)) {}

ThreadPool::~ThreadPool() { forget_workers_of_parent(); }

// Threads and locks of the parent process cannot be joined or destroyed here: they are left as they
// are.
void ThreadPool::forget_workers_of_parent() {
  if (workers_ && !workers_->are_of_this_process()) {
    (void)new std::shared_ptr<Workers>(std::move(workers_));
  }
}

ThreadPool::Workers& ThreadPool::workers() {
  forget_workers_of_parent();
  if (!workers_) workers_ = Workers::of_this_process();
  return *workers_;
}

void ThreadPool::run(int64_t count, int64_t grain, RangeBody body) {
  const int64_t unit = std::max<int64_t>(grain, 1);
  const int64_t units = (count - 1) / unit + 1;
  const int64_t ranges = threads_ * kRangesPerThread;
  Job job(count, unit * ((units - 1) / ranges + 1), body);
  if (busy_.exchange(true, std::memory_order_acquire)) {
    job.work();
  } else {
    workers().run(job, threads_ - 1);
    busy_.store(false, std::memory_order_release);
  }
  job.rethrow();
}

}  // namespace thinbit
