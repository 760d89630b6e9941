#include "fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

extern "C" void emulation_switch_stacks(void** from, void* to);

// Saves what the calling convention lets a callee keep, and swaps the stacks.
#if defined(__x86_64__)
asm(R"(
.text
.globl emulation_switch_stacks
.type emulation_switch_stacks,@function
emulation_switch_stacks:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
)");
#elif defined(__aarch64__)
asm(R"(
.text
.globl emulation_switch_stacks
.type emulation_switch_stacks,%function
emulation_switch_stacks:
  sub sp, sp, #160
  stp x19, x20, [sp]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
)");
#else
#error "the emulation switches stacks on x86-64 and aarch64 only"
#endif

namespace emulation {

Fiber::Fiber(Fiber&& other) noexcept
    : stack_pointer(std::exchange(other.stack_pointer, nullptr)),
      stack_(std::exchange(other.stack_, nullptr)) {}

Fiber::~Fiber() {
  if (stack_ != nullptr) munmap(stack_, kStackBytes);
}

void Fiber::prepare(void (*body)()) {
  if (stack_ == nullptr) {
    void* memory = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    stack_ = static_cast<std::byte*>(memory);
  }
  auto* top = reinterpret_cast<uint64_t*>(stack_ + kStackBytes);
  const auto start = reinterpret_cast<uint64_t>(body);
#if defined(__x86_64__)
  constexpr size_t kSaved = 6;
  *--top = 0;  // keeps the stack aligned as after a call
  *--top = start;
  top -= kSaved;
  std::memset(top, 0, kSaved * sizeof *top);
#else
  constexpr size_t kSaved = 20;
  constexpr size_t kLinkRegister = 11;
  top -= kSaved;
  std::memset(top, 0, kSaved * sizeof *top);
  top[kLinkRegister] = start;
#endif
  stack_pointer = top;
}

void switch_fiber(void** from, void* to) { emulation_switch_stacks(from, to); }

}  // namespace emulation
