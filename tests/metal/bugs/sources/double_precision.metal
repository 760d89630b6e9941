// Metal has no double.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]], uint index [[thread_index_in_threadgroup]]) {
  double value = in[index];
  out[index] = (float)value;
}
