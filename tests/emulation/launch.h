#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "abi.h"

namespace emulation {

using KernelEntry = void (*)(const emulation_thread*);

// Memory that a kernel may touch: a buffer that is bound, from its offset to its end, or an
// allocation.
struct Binding {
  std::byte* data = nullptr;
  size_t bytes = 0;
  bool writable = false;
};

// How the ready threads of a threadgroup, and the threadgroups, take turns.
enum class Order : int32_t { kForward, kReverse, kShuffled };

// The most that every GPU has.
constexpr uint32_t kMaxThreads = 1024;

// The most threadgroup memory that Apple's GPUs have, whatever the family.
constexpr uint32_t kMaxThreadgroupBytes = 32768;

// One dispatch. `threads` is the whole grid; threadgroups at its edges may be smaller.
struct Launch {
  Binding buffers[kEmulationBuffers];
  std::vector<Binding> heap;  // what pointers in `buffers` lead to
  uint32_t threadgroup_bytes[kEmulationBuffers] = {};
  uint32_t most_threadgroup_bytes = kMaxThreadgroupBytes;
  uint32_t threads[3] = {1, 1, 1};
  uint32_t threads_per_threadgroup[3] = {1, 1, 1};
  Order order = Order::kShuffled;
  uint64_t seed = 1;
  bool flush_denormals = false;  // as a GPU does: results and operands
};

// Runs a kernel over the whole grid, and returns what was wrong with it, a line each; empty where
// nothing was.
std::string run(KernelEntry kernel, const Launch& launch);

// Lets kernels read the constants of the shared object that `symbol` lies in.
void admit_constants_of(const void* symbol);

}  // namespace emulation
