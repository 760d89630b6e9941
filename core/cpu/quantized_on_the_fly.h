#pragma once

#include <cstddef>

#include "runtime/context.h"
#include "runtime/fault.h"
#include "runtime/tensor_view.h"

namespace thinbit::cpu {

// A float weight quantized on the fly, in scratch memory. A matrix that a batch axis repeats is
// quantized once.
class QuantizedOnTheFly {
 public:
  // `w` has floats in `packed` and no scales; its mode has no biases.
  explicit QuantizedOnTheFly(const QuantizedView& w);

  // Scratch memory needed, a multiple of 64.
  size_t bytes() const { return words_bytes_ + scales_bytes_; }

  // Quantizes as the op quantize does; afterwards quantized() is the weight. A fault's index is
  // that of an element of w.
  Fault quantize(Context& context, std::byte* scratch);
  const QuantizedView& quantized() const { return quantized_; }

 private:
  const QuantizedView& w_;
  QuantizedView quantized_;
  size_t words_bytes_;
  size_t scales_bytes_;
};

}  // namespace thinbit::cpu
