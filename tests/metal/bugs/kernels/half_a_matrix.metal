// finds: divergence
// A simdgroup_matrix is multiplied by a part of the simdgroup.
#include <metal_stdlib>
using namespace metal;
#include <metal_simdgroup_matrix>
[[kernel]] void bug(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                    uint index [[thread_index_in_threadgroup]],
                    uint group [[threadgroup_position_in_grid]],
                    uint threads [[threads_per_threadgroup]]) {
  simdgroup_matrix<float, 8, 8> a = make_filled_simdgroup_matrix<float, 8, 8>(1.0f);
  if (index % 32 < 16) simdgroup_multiply_accumulate(a, a, a, a);
  out[index] = in[index];
}
