// finds: out of bounds
// A copy reads beyond its operand.
BUG {
  THINBIT_BLOCK_MEMORY(Floats, shared);
  copy_4_async(&shared.of[thread_index()], parameters.in + thread_index() + 1, true);
  commit_copies();
  wait_for_copies<0>();
}
