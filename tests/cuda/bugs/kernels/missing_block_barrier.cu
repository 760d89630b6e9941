// finds: race or unwritten
// One thread reads what another writes, and no barrier lies between.
BUG {
  THINBIT_BLOCK_MEMORY(Floats, shared);
  shared.of[thread_index()] = parameters.in[thread_index()];
  parameters.out[thread_index()] = shared.of[last()];
}
