// finds: divergence
// Not every thread comes to the barrier.
BUG {
  if (thread_index() < 40) block_barrier();
  parameters.out[thread_index()] = parameters.in[thread_index()];
}
