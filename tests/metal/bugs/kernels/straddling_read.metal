// finds: out of bounds
// The last vector reaches past the end of the buffer.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                    uint index [[thread_index_in_threadgroup]],
                    uint group [[threadgroup_position_in_grid]],
                    uint threads [[threads_per_threadgroup]]) {
  out[index] = ((device const float4*)in)[index < 15 ? index : 15].x + ((device const float2*)(in + 2))[31].y;
}
