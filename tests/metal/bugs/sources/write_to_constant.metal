// Writes to the constant address space.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(constant float* out [[buffer(0)]], uint index [[thread_index_in_threadgroup]]) {
  out[index] = 1;
}
