#pragma once

// The rows of x that a tile is made of, and who copies them.

#include "cuda/kernels/machine.h"
#include "cuda/kernels/parameters.h"
#include "cuda/kernels/product_rows.h"

namespace thinbit {

// x comes to block memory so many elements of each row at a time, in pieces of 16 bytes. The pieces
// of a row are copied by threads side by side.
THINBIT_CONSTANT uint32_t kStepOfX = 64;
THINBIT_CONSTANT uint32_t kPiecesOfX = kStepOfX / 8;

THINBIT_CONSTANT uint32_t kOutside = ~0u;

// The rows of x, of a tile of so many, whose pieces one of `threads` copies, and the one whose sums
// it copies; kOutside where the segment has no such row.
template <uint32_t rows, uint32_t threads>
struct RowsOfX {
  THINBIT_CONSTANT uint32_t kApart = threads / kPiecesOfX;
  THINBIT_CONSTANT uint32_t kCount = rows / kApart;

  uint32_t of[kCount];
  uint32_t of_sums;

  // Where they are in the tile.
  static THINBIT_DEVICE uint32_t row(uint32_t i) {
    return thread_index() / kPiecesOfX + kApart * i;
  }
  static THINBIT_DEVICE uint32_t row_of_sums() { return thread_index() % rows; }
};

THINBIT_DEVICE uint32_t row_of_x(const ProductParameters& parameters, const Segment& segment,
                                 uint32_t row) {
  return row < segment.count ? place_of(parameters, segment.first + row).x : kOutside;
}

template <uint32_t rows, uint32_t threads>
THINBIT_DEVICE RowsOfX<rows, threads> rows_of_x(const ProductParameters& parameters,
                                                const Segment& segment, bool has_sums) {
  using Rows = RowsOfX<rows, threads>;
  Rows x;
  for (uint32_t i = 0; i < Rows::kCount; ++i) {
    x.of[i] = row_of_x(parameters, segment, Rows::row(i));
  }
  x.of_sums = has_sums ? row_of_x(parameters, segment, Rows::row_of_sums()) : kOutside;
  return x;
}

}  // namespace thinbit
