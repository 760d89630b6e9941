// finds: unwritten
// Four elements of block memory are read that nobody writes.
BUG {
  THINBIT_BLOCK_MEMORY(Floats, shared);
  if (thread_index() < 60) shared.of[thread_index()] = parameters.in[thread_index()];
  block_barrier();
  parameters.out[thread_index()] = shared.of[last()];
}
