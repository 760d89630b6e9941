// finds: race
// The memory is written again before all have read it.
BUG {
  THINBIT_BLOCK_MEMORY(Floats, shared);
  float sum = 0;
  for (int round = 0; round < 2; ++round) {
    shared.of[thread_index()] = parameters.in[thread_index()];
    block_barrier();
    sum += shared.of[last()];
  }
  parameters.out[thread_index()] = sum;
}
