// Metal has no pointers to functions of this kind.
#include <metal_stdlib>
using namespace metal;
float same(float value) { return value; }
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]], uint index [[thread_index_in_threadgroup]]) {
  float (*function)(float) = same;
  out[index] = function(in[index]);
}
