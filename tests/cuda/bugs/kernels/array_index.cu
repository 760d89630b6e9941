// finds: undefined
// An index outside of a thread's own array.
BUG {
  float values[8];
  for (int i = 0; i < 8; ++i) values[i] = parameters.in[i];
  parameters.out[thread_index()] = values[thread_index() / 7];
}
