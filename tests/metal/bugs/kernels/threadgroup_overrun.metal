// finds: out of bounds
// An array in threadgroup memory is one element short.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                    uint index [[thread_index_in_threadgroup]],
                    uint group [[threadgroup_position_in_grid]],
                    uint threads [[threads_per_threadgroup]]) {
  threadgroup float shared[63];
  threadgroup float* to = shared;
  to[index] = in[index];
  out[index] = 1;
}
