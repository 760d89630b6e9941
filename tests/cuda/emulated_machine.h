#pragma once

// The bodies of core/cuda/kernels/machine.h for the emulation: kernels are compiled as C++ for the
// host's processor, every access checked, and call the run time of tests/emulation.

#include <cstdint>

#include "abi.h"

#define THINBIT_DEVICE inline __attribute__((always_inline))

// A kernel's own symbol takes its thread; beside it stand the bytes of its argument and the threads
// of its blocks, which a cubin says too.
#define THINBIT_KERNEL(threads, name, Type)                          \
  static void name##_body(const Type& parameters);                   \
  extern "C" {                                                       \
  extern const uint32_t name##_argument_bytes = sizeof(Type);        \
  extern const uint32_t name##_threads = threads;                    \
  void name(const emulation_thread* thread) {                        \
    name##_body(*reinterpret_cast<const Type*>(thread->buffers[0])); \
  }                                                                  \
  }                                                                  \
  static void name##_body(const Type& parameters)

#define THINBIT_RESIDENT_KERNEL(threads, blocks, name, Type) THINBIT_KERNEL(threads, name, Type)

#define THINBIT_BLOCK_MEMORY(Type, name)                                \
  Type& name = *reinterpret_cast<Type*>(emulation_threadgroup_variable( \
      reinterpret_cast<uint64_t>(#name), sizeof(Type), alignof(Type)))

namespace thinbit {

// Rows of emulation_thread::positions.
constexpr int kPositionOfBlock = 2;
constexpr int kBlocksOfGrid = 5;
constexpr int kIndexInBlock = 6;

THINBIT_DEVICE uint32_t position(int row, int axis) {
  return reinterpret_cast<const emulation_thread*>(emulation_self())->positions[row][axis];
}
THINBIT_DEVICE uint32_t thread_index() { return position(kIndexInBlock, 0); }
THINBIT_DEVICE uint32_t block_x() { return position(kPositionOfBlock, 0); }
THINBIT_DEVICE uint32_t block_y() { return position(kPositionOfBlock, 1); }
THINBIT_DEVICE uint32_t block_z() { return position(kPositionOfBlock, 2); }
THINBIT_DEVICE uint32_t grid_z() { return position(kBlocksOfGrid, 2); }

// Barriers order global memory and the memory that a block shares.
constexpr uint32_t kAllMemory = 3;

THINBIT_DEVICE void block_barrier(uint32_t line = __builtin_LINE()) {
  emulation_threadgroup_barrier(kAllMemory, line);
}

THINBIT_DEVICE void warp_barrier(uint32_t line = __builtin_LINE()) {
  emulation_simdgroup_barrier(kAllMemory, line);
}

template <class Value>
THINBIT_DEVICE Value shuffle_xor(Value value, uint32_t mask, uint32_t line = __builtin_LINE()) {
  uint32_t lanes = 0;
  const uint64_t deposits =
      emulation_exchange(reinterpret_cast<uint64_t>(&value), sizeof value, kEmulationShuffle, line,
                         reinterpret_cast<uint64_t>(&lanes));
  const uint32_t source = emulation_lane() ^ mask;
  if ((lanes >> source & 1u) == 0) emulation_inactive_lane(source, line);
  return *reinterpret_cast<const Value*>(deposits + 64 * source);
}

THINBIT_DEVICE void atomic_min(uint64_t* at, uint64_t value) {
  const auto address = reinterpret_cast<uint64_t>(at);
  if (value < emulation_atomic_load(address, 8)) emulation_atomic_store(address, value, 8);
}

THINBIT_DEVICE uint32_t atomic_add(uint32_t* at, uint32_t value) {
  const auto address = reinterpret_cast<uint64_t>(at);
  const auto before = static_cast<uint32_t>(emulation_atomic_load(address, 4));
  emulation_atomic_store(address, before + value, 4);
  return before;
}

// Off by as much as a GPU's may be.
THINBIT_DEVICE float reciprocal(float value) { return float_of(bits_of(1.0f / value) ^ 1u); }

THINBIT_DEVICE float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

template <class Value>
THINBIT_DEVICE Value load_read_only(const Value* at) {
  return *at;
}

THINBIT_DEVICE void copy_16_async(void* to, const void* from, bool inside) {
  emulation_copy_async(reinterpret_cast<uint64_t>(to), reinterpret_cast<uint64_t>(from), 16,
                       inside ? 16 : 0);
}
THINBIT_DEVICE void copy_4_async(void* to, const void* from, bool inside) {
  emulation_copy_async(reinterpret_cast<uint64_t>(to), reinterpret_cast<uint64_t>(from), 4,
                       inside ? 4 : 0);
}
THINBIT_DEVICE void commit_copies() { emulation_commit_copies(); }
template <int left>
THINBIT_DEVICE void wait_for_copies() {
  emulation_wait_for_copies(left);
}

THINBIT_DEVICE uint16_t f16_of(float value) { return f32_to_f16(value); }
THINBIT_DEVICE uint16_t bf16_of(float value) { return f32_to_bf16(value); }
THINBIT_DEVICE float f32_of_f16(uint16_t code) { return f16_to_f32(code); }

THINBIT_DEVICE uint32_t permute_bytes(uint32_t low, uint32_t high, uint32_t selector) {
  const uint64_t bytes = static_cast<uint64_t>(high) << 32 | low;
  uint32_t result = 0;
  for (int i = 0; i < 4; ++i) {
    const uint32_t choice = selector >> (4 * i) & 7u;
    result |= (static_cast<uint32_t>(bytes >> (8 * choice)) & 0xFFu) << (8 * i);
  }
  return result;
}

THINBIT_DEVICE uint32_t and_or(uint32_t a, uint32_t b, uint32_t c) { return (a & b) | c; }

THINBIT_DEVICE float half_of(FloatFormat format, uint32_t pair, int index) {
  const auto code = static_cast<uint16_t>(pair >> (16 * index));
  return format == FloatFormat::kFloat16 ? f16_to_f32(code) : bf16_to_f32(code);
}
THINBIT_DEVICE uint32_t pair_of(FloatFormat format, float low, float high) {
  if (format == FloatFormat::kFloat16) {
    return f32_to_f16(low) | static_cast<uint32_t>(f32_to_f16(high)) << 16;
  }
  return f32_to_bf16(low) | static_cast<uint32_t>(f32_to_bf16(high)) << 16;
}
template <class Operation>
THINBIT_DEVICE uint32_t packed(FloatFormat format, uint32_t a, uint32_t b, Operation operation) {
  return pair_of(format, operation(half_of(format, a, 0), half_of(format, b, 0)),
                 operation(half_of(format, a, 1), half_of(format, b, 1)));
}
THINBIT_DEVICE uint32_t subtract_f16x2(uint32_t a, uint32_t b) {
  return packed(FloatFormat::kFloat16, a, b, [](float x, float y) { return x - y; });
}
THINBIT_DEVICE uint32_t multiply_f16x2(uint32_t a, uint32_t b) {
  return packed(FloatFormat::kFloat16, a, b, [](float x, float y) { return x * y; });
}
THINBIT_DEVICE uint32_t subtract_bf16x2(uint32_t a, uint32_t b) {
  return packed(FloatFormat::kBfloat16, a, b, [](float x, float y) { return x - y; });
}
THINBIT_DEVICE uint32_t multiply_bf16x2(uint32_t a, uint32_t b) {
  return packed(FloatFormat::kBfloat16, a, b, [](float x, float y) { return x * y; });
}

// What a tensor core adds is aligned to the largest magnitude among the addends, and what does not
// fit into 24 bits there is cut off; hardware keeps as much or a little more. Values that are not
// finite go through ordinary addition.
struct AlignedSum {
  float addends[17];
  int count = 0;

  THINBIT_DEVICE void add(float addend) { addends[count++] = addend; }

  THINBIT_DEVICE float sum() const {
    float largest = 0.0f;
    float ordinary = 0.0f;
    for (int i = 0; i < count; ++i) {
      ordinary += addends[i];
      largest = magnitude(addends[i]) > largest ? magnitude(addends[i]) : largest;
    }
    if (!is_finite(ordinary) || largest == 0.0f) return ordinary;
    const int exponent = static_cast<int>(bits_of(largest) >> kMantissaBits) - kExponentBias;
    const double unit = __builtin_ldexp(1.0, exponent - 23);
    double total = 0.0;  // exact: seventeen integers below 2^24
    for (int i = 0; i < count; ++i) {
      total += __builtin_trunc(static_cast<double>(addends[i]) / unit);
    }
    const double limit = 16777216.0;
    double coarse = 1.0;
    while (__builtin_fabs(total / coarse) >= limit) coarse *= 2.0;
    return static_cast<float>(__builtin_trunc(total / coarse) * coarse * unit);
  }
};

template <FloatFormat format>
THINBIT_DEVICE void multiply_accumulate(float (&d)[4], const uint32_t (&a)[4],
                                        const uint32_t (&b)[2], uint32_t line = __builtin_LINE()) {
  struct Fragments {
    uint32_t a[4];
    uint32_t b[2];
  } mine = {{a[0], a[1], a[2], a[3]}, {b[0], b[1]}};
  uint32_t lanes = 0;
  const uint64_t deposits =
      emulation_exchange(reinterpret_cast<uint64_t>(&mine), sizeof mine, kEmulationMultiply, line,
                         reinterpret_cast<uint64_t>(&lanes));
  const uint32_t g = emulation_lane() / 4;
  const uint32_t t = emulation_lane() % 4;
  for (uint32_t element = 0; element < 4; ++element) {
    const uint32_t half = element / 2;  // row g or g + 8
    const uint32_t column = 2 * t + element % 2;
    AlignedSum sum;
    sum.add(d[element]);
    for (uint32_t other = 0; other < 4; ++other) {  // the lanes that hold the k of `other`
      const auto& left = *reinterpret_cast<const Fragments*>(deposits + 64 * (4 * g + other));
      const auto& right = *reinterpret_cast<const Fragments*>(deposits + 64 * (4 * column + other));
      for (int i = 0; i < 4; ++i) {
        sum.add(half_of(format, left.a[half + 2 * (i / 2)], i % 2) *
                half_of(format, right.b[i / 2], i % 2));
      }
    }
    d[element] = sum.sum();
  }
}

#define THINBIT_HAS_WARPGROUP_PRODUCTS 1

// The products that a thread has issued and not waited for: their tiles are read as late as that.
struct ProductQueue {
  struct Issued {
    uint32_t a[4];
    const uint16_t* tile;
    uint32_t k;
    bool adds;
    bool is_float16;
  };
  Issued issued[8];
  int count = 0;
};

THINBIT_DEVICE void publish_copies() {}
THINBIT_DEVICE void begin_products() {}

template <FloatFormat format>
THINBIT_DEVICE void multiply_async(ProductQueue& queue, float (&)[64], const uint32_t (&a)[4],
                                   const uint16_t* tile, uint32_t k, bool adds) {
  queue.issued[queue.count++] = {
      {a[0], a[1], a[2], a[3]}, tile, k, adds, format == FloatFormat::kFloat16};
}

THINBIT_DEVICE void commit_products() {}

THINBIT_DEVICE void wait_for_products(ProductQueue& queue, float (&d)[64],
                                      uint32_t line = __builtin_LINE()) {
  const uint32_t g = emulation_lane() / 4;
  const uint32_t t = emulation_lane() % 4;
  for (int i = 0; i < queue.count; ++i) {
    const ProductQueue::Issued& product = queue.issued[i];
    const FloatFormat format = product.is_float16 ? FloatFormat::kFloat16 : FloatFormat::kBfloat16;
    uint32_t lanes = 0;
    const uint64_t deposits =
        emulation_exchange(reinterpret_cast<uint64_t>(product.a), sizeof product.a,
                           kEmulationMultiply, line, reinterpret_cast<uint64_t>(&lanes));
    for (uint32_t element = 0; element < 64; ++element) {
      const uint32_t half = element / 2 % 2;  // row g or g + 8
      const uint32_t column = element / 4 * 8 + 2 * t + element % 2;
      AlignedSum sum;
      sum.add(product.adds ? d[element] : 0.0f);
      for (uint32_t k = 0; k < 16; ++k) {
        const auto* const a =
            reinterpret_cast<const uint32_t*>(deposits + 64 * (4 * g + k % 8 / 2));
        const uint32_t piece = (product.k + k) / 8 ^ column % 8;
        const uint16_t b = product.tile[column * 64 + piece * 8 + k % 8];
        sum.add(half_of(format, a[half + k / 8 * 2], static_cast<int>(k % 2)) *
                half_of(format, b, 0));
      }
      d[element] = sum.sum();
    }
  }
  queue.count = 0;
}

}  // namespace thinbit
