// What each kernel of kernels/ begins with; core/cuda/kernels/machine.h stands before it.

namespace thinbit {

// 64 elements each.
struct Operands {
  float* out;
  const float* in;  // 1
};

struct Floats {
  alignas(16) float of[64];
};

THINBIT_DEVICE uint32_t last() { return 63 - thread_index(); }

}  // namespace thinbit

using namespace thinbit;

#define BUG THINBIT_KERNEL(64, bug, Operands)
