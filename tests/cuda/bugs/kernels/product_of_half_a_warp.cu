// finds: divergence
// All lanes of a warp make a product of fragments together.
BUG {
  float sums[4] = {};
  const uint32_t a[4] = {};
  const uint32_t b[2] = {};
  if (thread_index() % 32 < 16) {
    multiply_accumulate<FloatFormat::kBfloat16>(sums, a, b);
  } else {
    sums[0] = shuffle_xor(sums[0], 1);
  }
  parameters.out[thread_index()] = sums[0];
}
