// Everything that the seeded bugs do wrong, done right.
BUG {
  THINBIT_BLOCK_MEMORY(Floats, shared);
  copy_4_async(&shared.of[thread_index()], parameters.in + thread_index(), true);
  commit_copies();
  wait_for_copies<0>();
  block_barrier();
  float value = shuffle_xor(shared.of[last()], 1);
  block_barrier();
  shared.of[thread_index()] = value;
  warp_barrier();
  value += shared.of[thread_index() ^ 1];
  float sums[4] = {};
  const uint32_t a[4] = {0x3F803F80u, 0x3F803F80u, 0x3F803F80u, 0x3F803F80u};
  const uint32_t b[2] = {0x3F803F80u, 0x3F803F80u};
  multiply_accumulate<FloatFormat::kBfloat16>(sums, a, b);
  if (block_x() == 0) parameters.out[thread_index()] = value + sums[0];
}
