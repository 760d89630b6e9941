// finds: out of bounds
// An element after the last is written.
BUG { parameters.out[thread_index() + 1] = parameters.in[thread_index()]; }
