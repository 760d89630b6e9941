// finds: misaligned
// A vector is read from an address that is not a multiple of its size.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                    uint index [[thread_index_in_threadgroup]],
                    uint group [[threadgroup_position_in_grid]],
                    uint threads [[threads_per_threadgroup]]) {
  out[index] = (*(device const float4*)(in + (index < 60 ? index : 0) / 4 * 4 + 1)).x;
}
