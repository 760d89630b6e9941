#pragma once

#include <cstdint>

namespace thinbit::cuda {

// The ops that report what is wrong with values; numbers of FaultReport::call.
enum class Op : uint32_t {
  kQuantize,
  kDequantize,
  kQuantizedMatmul,
  kQuantizedAddmm,
  kGatherQmm,
  kQqmm,
  kQqaddmm,
  kGatherQqmm,
  kToFp8,
  kFromFp8
};

// As the schema has it.
const char* op_name(Op op);

}  // namespace thinbit::cuda
