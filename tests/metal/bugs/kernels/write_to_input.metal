// finds: read-only
// Writes to a buffer that the kernel says it only reads.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                    uint index [[thread_index_in_threadgroup]],
                    uint group [[threadgroup_position_in_grid]],
                    uint threads [[threads_per_threadgroup]]) {
  device float* both = (device float*)in;
  both[index] = 2;
  out[index] = 1;
}
