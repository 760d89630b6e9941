#include "cuda/plugin/fault_words.h"

#include "cuda/kernels/parameters.h"

namespace thinbit::cuda {
namespace {

bool quantizes_activations(Op op) {
  return op == Op::kQqmm || op == Op::kQqaddmm || op == Op::kGatherQqmm;
}

// The flat name of the weight's global scale.
const char* global_scale_of(Op op) {
  return quantizes_activations(op) ? "global_scale_w" : "global_scale";
}

}  // namespace

const char* op_name(Op op) {
  switch (op) {
    case Op::kQuantize:
      return "quantize";
    case Op::kDequantize:
      return "dequantize";
    case Op::kQuantizedMatmul:
      return "quantized_matmul";
    case Op::kQuantizedAddmm:
      return "quantized_addmm";
    case Op::kGatherQmm:
      return "gather_qmm";
    case Op::kQqmm:
      return "qqmm";
    case Op::kQqaddmm:
      return "qqaddmm";
    case Op::kGatherQqmm:
      return "gather_qqmm";
    case Op::kToFp8:
      return "to_fp8";
    case Op::kFromFp8:
      return "from_fp8";
  }
  return "";
}

Reported read_fault(uint64_t word) {
  Reported reported;
  if (word == kNoFault) return reported;
  constexpr uint64_t kIndexMask = (uint64_t{1} << (kFaultOrderShift - kFaultIndexShift)) - 1;
  const auto index = static_cast<int64_t>(word >> kFaultIndexShift & kIndexMask);
  reported.op = static_cast<Op>(word >> 3 & 15);
  switch (static_cast<FaultKind>(word & 7)) {
    case FaultKind::kNonFinite:
      reported.argument = "w";
      reported.fault = Fault::non_finite(index);
      break;
    case FaultKind::kScaleOverflow:
      reported.argument = "w";
      reported.fault = Fault::scale_overflow(index);
      break;
    case FaultKind::kWeightScale:
      reported.argument = global_scale_of(reported.op);
      reported.fault = Fault::scale_value(index);
      break;
    case FaultKind::kActivationScale:
      reported.argument = "global_scale_x";
      reported.fault = Fault::scale_value(index);
      break;
    case FaultKind::kLeftRange:
      reported.argument = "lhs_indices";
      reported.fault = Fault::index_range(index);
      break;
    case FaultKind::kLeftOrder:
      reported.argument = "lhs_indices";
      reported.fault = Fault::index_order(index);
      break;
    case FaultKind::kRightRange:
      reported.argument = "rhs_indices";
      reported.fault = Fault::index_range(index);
      break;
    case FaultKind::kRightOrder:
      reported.argument = "rhs_indices";
      reported.fault = Fault::index_order(index);
      break;
  }
  return reported;
}

}  // namespace thinbit::cuda
