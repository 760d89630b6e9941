// A device pointer where a pointer to the thread's own memory is wanted.
#include <metal_stdlib>
using namespace metal;
float first(thread const float* values) { return values[0]; }
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]], uint index [[thread_index_in_threadgroup]]) {
  out[index] = first(in);
}
