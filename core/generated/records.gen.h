// generated from codegen/schema/thinbit.yaml: do not edit
#pragma once

#include "runtime/checker.h"
#include "runtime/tensor_view.h"

namespace thinbit {

// What an op asks of a quantized_tensor, and the flat names of its fields.
struct QuantizedTensorRules {
  const char* packed;
  const char* scales;
  const char* biases;
  const char* global_scale;
  const char* mode;
  const char* group_size;
  const char* bits;
  const char* prepared;
  Mode default_mode;
  ModeSet modes;
  bool accepts_float;
  bool per_expert;
};

// Checks a quantized_tensor and fills the view; E becomes its leading axes.
bool resolve_quantized_tensor(Checker& check, const QuantizedTensorRules& names, const thinbit_quantized_tensor* given,
                               QuantizedView& view, Axes& E);

}  // namespace thinbit
