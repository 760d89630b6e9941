// finds: threadgroup memory
// 36 KB of threadgroup memory; Apple's GPUs have 32.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                    uint index [[thread_index_in_threadgroup]],
                    uint group [[threadgroup_position_in_grid]],
                    uint threads [[threads_per_threadgroup]]) {
  threadgroup float shared[9000];
  shared[index] = in[index];
  out[index] = shared[index];
}
