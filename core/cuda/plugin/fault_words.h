#pragma once

#include <cstdint>

#include "cuda/plugin/op.h"
#include "runtime/fault.h"

namespace thinbit::cuda {

// What a session's kernels reported: a fault, and the op and argument that it is about.
struct Reported {
  Fault fault;
  Op op = Op::kQuantize;
  const char* argument = "";
};

// Reads a word of FaultReport.
Reported read_fault(uint64_t word);

}  // namespace thinbit::cuda
