#pragma once

// Included by the file of each instruction set; see float_rows.h.

#include <utility>

namespace thinbit {
namespace {

#define THINBIT_INLINE inline __attribute__((always_inline))

// Calls body(std::integral_constant<int, i>) for i = 0 .. count - 1, unrolled by construction:
// shifts and blends take their counts from the type.
template <class Body, int... kIndices>
THINBIT_INLINE void unroll(Body&& body, std::integer_sequence<int, kIndices...>) {
  (body(std::integral_constant<int, kIndices>{}), ...);
}
template <int kCount, class Body>
THINBIT_INLINE void unroll(Body&& body) {
  unroll(body, std::make_integer_sequence<int, kCount>{});
}

}  // namespace
}  // namespace thinbit
