// finds: misaligned
// A copy of 16 bytes from an address that is no multiple of 16.
BUG {
  THINBIT_BLOCK_MEMORY(Floats, shared);
  if (thread_index() < 8) {
    copy_16_async(&shared.of[4 * thread_index()], parameters.in + 4 * thread_index() + 1, true);
  }
  commit_copies();
  wait_for_copies<0>();
}
