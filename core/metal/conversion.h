#pragma once

#include <cstdint>
#include <vector>

#include "metal/work.h"

namespace thinbit::metal {

// What the float w becomes, in row-major order, and where kernels report what is wrong with it.
struct QuantizedBuffers {
  id<MTLBuffer> codes;
  id<MTLBuffer> scales;
  id<MTLBuffer> biases;
  id<MTLBuffer> first_fault;
};

// How groups are encoded.
struct GroupFormat {
  Mode mode;
  int32_t bits;
  int32_t group_size;
};

// The FloatFormat of kernels; 0 for bytes.
int32_t float_format(DType dtype);

// The factors of the global scales of `matrices` matrices; 1 where there are none.
std::vector<float> encode_factors(const TensorView& global_scale, int64_t matrices);
std::vector<float> decode_factors(const TensorView& global_scale, int64_t matrices);

// A buffer for `QuantizedBuffers::first_fault`.
id<MTLBuffer> no_fault(Work& work);

// Dispatches the quantization of `w`, each of whose matrices has a factor.
void quantize(Work& work, const GroupFormat& format, const TensorView& w,
              const std::vector<float>& factors, const QuantizedBuffers& to);

// After finish(): what was wrong with w.
Fault fault_of(const GroupFormat& format, const TensorView& w, id<MTLBuffer> first_fault);

// Dispatches the rounding of x to what its quantized elements stand for, without the global scale;
// float32, in row-major order.
id<MTLBuffer> quantized_values(Work& work, const GroupFormat& format, const TensorView& x,
                               float encode_factor);

}  // namespace thinbit::metal
