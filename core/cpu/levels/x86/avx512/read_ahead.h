#pragma once

// Included inside an AVX-512 region.

#include "cpu/levels/x86/avx512/registers.h"

namespace thinbit {
namespace {

// Which bytes of w are fetched while others are multiplied.
struct ReadAhead {
  int64_t bytes;
  // Rows that are multiplied together and follow one another in memory: their bytes are fetched in
  // memory's order, for memory serves one stream better than as many as there are rows.
  bool one_stream;

  // Called for the load at byte `position` of each of kWRows rows from `row` on; this is row n.
  template <int kWRows, int kLoadBytes>
  THINBIT_INLINE void fetch(const EncodedRows& w, int64_t row, int64_t n, int64_t position) const {
    const int64_t at =
        one_stream ? position * kWRows + n * kLoadBytes : position + n * w.words_stride;
    _mm_prefetch(reinterpret_cast<const char*>(w.words + row * w.words_stride + at + bytes),
                 _MM_HINT_T0);
  }
};

}  // namespace
}  // namespace thinbit
