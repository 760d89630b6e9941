// finds: race
// threads in a threadgroup: 32
// Threadgroups are never in an order: the halves of two of them overlap.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                    uint index [[thread_index_in_threadgroup]],
                    uint group [[threadgroup_position_in_grid]],
                    uint threads [[threads_per_threadgroup]]) {
  out[group * 16 + index] = in[index];
}
