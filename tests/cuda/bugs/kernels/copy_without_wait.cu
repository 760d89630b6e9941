// finds: unwritten or race
// An asynchronous copy is read before it has landed.
BUG {
  THINBIT_BLOCK_MEMORY(Floats, shared);
  copy_4_async(&shared.of[thread_index()], parameters.in + thread_index(), true);
  commit_copies();
  block_barrier();
  parameters.out[thread_index()] = shared.of[last()];
  wait_for_copies<0>();
}
