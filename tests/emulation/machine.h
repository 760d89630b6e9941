#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "fiber.h"
#include "launch.h"
#include "shadow.h"

namespace emulation {

constexpr uint32_t kLanes = 32;
constexpr uint32_t kDeposit = 64;  // bytes of a lane in an exchange

// The bits of MSL's mem_flags.
constexpr uint32_t kMemoryDevice = 1;
constexpr uint32_t kMemoryThreadgroup = 2;

// An asynchronous copy that has not landed.
struct Copy {
  uintptr_t to = 0;
  uintptr_t from = 0;
  uint32_t size = 0;
  uint32_t given = 0;  // bytes that are read; the rest becomes 0
  uint32_t group = 0;
};

// One thread of a kernel.
struct Thread {
  enum class State : uint8_t { kReady, kInSimdgroupOperation, kAtBarrier, kDone };

  Fiber fiber;
  emulation_thread arguments = {};
  State state = State::kReady;
  uint32_t index = 0;        // in the threadgroup
  uint32_t site = 0;         // the operation it waits in: what and on which line
  uint32_t lanes = 0;        // who took part in the last operation
  uint32_t exchanges = 0;    // its parity selects the bank of deposits
  std::vector<Copy> copies;  // asynchronous, in the order of their issue
  uint32_t copy_group = 0;   // of the next one

  uint32_t simdgroup() const { return index / kLanes; }
  uint32_t lane() const { return index % kLanes; }
};

// 32 threads that exchange values. A lane is at most one exchange ahead of another, so two banks of
// deposits are enough.
struct Simdgroup {
  uint32_t alive = 0;
  uint32_t waiting = 0;
  uint32_t device_barriers = 0;
  uint32_t threadgroup_barriers = 0;
  alignas(64) std::byte deposits[2][kLanes][kDeposit] = {};
};

// Runs one dispatch on the calling thread: threadgroup by threadgroup, each thread a fiber, and
// records what the kernel does wrong.
class Machine {
 public:
  Machine(KernelEntry kernel, const Launch& launch);
  ~Machine();

  // The machine whose kernel runs on this thread; null outside of kernels.
  static Machine* current() { return current_; }

  std::string run();

  // What kernels call, on the fiber of their thread.
  Thread& thread() { return *running_; }
  std::byte* exchange(const void* value, uint32_t size, uint32_t operation, uint32_t line,
                      uint32_t& lanes);
  void simdgroup_barrier(uint32_t flags, uint32_t line);
  void threadgroup_barrier(uint32_t flags, uint32_t line);
  std::byte* threadgroup_variable(uint64_t key, uint64_t size, uint64_t alignment);

  // Asynchronous copies of the running thread; see abi.h.
  void copy_async(const Copy& copy, const void* code);
  void commit_copies();
  void wait_for_copies(uint32_t left, const void* code);

  // An access by the running thread, checked; ends the run where it cannot go on.
  enum class Access : uint8_t { kRead, kWrite, kAtomicRead, kAtomicWrite };
  void touch(uintptr_t address, size_t bytes, Access access, const void* code);
  void misaligned(uintptr_t address, size_t bytes, const void* code);

  // Ends the dispatch, from the running thread.
  void stop();

  [[gnu::format(printf, 2, 3)]] void report(const char* format, ...);
  std::string running_thread() const;

 private:
  static constexpr size_t kGap = 64;  // between threadgroup variables, so that overruns are seen

  // Room for what is within the limit, for gaps, and for a variable that is beyond it.
  size_t arena_bytes() const { return size_t{launch_.most_threadgroup_bytes} * 2; }

  static void thread_body();
  void bind(const Binding& binding, int index);
  void bind_buffers();
  void expect_no_copies();
  void start_threadgroup(uint32_t index);
  void start_thread(uint32_t index, const uint32_t position[3], const uint32_t size[3]);
  void run_threadgroup();
  bool unblock();
  void switch_to(void** from, Thread* to);
  void park();

  void make_ready(Thread& thread);
  void shuffle_ready_from(size_t first);
  bool simdgroup_complete(uint32_t simdgroup) const;
  void settle_simdgroup(uint32_t simdgroup);
  void release_simdgroup(uint32_t simdgroup, const uint32_t* only_site);
  void release_threadgroup();
  uint32_t random();

  MemoryRange* range_of(uintptr_t address);
  void report_out_of_bounds(uintptr_t address, size_t bytes, bool write, const void* code);
  Accessor accessor(const MemoryRange& range) const;

  static thread_local Machine* current_;

  KernelEntry kernel_;
  const Launch& launch_;
  uint32_t groups_[3] = {};
  std::vector<Thread> threads_;
  std::vector<Simdgroup> simdgroups_;
  std::vector<Thread*> ready_;
  size_t next_ready_ = 0;
  Thread* running_ = nullptr;
  void* scheduler_ = nullptr;  // the stack of run()
  bool stopped_ = false;

  uint32_t threadgroup_ = 0;
  uint32_t size_ = 0;  // threads of this threadgroup
  uint32_t alive_ = 0;
  uint32_t at_barrier_ = 0;
  uint32_t barrier_line_ = 0;
  uint32_t barrier_flags_ = 0;
  uint32_t device_barriers_ = 0;
  uint32_t threadgroup_barriers_ = 0;

  std::vector<MemoryRange> buffers_;
  std::vector<MemoryRange> variables_;
  std::map<uint64_t, std::byte*> variable_of_key_;
  std::byte* arena_ = nullptr;
  size_t arena_used_ = 0;
  size_t threadgroup_bytes_ = 0;

  uint64_t random_state_;
  int findings_ = 0;
  std::string text_;
};

}  // namespace emulation
