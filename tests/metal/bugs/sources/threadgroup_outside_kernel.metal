// Variables in threadgroup memory belong in kernels.
#include <metal_stdlib>
using namespace metal;
float twice(float value) {
  threadgroup float shared[1];
  shared[0] = value;
  return shared[0] * 2;
}
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]], uint index [[thread_index_in_threadgroup]]) {
  out[index] = twice(in[index]);
}
