// finds: misaligned or undefined
// A load of 8 bytes from an address that is no multiple of 8.
BUG {
  const auto* at = reinterpret_cast<const uint64_t*>(parameters.in + (thread_index() | 1) % 63);
  parameters.out[thread_index()] = static_cast<float>(load_read_only(at));
}
