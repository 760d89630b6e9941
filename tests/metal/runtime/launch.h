#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "abi.h"

namespace metal_emulation {

using KernelEntry = void (*)(const emulation_thread*);

// One bound buffer, from its offset to its end.
struct Binding {
  std::byte* data = nullptr;
  size_t bytes = 0;
  bool writable = false;
};

// How the ready threads of a threadgroup, and the threadgroups, take turns.
enum class Order : int32_t { kForward, kReverse, kShuffled };

// One dispatch. `threads` is the whole grid; threadgroups at its edges may be smaller.
struct Launch {
  Binding buffers[kEmulationBuffers];
  uint32_t threadgroup_bytes[kEmulationBuffers] = {};
  uint32_t threads[3] = {1, 1, 1};
  uint32_t threads_per_threadgroup[3] = {1, 1, 1};
  Order order = Order::kShuffled;
  uint64_t seed = 1;
  bool flush_denormals = false;  // as a GPU does: results and operands
};

// The most that Apple's GPUs have, whatever the family.
constexpr uint32_t kMaxThreads = 1024;
constexpr uint32_t kMaxThreadgroupBytes = 32768;

// Runs a kernel over the whole grid, and returns what was wrong with it, a line each; empty where
// nothing was.
std::string run(KernelEntry kernel, const Launch& launch);

// Lets kernels read the constants of the shared object that `symbol` lies in.
void admit_constants_of(const void* symbol);

}  // namespace metal_emulation
