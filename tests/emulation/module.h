#pragma once

// The tables that the translator adds to each compiled kernel file, in C.

#include <stdint.h>

struct emulation_kernel {
  const char* name;
  void (*entry)(const void* thread);
  const char* parameters;  // "b0r b1w t0w": buffers and threadgroup memory, read or written
  int max_threads;         // of the attribute; 0 without
};

struct emulation_constant {
  const char* name;
  int index;
  void* value;
  int size;
  uint8_t* defined;
};

struct emulation_module {
  const struct emulation_kernel* kernels;
  int kernel_count;
  const struct emulation_constant* constants;
  int constant_count;
};
