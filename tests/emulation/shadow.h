#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace emulation {

// Who touches memory, and what has been synchronised: accesses by two threads are in order where a
// barrier of the right kind lies between them.
struct Accessor {
  uint32_t thread = 0;       // within the threadgroup
  uint32_t threadgroup = 0;  // within the grid
  uint32_t barriers = 0;     // of the threadgroup, for this kind of memory
  uint32_t simdgroup_barriers = 0;
};

// What is known of one byte.
struct ShadowByte {
  // Readers, as far as a later write has to know them.
  enum class Readers : uint8_t { kNone, kThread, kSimdgroup, kThreadgroup, kGrid };

  Accessor writer;
  Accessor reader;
  Readers readers = Readers::kNone;
  bool written = false;

  // Whether `next` may follow what was recorded; else the two race. Records it.
  bool write(const Accessor& next);
  bool read(const Accessor& next);

  // The thread of the access that raced last.
  const Accessor& opponent() const { return readers == Readers::kNone ? writer : reader; }
};

// One range of memory that kernels may touch, with the shadow of its bytes.
struct MemoryRange {
  enum class Kind : uint8_t { kDevice, kThreadgroup, kPrivate };

  uintptr_t begin = 0;
  uintptr_t end = 0;
  Kind kind = Kind::kDevice;
  bool writable = true;
  int index = 0;                  // of the buffer
  std::vector<ShadowByte> bytes;  // made when the range is first touched

  bool contains(uintptr_t address) const { return address >= begin && address < end; }
  const char* name() const {
    return kind == Kind::kDevice ? "buffer" : "threadgroup memory, variable";
  }
};

}  // namespace emulation
