// finds: threadgroup memory
// More block memory than a kernel can declare.
struct Large {
  float of[(49152 + 16) / 4];
};
BUG {
  THINBIT_BLOCK_MEMORY(Large, shared);
  shared.of[thread_index()] = parameters.in[thread_index()];
  parameters.out[thread_index()] = shared.of[thread_index()];
}
