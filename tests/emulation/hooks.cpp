// What compiled kernels call: the functions of abi.h, and those that clang's sanitizers insert.
// Kernels are compiled with -fsanitize=thread and a part of -fsanitize=undefined, but linked with
// the functions below instead of the sanitizers' own run time.

#include <cstring>

#include "machine.h"

using emulation::Machine;
using Access = Machine::Access;

namespace {

void touch(const void* address, size_t bytes, Access access, const void* code) {
  Machine* const machine = Machine::current();
  if (machine != nullptr) {
    machine->touch(reinterpret_cast<uintptr_t>(address), bytes, access, code);
  }
}

void touch_aligned(const void* address, size_t bytes, Access access, const void* code) {
  Machine* const machine = Machine::current();
  const auto number = reinterpret_cast<uintptr_t>(address);
  if (machine != nullptr && number % bytes != 0) machine->misaligned(number, bytes, code);
  touch(address, bytes, access, code);
}

// Where in a source file the sanitizer's check stands; its layout is clang's.
struct SourceLocation {
  const char* file;
  uint32_t line;
  uint32_t column;
};

void undefined_behaviour(const char* what, const SourceLocation* place) {
  Machine* const machine = Machine::current();
  if (machine == nullptr) return;
  machine->report("undefined: %s at %s:%u by %s", what, place->file != nullptr ? place->file : "?",
                  place->line, machine->running_thread().c_str());
  machine->stop();  // what follows may end the process
}

}  // namespace

extern "C" {

uint64_t emulation_threadgroup_variable(uint64_t key, uint64_t size, uint64_t alignment) {
  return reinterpret_cast<uint64_t>(Machine::current()->threadgroup_variable(key, size, alignment));
}

void emulation_threadgroup_barrier(uint32_t flags, uint32_t line) {
  Machine::current()->threadgroup_barrier(flags, line);
}

void emulation_simdgroup_barrier(uint32_t flags, uint32_t line) {
  Machine::current()->simdgroup_barrier(flags, line);
}

uint64_t emulation_exchange(uint64_t value, uint32_t size, uint32_t operation, uint32_t line,
                            uint64_t mask) {
  return reinterpret_cast<uint64_t>(
      Machine::current()->exchange(reinterpret_cast<const void*>(value), size, operation, line,
                                   *reinterpret_cast<uint32_t*>(mask)));
}

uint32_t emulation_lane() { return Machine::current()->thread().lane(); }

uint64_t emulation_self() {
  return reinterpret_cast<uint64_t>(&Machine::current()->thread().arguments);
}

void emulation_copy_async(uint64_t to, uint64_t from, uint32_t size, uint32_t given) {
  Machine::current()->copy_async({to, from, size, given, 0}, __builtin_return_address(0));
}

void emulation_commit_copies() { Machine::current()->commit_copies(); }

void emulation_wait_for_copies(uint32_t left) {
  Machine::current()->wait_for_copies(left, __builtin_return_address(0));
}

void emulation_inactive_lane(uint32_t lane, uint32_t line) {
  Machine& machine = *Machine::current();
  machine.report("divergence: shuffle at line %u by %s from lane %u, which takes no part", line,
                 machine.running_thread().c_str(), lane);
}

uint64_t emulation_atomic_load(uint64_t address, uint32_t size) {
  const auto* memory = reinterpret_cast<const void*>(address);
  touch_aligned(memory, size, Access::kAtomicRead, __builtin_return_address(0));
  uint64_t bits = 0;
  std::memcpy(&bits, memory, size);
  return bits;
}

void emulation_atomic_store(uint64_t address, uint64_t bits, uint32_t size) {
  auto* memory = reinterpret_cast<void*>(address);
  touch_aligned(memory, size, Access::kAtomicWrite, __builtin_return_address(0));
  std::memcpy(memory, &bits, size);
}

#define THREAD_SANITIZER_HOOKS(bytes)                                           \
  void __tsan_read##bytes(const void* address) {                                \
    touch_aligned(address, bytes, Access::kRead, __builtin_return_address(0));  \
  }                                                                             \
  void __tsan_write##bytes(void* address) {                                     \
    touch_aligned(address, bytes, Access::kWrite, __builtin_return_address(0)); \
  }                                                                             \
  void __tsan_unaligned_read##bytes(const void* address) {                      \
    touch(address, bytes, Access::kRead, __builtin_return_address(0));          \
  }                                                                             \
  void __tsan_unaligned_write##bytes(void* address) {                           \
    touch(address, bytes, Access::kWrite, __builtin_return_address(0));         \
  }
THREAD_SANITIZER_HOOKS(1)
THREAD_SANITIZER_HOOKS(2)
THREAD_SANITIZER_HOOKS(4)
THREAD_SANITIZER_HOOKS(8)
THREAD_SANITIZER_HOOKS(16)

void __tsan_init() {}

void* __tsan_memcpy(void* to, const void* from, size_t bytes) {
  touch(from, bytes, Access::kRead, __builtin_return_address(0));
  touch(to, bytes, Access::kWrite, __builtin_return_address(0));
  return std::memcpy(to, from, bytes);
}

void* __tsan_memmove(void* to, const void* from, size_t bytes) {
  touch(from, bytes, Access::kRead, __builtin_return_address(0));
  touch(to, bytes, Access::kWrite, __builtin_return_address(0));
  return std::memmove(to, from, bytes);
}

void* __tsan_memset(void* to, int value, size_t bytes) {
  touch(to, bytes, Access::kWrite, __builtin_return_address(0));
  return std::memset(to, value, bytes);
}

#define UNDEFINED_SANITIZER_HOOK(name, what) \
  void __ubsan_handle_##name(const SourceLocation* place, ...) { undefined_behaviour(what, place); }
UNDEFINED_SANITIZER_HOOK(divrem_overflow, "a division by zero")
UNDEFINED_SANITIZER_HOOK(out_of_bounds, "an index outside of its array")
UNDEFINED_SANITIZER_HOOK(float_cast_overflow, "a float outside of the range of its integer")
UNDEFINED_SANITIZER_HOOK(type_mismatch_v1, "a null or misaligned pointer")
UNDEFINED_SANITIZER_HOOK(builtin_unreachable, "a place that cannot be reached")
UNDEFINED_SANITIZER_HOOK(missing_return, "a function that ends without its result")

}  // extern "C"
