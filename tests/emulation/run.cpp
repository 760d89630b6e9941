// One dispatch from its first threadgroup to its last.

#include <algorithm>
#include <cstring>
#include <numeric>

#include "machine.h"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace emulation {
namespace {

// Makes the processor's float units flush denormals while a kernel runs, as a GPU's may.
class DenormalsFlushed {
 public:
  explicit DenormalsFlushed(bool flushed) : before_(get()) {
    if (flushed) set(before_ | kFlush);
  }
  ~DenormalsFlushed() { set(before_); }

 private:
#if defined(__SSE__)
  static constexpr uint64_t kFlush = 0x8040;  // flush to zero, denormals are zero
  static uint64_t get() { return _mm_getcsr(); }
  static void set(uint64_t value) { _mm_setcsr(static_cast<uint32_t>(value)); }
#else
  static constexpr uint64_t kFlush = uint64_t{1} << 24;
  static uint64_t get() {
    uint64_t value;
    asm volatile("mrs %0, fpcr" : "=r"(value));
    return value;
  }
  static void set(uint64_t value) { asm volatile("msr fpcr, %0" : : "r"(value)); }
#endif
  uint64_t before_;
};

// The order of POSITIONS in the translator.
enum Position {
  kThreadInGrid,
  kThreadInThreadgroup,
  kThreadgroupInGrid,
  kThreadsPerGrid,
  kThreadsPerThreadgroup,
  kThreadgroupsPerGrid,
  kThreadIndexInThreadgroup,
  kThreadIndexInSimdgroup,
  kSimdgroupIndexInThreadgroup,
  kThreadsPerSimdgroup,
  kSimdgroupsPerThreadgroup
};

}  // namespace

void Machine::start_thread(uint32_t index, const uint32_t position[3], const uint32_t size[3]) {
  Thread& thread = threads_[index];
  thread.index = index;
  thread.exchanges = 0;
  thread.copies.clear();
  thread.copy_group = 0;
  thread.fiber.prepare(thread_body);
  emulation_thread& arguments = thread.arguments;
  for (int i = 0; i < kEmulationBuffers; ++i) {
    arguments.buffers[i] = reinterpret_cast<uint64_t>(launch_.buffers[i].data);
  }
  const uint32_t in_group[3] = {index % size[0], index / size[0] % size[1],
                                index / size[0] / size[1]};
  auto& at = arguments.positions;
  for (int axis = 0; axis < 3; ++axis) {
    at[kThreadInGrid][axis] =
        position[axis] * launch_.threads_per_threadgroup[axis] + in_group[axis];
    at[kThreadInThreadgroup][axis] = in_group[axis];
    at[kThreadgroupInGrid][axis] = position[axis];
    at[kThreadsPerGrid][axis] = launch_.threads[axis];
    at[kThreadsPerThreadgroup][axis] = size[axis];
    at[kThreadgroupsPerGrid][axis] = groups_[axis];
  }
  at[kThreadIndexInThreadgroup][0] = index;
  at[kThreadIndexInSimdgroup][0] = thread.lane();
  at[kSimdgroupIndexInThreadgroup][0] = thread.simdgroup();
  at[kThreadsPerSimdgroup][0] = kLanes;
  at[kSimdgroupsPerThreadgroup][0] = (size_ + kLanes - 1) / kLanes;
  make_ready(thread);
}

void Machine::start_threadgroup(uint32_t index) {
  const uint32_t position[3] = {index % groups_[0], index / groups_[0] % groups_[1],
                                index / groups_[0] / groups_[1]};
  uint32_t size[3];
  for (int axis = 0; axis < 3; ++axis) {
    size[axis] =
        std::min(launch_.threads_per_threadgroup[axis],
                 launch_.threads[axis] - position[axis] * launch_.threads_per_threadgroup[axis]);
  }
  threadgroup_ = index;
  size_ = alive_ = size[0] * size[1] * size[2];
  at_barrier_ = 0;
  ready_.clear();
  next_ready_ = 0;
  variables_.clear();
  variable_of_key_.clear();
  arena_used_ = threadgroup_bytes_ = 0;
  uint64_t dynamic[kEmulationBuffers] = {};
  for (int i = 0; i < kEmulationBuffers; ++i) {
    if (launch_.threadgroup_bytes[i] == 0) continue;
    dynamic[i] = reinterpret_cast<uint64_t>(
        threadgroup_variable(static_cast<uint64_t>(i), launch_.threadgroup_bytes[i], 16));
  }
  for (uint32_t i = 0; i < simdgroups_.size(); ++i) {
    const uint32_t first = i * kLanes;
    simdgroups_[i].alive = first < size_ ? std::min(kLanes, size_ - first) : 0;
    simdgroups_[i].waiting = 0;
    simdgroups_[i].device_barriers = simdgroups_[i].threadgroup_barriers = 0;
  }
  for (uint32_t i = 0; i < size_; ++i) {
    std::copy(std::begin(dynamic), std::end(dynamic), threads_[i].arguments.threadgroup_memory);
    start_thread(i, position, size);
  }
  shuffle_ready_from(0);
}

// Nothing is ready: lets those go on that may, and reports who they wait for in vain.
bool Machine::unblock() {
  for (uint32_t i = 0; i < simdgroups_.size(); ++i) {
    if (!simdgroup_complete(i)) continue;
    settle_simdgroup(i);
    return true;
  }
  if (at_barrier_ > 0 && at_barrier_ == alive_) {
    release_threadgroup();
    return true;
  }
  for (uint32_t i = 0; i < simdgroups_.size(); ++i) {
    if (simdgroups_[i].waiting == 0) continue;
    report(
        "divergence: a part of simdgroup %u of threadgroup %u is in a simdgroup operation, the "
        "rest at a threadgroup_barrier",
        i, threadgroup_);
    settle_simdgroup(i);
    return true;
  }
  return false;
}

void Machine::run_threadgroup() {
  while (alive_ > 0 && !stopped_) {
    if (next_ready_ < ready_.size()) {
      switch_to(&scheduler_, ready_[next_ready_++]);
      if (next_ready_ == ready_.size()) {
        ready_.clear();
        next_ready_ = 0;
      }
    } else if (!unblock()) {
      report("deadlock in threadgroup %u", threadgroup_);
      stopped_ = true;
    }
  }
}

std::string Machine::run() {
  const uint32_t* const per_group = launch_.threads_per_threadgroup;
  const uint64_t count = uint64_t{per_group[0]} * per_group[1] * per_group[2];
  if (count == 0 || count > kMaxThreads) {
    return "a threadgroup of " + std::to_string(count) + " threads\n";
  }
  threads_.resize(count);
  simdgroups_.resize((count + kLanes - 1) / kLanes);
  for (int axis = 0; axis < 3; ++axis) {
    groups_[axis] = (launch_.threads[axis] + per_group[axis] - 1) / per_group[axis];
  }
  bind_buffers();
  std::vector<uint32_t> order(size_t{groups_[0]} * groups_[1] * groups_[2]);
  std::iota(order.begin(), order.end(), 0u);
  if (launch_.order == Order::kReverse) std::reverse(order.begin(), order.end());
  if (launch_.order == Order::kShuffled) {
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  }
  const DenormalsFlushed denormals(launch_.flush_denormals);
  for (const uint32_t group : order) {
    start_threadgroup(group);
    run_threadgroup();
    if (stopped_) break;
  }
  if (findings_ > 0) text_ += "seed " + std::to_string(launch_.seed) + "\n";
  return text_;
}

std::string run(KernelEntry kernel, const Launch& launch) {
  Machine machine(kernel, launch);
  return machine.run();
}

}  // namespace emulation
