// finds: race
// The barrier orders device memory, and the threads share threadgroup memory.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                    uint index [[thread_index_in_threadgroup]],
                    uint group [[threadgroup_position_in_grid]],
                    uint threads [[threads_per_threadgroup]]) {
  threadgroup float shared[64];
  shared[index] = in[index];
  threadgroup_barrier(mem_flags::mem_device);
  out[index] = shared[index ^ 33];
}
