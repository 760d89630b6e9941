// finds: undefined
// An integer is divided by zero.
BUG { parameters.out[thread_index()] = static_cast<float>(64 / (thread_index() % 8)); }
