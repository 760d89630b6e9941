#include "machine.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace emulation {

thread_local Machine* Machine::current_ = nullptr;

namespace {

constexpr int kFindingsShown = 10;

// A quiet NaN with a mark: what threadgroup memory holds before it is written.
constexpr uint32_t kPoison = 0x7FC0DEADu;

uint32_t site_of(uint32_t operation, uint32_t line) { return operation << 24 | (line & 0xFFFFFFu); }
uint32_t line_of(uint32_t site) { return site & 0xFFFFFFu; }

}  // namespace

Machine::Machine(KernelEntry kernel, const Launch& launch)
    : kernel_(kernel),
      launch_(launch),
      random_state_(launch.seed * 2654435761u + 88172645463325252u) {
  current_ = this;
  arena_ = static_cast<std::byte*>(::operator new(arena_bytes(), std::align_val_t{1024}));
}

Machine::~Machine() {
  ::operator delete(arena_, std::align_val_t{1024});
  current_ = nullptr;
}

uint32_t Machine::random() {  // xorshift
  random_state_ ^= random_state_ << 13;
  random_state_ ^= random_state_ >> 7;
  random_state_ ^= random_state_ << 17;
  return static_cast<uint32_t>(random_state_ >> 16);
}

void Machine::report(const char* format, ...) {
  if (findings_++ >= kFindingsShown) return;
  char line[600];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  text_ += line;
  text_ += '\n';
}

std::string Machine::running_thread() const {
  const uint32_t (*at)[3] = running_->arguments.positions;
  char text[120];
  std::snprintf(text, sizeof text, "thread (%u, %u, %u) of threadgroup (%u, %u, %u)", at[1][0],
                at[1][1], at[1][2], at[2][0], at[2][1], at[2][2]);
  return text;
}

void Machine::switch_to(void** from, Thread* to) {
  running_ = to;
  switch_fiber(from, to != nullptr ? to->fiber.stack_pointer : scheduler_);
}

// Leaves the running thread for the next that is ready, or for the scheduler where none is.
void Machine::park() {
  Thread* const me = running_;
  Thread* to = nullptr;
  if (next_ready_ < ready_.size() && !stopped_) to = ready_[next_ready_++];
  if (to != me) switch_to(&me->fiber.stack_pointer, to);
}

void Machine::stop() {
  stopped_ = true;
  park();
}

void Machine::thread_body() {
  Machine& machine = *current_;
  Thread& me = *machine.running_;
  machine.kernel_(&me.arguments);
  machine.expect_no_copies();
  me.state = Thread::State::kDone;
  --machine.alive_;
  --machine.simdgroups_[me.simdgroup()].alive;
  if (machine.simdgroup_complete(me.simdgroup())) machine.settle_simdgroup(me.simdgroup());
  machine.park();
  __builtin_trap();
}

void Machine::make_ready(Thread& thread) {
  thread.state = Thread::State::kReady;
  ready_.push_back(&thread);
}

void Machine::shuffle_ready_from(size_t first) {
  if (launch_.order == Order::kReverse) std::reverse(ready_.begin() + first, ready_.end());
  if (launch_.order != Order::kShuffled) return;
  for (size_t i = ready_.size(); i > first + 1; --i) {
    std::swap(ready_[i - 1], ready_[first + random() % (i - first)]);
  }
}

bool Machine::simdgroup_complete(uint32_t simdgroup) const {
  return simdgroups_[simdgroup].alive > 0 &&
         simdgroups_[simdgroup].waiting == simdgroups_[simdgroup].alive;
}

// Every living lane waits in an operation: lets those of the same one go on together.
void Machine::settle_simdgroup(uint32_t simdgroup) {
  uint32_t lowest = ~0u;
  bool uniform = true;
  for (uint32_t i = simdgroup * kLanes; i < std::min(size_, (simdgroup + 1) * kLanes); ++i) {
    if (threads_[i].state != Thread::State::kInSimdgroupOperation) continue;
    uniform = uniform && (lowest == ~0u || threads_[i].site == lowest);
    lowest = std::min(lowest, threads_[i].site);
  }
  if (!uniform) {
    report(
        "divergence: lanes of simdgroup %u of threadgroup %u wait in different operations, one at "
        "line %u",
        simdgroup, threadgroup_, line_of(lowest));
  }
  release_simdgroup(simdgroup, uniform ? nullptr : &lowest);
}

void Machine::release_simdgroup(uint32_t simdgroup, const uint32_t* only_site) {
  const uint32_t first = simdgroup * kLanes;
  const uint32_t end = std::min(size_, first + kLanes);
  const auto released = [&](const Thread& thread) {
    return thread.state == Thread::State::kInSimdgroupOperation &&
           (only_site == nullptr || thread.site == *only_site);
  };
  uint32_t lanes = 0;
  for (uint32_t i = first; i < end; ++i) {
    if (released(threads_[i])) lanes |= 1u << (i - first);
  }
  const size_t tail = ready_.size();
  for (uint32_t i = first; i < end; ++i) {
    if ((lanes >> (i - first) & 1u) == 0) continue;
    threads_[i].lanes = lanes;
    make_ready(threads_[i]);
    --simdgroups_[simdgroup].waiting;
  }
  shuffle_ready_from(tail);
}

void Machine::release_threadgroup() {
  if (alive_ != size_) {
    report(
        "divergence: threadgroup_barrier at line %u is reached by %u of the %u threads of "
        "threadgroup %u; the rest has returned",
        barrier_line_, alive_, size_, threadgroup_);
  }
  if ((barrier_flags_ & kMemoryDevice) != 0) ++device_barriers_;
  if ((barrier_flags_ & kMemoryThreadgroup) != 0) ++threadgroup_barriers_;
  at_barrier_ = 0;
  ready_.clear();
  next_ready_ = 0;
  for (uint32_t i = 0; i < size_; ++i) {
    if (threads_[i].state == Thread::State::kAtBarrier) make_ready(threads_[i]);
  }
  shuffle_ready_from(0);
}

std::byte* Machine::exchange(const void* value, uint32_t size, uint32_t operation, uint32_t line,
                             uint32_t& lanes) {
  Thread& me = *running_;
  Simdgroup& simdgroup = simdgroups_[me.simdgroup()];
  auto& bank = simdgroup.deposits[me.exchanges++ & 1];
  std::memcpy(bank[me.lane()], value, size);
  me.site = site_of(operation, line);
  me.state = Thread::State::kInSimdgroupOperation;
  ++simdgroup.waiting;
  if (simdgroup_complete(me.simdgroup())) settle_simdgroup(me.simdgroup());
  park();
  lanes = me.lanes;
  if (operation == kEmulationMultiply && lanes != ~0u) {
    report("divergence: simdgroup_matrix operation at line %u with lanes 0x%08x only", line, lanes);
  }
  return bank[0];
}

void Machine::simdgroup_barrier(uint32_t flags, uint32_t line) {
  Thread& me = *running_;
  Simdgroup& simdgroup = simdgroups_[me.simdgroup()];
  me.site = site_of(kEmulationBarrier, line);
  me.state = Thread::State::kInSimdgroupOperation;
  ++simdgroup.waiting;
  if (simdgroup_complete(me.simdgroup())) {
    if ((flags & kMemoryDevice) != 0) ++simdgroup.device_barriers;
    if ((flags & kMemoryThreadgroup) != 0) ++simdgroup.threadgroup_barriers;
    settle_simdgroup(me.simdgroup());
  }
  park();
}

void Machine::threadgroup_barrier(uint32_t flags, uint32_t line) {
  if (at_barrier_ > 0 && barrier_line_ != line) {
    report("divergence: %s is at the threadgroup_barrier of line %u, others at that of line %u",
           running_thread().c_str(), line, barrier_line_);
  }
  barrier_line_ = line;
  barrier_flags_ = at_barrier_ > 0 ? barrier_flags_ & flags : flags;
  running_->state = Thread::State::kAtBarrier;
  if (++at_barrier_ == alive_) release_threadgroup();
  park();
}

std::byte* Machine::threadgroup_variable(uint64_t key, uint64_t size, uint64_t alignment) {
  const auto found = variable_of_key_.find(key);
  if (found != variable_of_key_.end()) return found->second;
  const size_t offset = (arena_used_ + alignment - 1) / alignment * alignment;
  threadgroup_bytes_ += size;
  if (threadgroup_bytes_ > launch_.most_threadgroup_bytes) {
    report("threadgroup memory: %zu bytes are more than the limit of %u", threadgroup_bytes_,
           launch_.most_threadgroup_bytes);
  }
  if (offset + size > arena_bytes()) {
    stop();
  }
  arena_used_ = offset + size + kGap;
  std::byte* const data = arena_ + offset;
  for (size_t i = 0; i < size; ++i) {
    data[i] = static_cast<std::byte>(kPoison >> i % sizeof kPoison * 8);
  }
  MemoryRange range;
  range.begin = reinterpret_cast<uintptr_t>(data);
  range.end = range.begin + size;
  range.kind = MemoryRange::Kind::kThreadgroup;
  range.index = static_cast<int>(variables_.size());
  range.bytes.resize(size);
  variables_.push_back(std::move(range));
  variable_of_key_[key] = data;
  return data;
}

}  // namespace emulation
