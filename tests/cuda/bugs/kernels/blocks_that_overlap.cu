// finds: race
// Two blocks write one element.
BUG { parameters.out[thread_index() / 2 + block_x() * 16] = parameters.in[thread_index()]; }
