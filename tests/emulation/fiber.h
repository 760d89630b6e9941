#pragma once

#include <cstddef>

namespace emulation {

// A stack of its own that runs `body`, until it switches away.
class Fiber {
 public:
  static constexpr size_t kStackBytes = 256 << 10;

  Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  Fiber(Fiber&& other) noexcept;
  ~Fiber();

  // Begins anew at `body`, which never returns.
  void prepare(void (*body)());

  const std::byte* stack() const { return stack_; }

  void* stack_pointer = nullptr;

 private:
  std::byte* stack_ = nullptr;
};

// Continues the stack `to`, and comes back when something switches to what is left behind in
// `from`.
void switch_fiber(void** from, void* to);

}  // namespace emulation
