// Only constants may stand outside of functions.
#include <metal_stdlib>
using namespace metal;
float total = 0;
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]], uint index [[thread_index_in_threadgroup]]) {
  total += in[index];
  out[index] = total;
}
