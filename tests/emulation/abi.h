#pragma once

// What compiled kernels and the run time share. Metal's kernels are compiled as C++ for OpenCL, so
// that this header has no pointers (each would want an address space) and takes the integer types
// from whoever includes it. A threadgroup is CUDA's block, a simdgroup its warp.
//
// Kernels are called with the address of their thread's `emulation_thread`.

enum { kEmulationBuffers = 31, kEmulationPositions = 14 };

// The arguments of one thread: addresses of buffers and threadgroup memory by index, and its
// position, in the order of `POSITIONS` in the translator.
struct emulation_thread {
  uint64_t buffers[kEmulationBuffers];
  uint64_t threadgroup_memory[kEmulationBuffers];
  uint32_t positions[kEmulationPositions][3];
};

// The collective operations of a simdgroup, to tell lanes that meet in different ones.
enum emulation_operation {
  kEmulationSum = 1,
  kEmulationMax,
  kEmulationShuffle,
  kEmulationMultiply,
  kEmulationBarrier
};

extern "C" {
// The address of a threadgroup variable, the same for all threads of a threadgroup. `key` tells
// variables apart.
uint64_t emulation_threadgroup_variable(uint64_t key, uint64_t size, uint64_t alignment);

void emulation_threadgroup_barrier(uint32_t flags, uint32_t line);
void emulation_simdgroup_barrier(uint32_t flags, uint32_t line);

// Deposits `size` bytes (at most 64) from `value`, waits for the lanes of the simdgroup, and
// returns the address of their deposits, 64 bytes apart. The lanes that took part go to the
// uint32_t at `mask`.
uint64_t emulation_exchange(uint64_t value, uint32_t size, uint32_t operation, uint32_t line,
                            uint64_t mask);

uint32_t emulation_lane();

// The address of the running thread's `emulation_thread`.
uint64_t emulation_self();

// Reports a shuffle from a lane that takes no part in it.
void emulation_inactive_lane(uint32_t lane, uint32_t line);

// Copies from device to threadgroup memory that land as late as their waits allow: when the thread
// waits until at most `left` of the groups that it committed are still on their way. Of `size`
// bytes the first `given` are read, the others become 0.
void emulation_copy_async(uint64_t to, uint64_t from, uint32_t size, uint32_t given);
void emulation_commit_copies();
void emulation_wait_for_copies(uint32_t left);

// Memory that threads may touch at the same time; `size` is 4 or 8.
uint64_t emulation_atomic_load(uint64_t address, uint32_t size);
void emulation_atomic_store(uint64_t address, uint64_t bits, uint32_t size);
}
