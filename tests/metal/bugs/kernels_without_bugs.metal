// Kernels in which nothing is wrong, and that come close to what the bugs do.
#include <metal_simdgroup_matrix>
#include <metal_stdlib>
using namespace metal;

[[kernel]] void barriers(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                         uint index [[thread_index_in_threadgroup]]) {
  threadgroup float shared[64];
  float sum = 0;
  for (int round = 0; round < 3; round++) {
    shared[index] = in[index] + (float)index;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    sum += shared[index ^ 33];
    threadgroup_barrier(mem_flags::mem_threadgroup);
  }
  out[index] = sum;
}

[[kernel]] void within_simdgroup(device float* out [[buffer(0)]],
                                 device const float* in [[buffer(1)]],
                                 uint index [[thread_index_in_threadgroup]]) {
  threadgroup float shared[64];
  shared[index] = in[index];
  simdgroup_barrier(mem_flags::mem_threadgroup);
  const float sum = simd_sum(shared[index ^ 1]);
  out[index] = simd_shuffle_xor(sum, 16) + simd_max((float)index) + simd_broadcast(sum, 3);
}

[[kernel]] void matrices(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                         uint index [[thread_index_in_threadgroup]],
                         uint group [[simdgroup_index_in_threadgroup]]) {
  simdgroup_matrix<float, 8, 8> a, b;
  simdgroup_matrix<float, 8, 8> c = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
  simdgroup_load(a, in, 8);
  simdgroup_load(b, in, 8);
  simdgroup_multiply_accumulate(c, a, b, c);
  if (group == 0) simdgroup_store(c, out, 8);
}
