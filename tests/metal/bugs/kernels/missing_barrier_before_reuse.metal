// finds: race
// The memory is written again before all have read it.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                    uint index [[thread_index_in_threadgroup]],
                    uint group [[threadgroup_position_in_grid]],
                    uint threads [[threads_per_threadgroup]]) {
  threadgroup float shared[64];
  float sum = 0;
  for (int round = 0; round < 2; round++) {
    shared[index] = in[index];
    threadgroup_barrier(mem_flags::mem_threadgroup);
    sum += shared[index ^ 33];
  }
  out[index] = sum;
}
