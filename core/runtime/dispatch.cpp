#include "runtime/dispatch.h"

#include <string>

namespace thinbit {

thinbit_status report_fault(thinbit_error* error, const char* op, const char* argument,
                            const Fault& fault) {
  if (fault.kind == Fault::Kind::kNone) return clear(error);
  const std::string at = std::string(argument) + " at flat index " + std::to_string(fault.index);
  switch (fault.kind) {
    case Fault::Kind::kNone:
      break;
    case Fault::Kind::kNonFinite:
      return report(error, THINBIT_NON_FINITE, op, argument, "finite",
                    at + " is NaN or infinite, and must be finite");
    case Fault::Kind::kScaleOverflow:
      return report(error, THINBIT_NON_FINITE, op, argument, "finite",
                    at + " begins a group whose scale overflows its dtype; quantize from float32");
    case Fault::Kind::kScaleValue:
      return report(error, THINBIT_INVALID_ARGUMENT, op, argument, "positive",
                    at + " must be positive and finite, and 2688 divided by it finite too");
    case Fault::Kind::kIndexRange:
      return report(error, THINBIT_INVALID_ARGUMENT, op, argument, "range",
                    at + " is the number of no matrix of its operand");
    case Fault::Kind::kIndexOrder:
      return report(error, THINBIT_INVALID_ARGUMENT, op, argument, "sorted",
                    at + " is less than the index before it, and sorted_indices promises that they "
                         "ascend");
    case Fault::Kind::kOutOfMemory:
      return report(error, THINBIT_OUT_OF_MEMORY, op, "", "out_of_memory",
                    "there is not enough memory for the workspace");
    case Fault::Kind::kDevice:
      return report(error, THINBIT_DEVICE, op, "", "device", fault.text);
  }
  return report(error, THINBIT_INTERNAL, op, "", "internal", "a kernel reported an unknown fault");
}

bool check_context(Checker& check, const Context* context) {
  return check.required("context", context);
}

thinbit_status report_unsupported(Checker& check, const Context& context) {
  check.fail("backend", "unsupported",
             std::string("the backend ") + context.backend().name + " has no kernel for this op",
             THINBIT_UNSUPPORTED);
  return check.status();
}

}  // namespace thinbit
