// finds: race or unwritten
// A wait is for the thread's own copies, not for those of others.
BUG {
  THINBIT_BLOCK_MEMORY(Floats, shared);
  copy_4_async(&shared.of[thread_index()], parameters.in + thread_index(), true);
  commit_copies();
  wait_for_copies<0>();
  parameters.out[thread_index()] = shared.of[last()];
}
