// A kernel's parameter needs an attribute.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device float* out [[buffer(0)]], uint index) {
  out[index] = 1;
}
