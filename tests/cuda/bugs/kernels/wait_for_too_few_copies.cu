// finds: unwritten or race
// The last of two groups of copies is still on its way.
BUG {
  THINBIT_BLOCK_MEMORY(Floats, shared);
  const uint32_t half = thread_index() % 32;
  copy_4_async(&shared.of[half], parameters.in + half, thread_index() < 32);
  commit_copies();
  copy_4_async(&shared.of[half + 32], parameters.in + half, thread_index() < 32);
  commit_copies();
  wait_for_copies<1>();
  block_barrier();
  parameters.out[thread_index()] = shared.of[32 + half];
  wait_for_copies<0>();
}
