// finds: undefined
// An index outside of a thread's own array.
#include <metal_stdlib>
using namespace metal;
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                    uint index [[thread_index_in_threadgroup]],
                    uint group [[threadgroup_position_in_grid]],
                    uint threads [[threads_per_threadgroup]]) {
  float values[8];
  for (int i = 0; i < 8; i++) values[i] = in[i];
  out[index] = values[index / 7];
}
