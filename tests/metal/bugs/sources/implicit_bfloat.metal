// A float becomes a bfloat only by a cast.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device bfloat* out [[buffer(0)]], device const float* in [[buffer(1)]], uint index [[thread_index_in_threadgroup]]) {
  bfloat value = in[index];
  out[index] = value;
}
