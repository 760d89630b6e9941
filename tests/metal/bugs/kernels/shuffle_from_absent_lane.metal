// finds: divergence
// Takes the value of a lane that does not take part.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                    uint index [[thread_index_in_threadgroup]],
                    uint group [[threadgroup_position_in_grid]],
                    uint threads [[threads_per_threadgroup]]) {
  float value = in[index];
  if (index % 32 < 20) value = simd_shuffle_xor(value, 16);
  out[index] = value;
}
