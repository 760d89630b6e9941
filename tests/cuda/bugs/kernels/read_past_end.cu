// finds: out of bounds
// An element after the last is read.
BUG { parameters.out[thread_index()] = parameters.in[thread_index() + 1]; }
