#pragma once

// Floats in memory of any format.

#include "cuda/kernels/machine.h"
#include "numerics/half.h"

namespace thinbit {

// Sixteen bytes, as memory is best read and written; their address is a multiple of 16.
struct alignas(16) Quad {
  uint32_t words[4];
};

THINBIT_DEVICE float load_float(const uint8_t* memory, uint64_t index, FloatFormat format) {
  if (format == FloatFormat::kFloat32) {
    return load_read_only(reinterpret_cast<const float*>(memory) + index);
  }
  const uint16_t code = load_read_only(reinterpret_cast<const uint16_t*>(memory) + index);
  return format == FloatFormat::kFloat16 ? f32_of_f16(code) : bf16_to_f32(code);
}

THINBIT_DEVICE void store_float(uint8_t* memory, uint64_t index, float value, FloatFormat format) {
  if (format == FloatFormat::kFloat32) {
    reinterpret_cast<float*>(memory)[index] = value;
  } else {
    const uint16_t code = format == FloatFormat::kFloat16 ? f16_of(value) : bf16_of(value);
    reinterpret_cast<uint16_t*>(memory)[index] = code;
  }
}

// Eight floats from element `index`, a multiple of 8, of memory that begins at a multiple of 16
// bytes.
THINBIT_DEVICE void load_eight(const uint8_t* memory, uint64_t index, FloatFormat format,
                               float (&values)[8]) {
  if (format == FloatFormat::kFloat32) {
    const Quad* const from = reinterpret_cast<const Quad*>(memory) + index / 4;
    for (int half = 0; half < 2; ++half) {
      const Quad quad = from[half];
      for (int i = 0; i < 4; ++i) values[4 * half + i] = float_of(quad.words[i]);
    }
    return;
  }
  const Quad quad = reinterpret_cast<const Quad*>(memory)[index / 8];
  for (int i = 0; i < 8; ++i) {
    const uint16_t code = static_cast<uint16_t>(quad.words[i / 2] >> (i % 2 * 16));
    values[i] = format == FloatFormat::kFloat16 ? f32_of_f16(code) : bf16_to_f32(code);
  }
}

THINBIT_DEVICE void store_eight(uint8_t* memory, uint64_t index, FloatFormat format,
                                const float (&values)[8]) {
  if (format == FloatFormat::kFloat32) {
    Quad* const to = reinterpret_cast<Quad*>(memory) + index / 4;
    for (int half = 0; half < 2; ++half) {
      Quad quad;
      for (int i = 0; i < 4; ++i) quad.words[i] = bits_of(values[4 * half + i]);
      to[half] = quad;
    }
    return;
  }
  Quad quad;
  for (int i = 0; i < 4; ++i) {
    const float low = values[2 * i];
    const float high = values[2 * i + 1];
    quad.words[i] = format == FloatFormat::kFloat16
                        ? f16_of(low) | static_cast<uint32_t>(f16_of(high)) << 16
                        : bf16_of(low) | static_cast<uint32_t>(bf16_of(high)) << 16;
  }
  reinterpret_cast<Quad*>(memory)[index / 8] = quad;
}

}  // namespace thinbit
