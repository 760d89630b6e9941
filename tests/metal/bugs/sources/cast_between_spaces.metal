// Casts a device pointer to threadgroup memory.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]], uint index [[thread_index_in_threadgroup]]) {
  out[index] = ((threadgroup const float*)in)[index];
}
