// 32-bit atomics in device memory. A dispatch runs on one processor, where threads change places
// only at barriers and simdgroup operations, so that a load and a store are not torn apart.
#pragma once
#include "language.h"

namespace metal {

enum memory_order { memory_order_relaxed };

struct emulation_atomic_uint {
  uint bits;
};

EMULATION_INLINE uint atomic_load_explicit(const volatile device emulation_atomic_uint* memory,
                                           memory_order) {
  return (uint)emulation_atomic_load((ulong)memory, 4);
}
EMULATION_INLINE void atomic_store_explicit(volatile device emulation_atomic_uint* memory,
                                            uint value, memory_order) {
  emulation_atomic_store((ulong)memory, value, 4);
}
EMULATION_INLINE uint atomic_fetch_min_explicit(volatile device emulation_atomic_uint* memory,
                                                uint value, memory_order) {
  const uint before = (uint)emulation_atomic_load((ulong)memory, 4);
  if (value < before) emulation_atomic_store((ulong)memory, value, 4);
  return before;
}

}  // namespace metal

// OpenCL has a type of this name.
#define atomic_uint metal::emulation_atomic_uint
