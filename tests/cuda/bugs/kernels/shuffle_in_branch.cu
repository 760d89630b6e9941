// finds: divergence
// A lane takes from another that is not in the shuffle.
BUG {
  float value = parameters.in[thread_index()];
  if (thread_index() % 2 == 0) value = shuffle_xor(value, 1);
  parameters.out[thread_index()] = value;
}
