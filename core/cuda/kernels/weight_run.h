#pragma once

// Runs of packed codes, the piece of a row of w that a lane takes: `count` codes, 4, 8 or 16.

#include "cuda/kernels/codes.h"
#include "cuda/kernels/float_memory.h"
#include "cuda/kernels/machine.h"

namespace thinbit {

// Eight codes in each, or the only four.
template <int count>
struct Run {
  static constexpr int kEights = count < 8 ? 1 : count / 8;
  uint64_t eights[kEights];
};

// The run that begins at an address: a multiple of the run's bytes, but for 3, 5 and 6 bits.
template <int bits, int count>
THINBIT_DEVICE Run<count> load_run(const uint8_t* at) {
  Run<count> run = {};
  if constexpr (count == 4) {
    static_assert(bits == 4, "groups of 16 have 4 bits");
    run.eights[0] = load_read_only(reinterpret_cast<const uint16_t*>(at));
  } else if constexpr (count == 16 && bits == 8) {
    const Quad quad = *reinterpret_cast<const Quad*>(at);
    run.eights[0] = quad.words[0] | static_cast<uint64_t>(quad.words[1]) << 32;
    run.eights[1] = quad.words[2] | static_cast<uint64_t>(quad.words[3]) << 32;
  } else if constexpr (count == 16 && bits == 4) {
    const uint64_t codes = load_read_only(reinterpret_cast<const uint64_t*>(at));
    run.eights[0] = static_cast<uint32_t>(codes);
    run.eights[1] = codes >> 32;
  } else if constexpr (count == 16 && bits == 2) {
    const uint32_t codes = load_read_only(reinterpret_cast<const uint32_t*>(at));
    run.eights[0] = codes & 0xFFFFu;
    run.eights[1] = codes >> 16;
  } else {
    // Words are whole where runs are not.
    constexpr bool kStraddles = bits == 3 || bits == 5 || bits == 6;
    const uint64_t start = kStraddles ? reinterpret_cast<uint64_t>(at) % 4 : 0;
    for (int i = 0; i < Run<count>::kEights; ++i) {
      run.eights[i] = load_codes<bits>(at - start, start + static_cast<uint64_t>(i * bits));
    }
  }
  return run;
}

}  // namespace thinbit
