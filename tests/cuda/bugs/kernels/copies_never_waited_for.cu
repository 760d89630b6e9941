// finds: copies
// The kernel ends while a copy is on its way.
BUG {
  THINBIT_BLOCK_MEMORY(Floats, shared);
  copy_4_async(&shared.of[thread_index()], parameters.in + thread_index(), true);
  commit_copies();
  parameters.out[thread_index()] = 0;
}
