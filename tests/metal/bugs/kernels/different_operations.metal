// finds: divergence
// Lanes of a simdgroup meet in different operations.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                    uint index [[thread_index_in_threadgroup]],
                    uint group [[threadgroup_position_in_grid]],
                    uint threads [[threads_per_threadgroup]]) {
  float value = in[index];
  if (index & 1) {
    value = simd_sum(value);
  } else {
    value = simd_max(value);
  }
  out[index] = value;
}
