// finds: race
// Two threads write the same value to one place, which is a race all the same.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                    uint index [[thread_index_in_threadgroup]],
                    uint group [[threadgroup_position_in_grid]],
                    uint threads [[threads_per_threadgroup]]) {
  out[index / 2] = 1;
}
