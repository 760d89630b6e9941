#pragma once

// Included by the file of each instruction set, which compiles these loops for itself; hence the
// unnamed namespace, and no include but of what is compiled once for all.

#include <cstdint>
#include <cstring>

#include "numerics/e4m3.h"
#include "numerics/half.h"
#include "runtime/tensor_view.h"

namespace thinbit {
namespace {

static_assert(static_cast<int>(DType::kFloat32) == static_cast<int>(FloatFormat::kFloat32));
static_assert(static_cast<int>(DType::kFloat16) == static_cast<int>(FloatFormat::kFloat16));
static_assert(static_cast<int>(DType::kBfloat16) == static_cast<int>(FloatFormat::kBfloat16));

template <class Stored, class Convert>
inline void load_elements(const std::byte* data, int64_t stride, int64_t count,
                          float* __restrict values, Convert convert) {
  const Stored* __restrict elements = reinterpret_cast<const Stored*>(data);
  if (stride == 1) {
    for (int64_t i = 0; i < count; ++i) values[i] = convert(elements[i]);
  } else {
    for (int64_t i = 0; i < count; ++i) values[i] = convert(elements[i * stride]);
  }
}

template <class Stored, class Convert>
inline void store_elements(const float* __restrict values, int64_t count, int64_t stride,
                           std::byte* data, Convert convert) {
  Stored* __restrict elements = reinterpret_cast<Stored*>(data);
  if (stride == 1) {
    for (int64_t i = 0; i < count; ++i) elements[i] = convert(values[i]);
  } else {
    for (int64_t i = 0; i < count; ++i) elements[i * stride] = convert(values[i]);
  }
}

inline void load(const std::byte* data, DType dtype, int64_t stride, int64_t count, float* values) {
  if (dtype == DType::kFloat16) {
    load_elements<uint16_t>(data, stride, count, values, [](uint16_t v) { return f16_to_f32(v); });
  } else if (dtype == DType::kBfloat16) {
    load_elements<uint16_t>(data, stride, count, values, [](uint16_t v) { return bf16_to_f32(v); });
  } else {
    load_elements<float>(data, stride, count, values, [](float v) { return v; });
  }
}

inline void store(const float* values, int64_t count, DType dtype, int64_t stride,
                  std::byte* data) {
  if (dtype == DType::kFloat16) {
    store_elements<uint16_t>(values, count, stride, data, [](float v) { return f32_to_f16(v); });
  } else if (dtype == DType::kBfloat16) {
    store_elements<uint16_t>(values, count, stride, data, [](float v) { return f32_to_bf16(v); });
  } else {
    store_elements<float>(values, count, stride, data, [](float v) { return v; });
  }
}

inline void to_fp8(const float* __restrict values, int64_t count, uint8_t* __restrict bytes) {
  for (int64_t i = 0; i < count; ++i) bytes[i] = static_cast<uint8_t>(e4m3_encode(values[i]));
}

inline void from_fp8(const uint8_t* __restrict bytes, int64_t count, float* __restrict values) {
  for (int64_t i = 0; i < count; ++i) values[i] = e4m3_decode(bytes[i]);
}

}  // namespace
}  // namespace thinbit
