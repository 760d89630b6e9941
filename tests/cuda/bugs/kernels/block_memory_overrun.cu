// finds: out of bounds
// An element after the last of what the block shares is written.
BUG {
  THINBIT_BLOCK_MEMORY(Floats, shared);
  float* const all = shared.of;
  all[thread_index() + 1] = parameters.in[thread_index()];
}
