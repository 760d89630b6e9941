#include "metal/presence.h"

#if THINBIT_HAS_METAL

#include <algorithm>
#include <cstring>
#include <limits>

#include "metal/conversion.h"
#include "metal/kernels/parameters.h"
#include "numerics/half.h"
#include "numerics/nvfp4.h"

namespace thinbit::metal {
namespace {

constexpr uint32_t kNoFault = std::numeric_limits<uint32_t>::max();

float scale_at(const TensorView& global_scale, int64_t matrix) {
  float value;
  const int64_t offset = global_scale.offset_of(matrix, global_scale.ndim);
  std::memcpy(&value, global_scale.data + offset * dtype_bytes(global_scale.dtype), sizeof value);
  return value;
}

template <class Factor>
std::vector<float> factors(const TensorView& global_scale, int64_t matrices, const Factor& factor) {
  std::vector<float> result(static_cast<size_t>(matrices), 1.0f);
  if (!global_scale.present) return result;
  for (int64_t i = 0; i < matrices; ++i) {
    result[static_cast<size_t>(i)] = factor(scale_at(global_scale, i));
  }
  return result;
}

MTLSize threadgroups(int64_t chunks) {
  return MTLSizeMake(
      static_cast<NSUInteger>((chunks + kConversionThreads - 1) / kConversionThreads), 1, 1);
}

float element_at(const TensorView& w, int64_t index) {
  const std::byte* at = w.data + w.offset_of(index, w.ndim) * dtype_bytes(w.dtype);
  if (w.dtype == DType::kFloat32) {
    float value;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
  uint16_t code;
  std::memcpy(&code, at, sizeof code);
  return w.dtype == DType::kFloat16 ? f16_to_f32(code) : bf16_to_f32(code);
}

}  // namespace

int32_t float_format(DType dtype) {
  return dtype == DType::kUint8 ? 0 : static_cast<int32_t>(dtype);
}

std::vector<float> encode_factors(const TensorView& global_scale, int64_t matrices) {
  return factors(global_scale, matrices, nvfp4_encode_factor);
}

std::vector<float> decode_factors(const TensorView& global_scale, int64_t matrices) {
  return factors(global_scale, matrices, nvfp4_decode_factor);
}

id<MTLBuffer> no_fault(Work& work) { return work.copy(&kNoFault, sizeof kNoFault); }

void quantize(Work& work, const GroupFormat& format, const TensorView& w,
              const std::vector<float>& factors, const QuantizedBuffers& to) {
  Specialisation specialisation;
  specialisation.group_size = format.group_size;
  specialisation.input_format = float_format(w.dtype);
  specialisation.scale_format = format.mode == Mode::kAffine ? float_format(w.dtype) : 0;
  const int64_t groups = w.elements() / format.group_size;
  const auto matrices = static_cast<int64_t>(factors.size());
  if (groups >= int64_t{kNoFault}) throw DeviceError{"w has more than 2^32 groups"};
  const QuantizeParameters parameters = {static_cast<uint32_t>(groups),
                                         static_cast<uint32_t>(groups / matrices)};
  work.dispatch(work.gpu().pipeline(Family::kConversion, "quantize", format.mode, format.bits,
                                    specialisation),
                {work.input(w), to.codes, to.scales, to.biases, to.first_fault,
                 work.copy(factors.data(), factors.size() * sizeof(float))},
                parameters, threadgroups(w.elements() / kChunk), kConversionThreads);
}

// The kernel tells the first group; which of its elements, or that its scale overflows, is seen
// here.
Fault fault_of(const GroupFormat& format, const TensorView& w, id<MTLBuffer> first_fault) {
  uint32_t group;
  std::memcpy(&group, [first_fault contents], sizeof group);
  if (group == kNoFault) return Fault::none();
  const int64_t first = int64_t{group} * format.group_size;
  for (int64_t i = first; i < first + format.group_size; ++i) {
    if (!is_finite(element_at(w, i))) return Fault::non_finite(i);
  }
  return Fault::scale_overflow(first);
}

id<MTLBuffer> quantized_values(Work& work, const GroupFormat& format, const TensorView& x,
                               float encode_factor) {
  Specialisation specialisation;
  specialisation.group_size = format.group_size;
  specialisation.input_format = float_format(x.dtype);
  const int64_t groups = x.elements() / format.group_size;
  if (groups >= int64_t{kNoFault}) throw DeviceError{"x has more than 2^32 groups"};
  id<MTLBuffer> values = work.scratch(static_cast<size_t>(x.elements()) * sizeof(float));
  if (groups == 0) return values;
  const QuantizeParameters parameters = {static_cast<uint32_t>(groups),
                                         static_cast<uint32_t>(groups)};
  work.dispatch(work.gpu().pipeline(Family::kConversion, "quantized_values", format.mode,
                                    format.bits, specialisation),
                {work.input(x), values, work.copy(&encode_factor, sizeof encode_factor)},
                parameters, threadgroups(x.elements() / kChunk), kConversionThreads);
  return values;
}

}  // namespace thinbit::metal

#endif
