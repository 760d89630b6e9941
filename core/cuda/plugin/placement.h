#pragma once

#include <cstdint>

#include "cuda/plugin/work.h"
#include "runtime/product.h"
#include "runtime/repetition.h"

namespace thinbit::cuda {

// The matrices of a product's operands as kernels are given them: repeated ones once.
struct Repetitions {
  explicit Repetitions(const Product& product);

  Repetition x;
  Repetition w;
  Repetition c;
};

// Where the rows of a batch are, for kernels: memory of the device.
struct Placement {
  const Place* places = nullptr;  // null: one matrix, its rows in their order
  const Segment* segments = nullptr;
  const uint32_t* segment_count = nullptr;
  int64_t most_segments = 0;
  int64_t rows = 0;
};

// Launches what places the positions of a batch, in segments of at most so many rows, and checks
// the indices. The batch is not empty.
Placement place(Work& work, const FaultReport& fault, const Product& product,
                const Repetitions& repetitions, uint32_t segment_rows);

// Throws DeviceError where kernels cannot count so far.
uint32_t narrow(int64_t value, const char* name);

}  // namespace thinbit::cuda
