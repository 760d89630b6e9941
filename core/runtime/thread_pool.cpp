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
  explicit Workers(int count) : process_(getpid()), spins_(count < usable_cpus() ? kSpins : 0) {
    const SignalsBlocked blocked;
    threads_.reserve(static_cast<size_t>(count));
    try {
      for (int i = 0; i < count; ++i) threads_.emplace_back([this] { serve(); });
    } catch (const std::exception&) {
      // The machine gives no more threads: those that started, and the caller, do the work.
    }
  }

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

  bool of_this_process() const { return process_ == getpid(); }

  void run(Job& job) {
    if (busy_.exchange(true, std::memory_order_acquire)) return job.work();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      job_ = &job;
      round_.fetch_add(1, std::memory_order_release);
    }
    const int64_t wanted = job.ranges() - 1;
    if (wanted >= static_cast<int64_t>(threads_.size())) {
      wake_.notify_all();
    } else {
      for (int64_t i = 0; i < wanted; ++i) wake_.notify_one();
    }
    job.work();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      job_ = nullptr;  // who wakes up only now does not touch the job
    }
    for (int i = 0; i < spins_ && joined_.load(std::memory_order_acquire) != 0; ++i)
      pause_briefly();
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return joined_.load(std::memory_order_acquire) == 0; });
    busy_.store(false, std::memory_order_release);
  }

 private:
  void serve() {
    uint64_t seen = 0;
    for (;;) {
      for (int i = 0; i < spins_ && round_.load(std::memory_order_acquire) == seen; ++i)
        pause_briefly();
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [&] { return round_.load(std::memory_order_relaxed) != seen; });
      seen = round_.load(std::memory_order_relaxed);
      if (stop_) return;
      Job* const job = job_;
      if (job == nullptr) continue;
      joined_.fetch_add(1, std::memory_order_relaxed);
      lock.unlock();
      job->work();
      lock.lock();
      if (joined_.fetch_sub(1, std::memory_order_acq_rel) == 1) done_.notify_one();
    }
  }

  const pid_t process_;
  const int spins_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::atomic<uint64_t> round_{0};  // written under mutex_, as are the next three
  std::atomic<int> joined_{0};
  Job* job_ = nullptr;
  bool stop_ = false;
  std::atomic<bool> busy_{false};
  std::vector<std::thread> threads_;
};

ThreadPool::ThreadPool(int threads) : threads_(std::clamp(threads, 1, kMaxThreads)) {}

ThreadPool::~ThreadPool() {
  // Threads and locks of the parent process cannot be joined or destroyed here: they are left as
  // they are.
  if (workers_ && !workers_->of_this_process()) (void)workers_.release();
}

ThreadPool::Workers* ThreadPool::workers() {
  if (workers_ && !workers_->of_this_process()) (void)workers_.release();
  if (!workers_) workers_ = std::make_unique<Workers>(threads_ - 1);
  return workers_.get();
}

void ThreadPool::run(int64_t count, int64_t grain, RangeBody body) {
  const int64_t unit = std::max<int64_t>(grain, 1);
  const int64_t units = (count - 1) / unit + 1;
  const int64_t ranges = threads_ * kRangesPerThread;
  Job job(count, unit * ((units - 1) / ranges + 1), body);
  workers()->run(job);
  job.rethrow();
}

}  // namespace thinbit
