// finds: race or unwritten
// Lanes do not run in lockstep: between them a warp_barrier is needed.
BUG {
  THINBIT_BLOCK_MEMORY(Floats, shared);
  shared.of[thread_index()] = parameters.in[thread_index()];
  parameters.out[thread_index()] = shared.of[thread_index() ^ 1];
}
