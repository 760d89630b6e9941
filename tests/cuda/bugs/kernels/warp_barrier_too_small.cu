// finds: race or unwritten
// A barrier of a warp does not order what two warps share.
BUG {
  THINBIT_BLOCK_MEMORY(Floats, shared);
  shared.of[thread_index()] = parameters.in[thread_index()];
  warp_barrier();
  parameters.out[thread_index()] = shared.of[last()];
}
