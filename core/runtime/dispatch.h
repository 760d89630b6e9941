#pragma once

#include <algorithm>

#include "runtime/checker.h"
#include "runtime/context.h"
#include "runtime/error.h"

namespace thinbit {

// The spine from a public call to a kernel: read, resolve, pick the slot, run, report.

// Words what a kernel found; THINBIT_OK for no fault.
thinbit_status report_fault(thinbit_error* error, const char* op, const char* argument,
                            const Fault& fault);

// Whether the context is there; reports it when not.
bool check_context(Checker& check, const Context* context);

// Reports that a backend has no kernel for an op.
thinbit_status report_unsupported(Checker& check, const Context& context);

// What a call becomes on its way down: the outputs' shapes, then the resolved call.
template <class Op>
struct Resolution {
  thinbit_tensor_info outputs[Op::kOutputs] = {};
  typename Op::Call call;

  bool from(Checker& check, const typename Op::Params* given) {
    typename Op::Params params;
    return check.read("params", given, params) && Op::resolve(check, params, call, outputs);
  }
};

template <class Op>
thinbit_status infer(const typename Op::Params* given, thinbit_tensor_info* outputs,
                     thinbit_error* error) noexcept {
  return guarded(error, Op::kName, [&] {
    Checker check(Op::kName, Checker::Phase::kInfer, nullptr, error);
    Resolution<Op> resolved;
    if (!check.required("outputs", outputs) || !resolved.from(check, given)) return check.status();
    std::copy_n(resolved.outputs, Op::kOutputs, outputs);
    return clear(error);
  });
}

template <class Op>
thinbit_status supports(thinbit_context* context, const typename Op::Params* given,
                        thinbit_error* error) noexcept {
  return guarded(error, Op::kName, [&] {
    Checker check(Op::kName, Checker::Phase::kSupports, context, error);
    Resolution<Op> resolved;
    if (!check_context(check, context) || !resolved.from(check, given)) return check.status();
    if (context->backend().*Op::kSlot == nullptr) return report_unsupported(check, *context);
    return clear(error);
  });
}

template <class Op>
thinbit_status run(thinbit_context* context, const typename Op::Params* given,
                   thinbit_error* error) noexcept {
  return guarded(error, Op::kName, [&] {
    Checker check(Op::kName, Checker::Phase::kRun, context, error);
    Resolution<Op> resolved;
    if (!check_context(check, context) || !resolved.from(check, given)) return check.status();
    const auto kernel = context->backend().*Op::kSlot;
    if (kernel == nullptr) return report_unsupported(check, *context);
    return report_fault(error, Op::kName, Op::kFiniteArgument, kernel(*context, resolved.call));
  });
}

}  // namespace thinbit
