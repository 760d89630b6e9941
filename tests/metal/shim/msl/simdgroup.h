// Barriers, and what the lanes of a simdgroup exchange. Each operation names the line of its
// caller, which is how the run time tells lanes that meet in different ones.
#pragma once
#include "language.h"

namespace metal {

enum class mem_flags : uint { mem_none = 0, mem_device = 1, mem_threadgroup = 2 };

EMULATION_INLINE constexpr mem_flags operator|(mem_flags a, mem_flags b) {
  return (mem_flags)((uint)a | (uint)b);
}
EMULATION_INLINE void threadgroup_barrier(mem_flags flags, EMULATION_LINE) {
  emulation_threadgroup_barrier((uint)flags, line);
}
EMULATION_INLINE void simdgroup_barrier(mem_flags flags, EMULATION_LINE) {
  emulation_simdgroup_barrier((uint)flags, line);
}

// The values that the lanes of one operation brought.
template <typename T>
struct emulation_exchanged {
  ulong deposits;
  uint lanes;
  EMULATION_INLINE emulation_exchanged(T value, uint operation, uint line) {
    uint mask = 0;
    deposits = emulation_exchange((ulong)&value, sizeof(T), operation, line, (ulong)&mask);
    lanes = mask;
  }
  EMULATION_INLINE bool took_part(uint lane) const { return ((lanes >> lane) & 1) != 0; }
  EMULATION_INLINE T of(uint lane) const { return *(const thread T*)(deposits + 64ul * lane); }
};

// In the order of a tree, as hardware does it; the tree's shape is not documented.
template <typename T, typename F>
EMULATION_INLINE T emulation_reduce(T value, uint operation, uint line, T neutral, F combine) {
  emulation_exchanged<T> all(value, operation, line);
  T values[32];
  for (uint i = 0; i < 32; i++) values[i] = all.took_part(i) ? all.of(i) : neutral;
  for (uint width = 16; width > 0; width >>= 1) {
    for (uint i = 0; i < width; i++) values[i] = combine(values[i], values[i + width]);
  }
  return values[0];
}

template <typename T>
EMULATION_INLINE T simd_sum(T value, EMULATION_LINE) {
  return emulation_reduce(value, kEmulationSum, line, (T)0, [](T a, T b) -> T { return a + b; });
}
// Missing lanes repeat the caller's own value, which changes neither a maximum nor a minimum.
template <typename T>
EMULATION_INLINE T simd_max(T value, EMULATION_LINE) {
  return emulation_reduce(value, kEmulationMax, line, value,
                          [](T a, T b) -> T { return a < b ? b : a; });
}
template <typename T>
EMULATION_INLINE T simd_min(T value, EMULATION_LINE) {
  return emulation_reduce(value, kEmulationMin, line, value,
                          [](T a, T b) -> T { return b < a ? b : a; });
}

template <typename T>
EMULATION_INLINE T emulation_shuffle(T value, uint source, uint line) {
  emulation_exchanged<T> all(value, kEmulationShuffle, line);
  if (!all.took_part(source & 31)) emulation_inactive_lane(source & 31, line);
  return all.of(source & 31);
}
template <typename T>
EMULATION_INLINE T simd_shuffle(T value, ushort lane, EMULATION_LINE) {
  return emulation_shuffle(value, lane, line);
}
template <typename T>
EMULATION_INLINE T simd_shuffle_xor(T value, ushort mask, EMULATION_LINE) {
  return emulation_shuffle(value, emulation_lane() ^ mask, line);
}
template <typename T>
EMULATION_INLINE T simd_shuffle_down(T value, ushort delta, EMULATION_LINE) {
  const uint lane = emulation_lane();
  return emulation_shuffle(value, lane + delta < 32 ? lane + delta : lane, line);
}
template <typename T>
EMULATION_INLINE T simd_broadcast(T value, ushort lane, EMULATION_LINE) {
  return emulation_shuffle(value, lane, line);
}

}  // namespace metal
