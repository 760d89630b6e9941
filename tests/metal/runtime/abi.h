#pragma once

// What compiled kernels and the run time share. Kernels are compiled as C++ for OpenCL, so that
// this header has no pointers (each would want an address space) and takes the integer types from
// whoever includes it.

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
  kEmulationMin,
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

// Reports a shuffle from a lane that takes no part in it.
void emulation_inactive_lane(uint32_t lane, uint32_t line);

// Memory that threads may touch at the same time; `size` is 4 or 8.
uint64_t emulation_atomic_load(uint64_t address, uint32_t size);
void emulation_atomic_store(uint64_t address, uint64_t bits, uint32_t size);
}
