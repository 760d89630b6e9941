// finds: race
// A sum that others add to is written without the atomic operation.
BUG { parameters.out[0] += parameters.in[thread_index()]; }
