// generated from codegen/schema/thinbit.yaml: do not edit
#include "cuda/plugin/modules.h"

namespace thinbit::cuda {
namespace {

// Kernel files as NVRTC takes them, each with all that it includes.

// core/cuda/kernels/copy.cu
const char kCopySource[] =
    R"cuda(#if defined(__METAL_VERSION__)
#define THINBIT_FN inline
#define THINBIT_CONSTANT constexpr constant
#elif defined(__OPENCL_CPP_VERSION__)
#define THINBIT_FN inline
#define THINBIT_CONSTANT constexpr __constant
#elif defined(__CUDACC_RTC__)
#define THINBIT_FN __host__ __device__ __forceinline__
#define THINBIT_CONSTANT static constexpr
#else
#include <cstdint>
#if defined(__CUDACC__)
#define THINBIT_FN __host__ __device__ __forceinline__
#else
#define THINBIT_FN inline
#endif
#define THINBIT_CONSTANT static constexpr
#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "thinbit's packed rows are little-endian, and so must the host be"
#endif
#endif
#if defined(__clang__) && !defined(__CUDACC_RTC__)
#pragma clang fp contract(off)
#endif

namespace thinbit {

#if defined(__CUDACC_RTC__) || (defined(__OPENCL_CPP_VERSION__) && !defined(__METAL_VERSION__))
using uint8_t = unsigned char;
using uint16_t = unsigned short;
using uint32_t = unsigned int;
using int32_t = int;
#endif
#if defined(__CUDACC_RTC__)
using uint64_t = unsigned long long;
using int64_t = long long;
#endif

THINBIT_FN uint32_t bits_of(float value) {
#if defined(__METAL_VERSION__)
  return as_type<uint32_t>(value);
#elif defined(__CUDA_ARCH__)
  return __float_as_uint(value);
#elif defined(__OPENCL_CPP_VERSION__)
  return __builtin_astype(value, uint32_t);
#else
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
#endif
}

THINBIT_FN float float_of(uint32_t bits) {
#if defined(__METAL_VERSION__)
  return as_type<float>(bits);
#elif defined(__CUDA_ARCH__)
  return __uint_as_float(bits);
#elif defined(__OPENCL_CPP_VERSION__)
  return __builtin_astype(bits, float);
#else
)cuda"
    R"cuda(  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
#endif
}
THINBIT_FN float add(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fadd_rn(a, b);
#else
  return a + b;
#endif
}

THINBIT_FN float subtract(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fadd_rn(a, -b);
#else
  return a - b;
#endif
}

THINBIT_FN float multiply(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fmul_rn(a, b);
#else
  return a * b;
#endif
}

THINBIT_FN float divide(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fdiv_rn(a, b);
#else
  return a / b;
#endif
}

THINBIT_CONSTANT uint32_t kSignBit = 0x80000000u;
THINBIT_CONSTANT uint32_t kInfinityBits = 0x7F800000u;
THINBIT_CONSTANT uint32_t kNanBits = 0x7FC00000u;
THINBIT_CONSTANT uint32_t kMantissaMask = 0x007FFFFFu;
THINBIT_CONSTANT int kMantissaBits = 23;
THINBIT_CONSTANT int kExponentBias = 127;

THINBIT_FN float magnitude(float value) { return float_of(bits_of(value) & ~kSignBit); }

THINBIT_FN bool is_finite(float value) { return (bits_of(value) & kInfinityBits) != kInfinityBits; }
THINBIT_FN uint32_t select_bits(bool condition, uint32_t yes, uint32_t no) {
  return no ^ ((yes ^ no) & (0u - static_cast<uint32_t>(condition)));
}
THINBIT_FN float round_half_even(float value) {
  const float size = magnitude(value);
  const float rounded = subtract(add(size, 8388608.0f), 8388608.0f);
  const uint32_t chosen = select_bits(size < 8388608.0f, bits_of(rounded), bits_of(size));
  return float_of(chosen | (bits_of(value) & kSignBit));
}

}  // namespace thinbit

namespace thinbit {
)cuda"
    R"cuda(enum class FloatFormat : int32_t { kFloat32 = 1, kFloat16 = 2, kBfloat16 = 3 };
THINBIT_FN float f16_to_f32(uint16_t code) {
  const uint32_t sign = static_cast<uint32_t>(code & 0x8000u) << 16;
  const uint32_t size = code & 0x7FFFu;
  const uint32_t subnormal =
      bits_of(multiply(static_cast<float>(static_cast<int32_t>(size)), 5.9604644775390625e-8f));
  const uint32_t rebias = static_cast<uint32_t>(size >= 0x7C00u ? 255 - 31 : 127 - 15)
                          << kMantissaBits;
  return float_of(sign | select_bits(size < 0x0400u, subnormal, (size << 13) + rebias));
}
THINBIT_FN uint16_t f32_to_f16(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t size = bits & ~kSignBit;
  const uint32_t normal =
      ((size + 0x0FFFu + ((size >> 13) & 1u)) >> 13) - (static_cast<uint32_t>(127 - 15) << 10);
  const uint32_t subnormal = bits_of(add(float_of(size), 0.5f)) - 0x3F000000u;
  const uint32_t nan = 0x7E00u | ((size >> 13) & 0x03FFu);
  const uint32_t finite = select_bits(size < 0x38800000u, subnormal, normal);  // 2^-14
  const uint32_t ordered = select_bits(size >= 0x477FF000u, 0x7C00u, finite);  // 65520
  const uint32_t code = select_bits(size > kInfinityBits, nan, ordered);
  return static_cast<uint16_t>(code | ((bits >> 16) & 0x8000u));
}
THINBIT_FN float bf16_to_f32(uint16_t code) { return float_of(static_cast<uint32_t>(code) << 16); }
THINBIT_FN uint16_t f32_to_bf16(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
  const uint32_t nan = (bits >> 16) | 0x0040u;
  return static_cast<uint16_t>((bits & ~kSignBit) > kInfinityBits ? nan : rounded);
}
THINBIT_FN float round_to(FloatFormat format, float value) {
  if (format == FloatFormat::kFloat16) return f16_to_f32(f32_to_f16(value));
  if (format == FloatFormat::kBfloat16) return bf16_to_f32(f32_to_bf16(value));
  return value;
}

}  // namespace thinbit

#if defined(__CUDACC_RTC__)

#define THINBIT_DEVICE __device__ __forceinline__
#define THINBIT_KERNEL(threads, name, Type)             \
  extern "C" __global__ void __launch_bounds__(threads) \
      name(const __grid_constant__ Type parameters)
#define THINBIT_BLOCK_MEMORY(Type, name) __shared__ Type name

namespace thinbit {

THINBIT_DEVICE uint32_t thread_index() { return threadIdx.x; }
THINBIT_DEVICE uint32_t block_x() { return blockIdx.x; }
THINBIT_DEVICE uint32_t block_y() { return blockIdx.y; }
THINBIT_DEVICE uint32_t block_z() { return blockIdx.z; }
THINBIT_DEVICE uint32_t grid_z() { return gridDim.z; }

THINBIT_DEVICE void block_barrier() { __syncthreads(); }

template <class Value>
THINBIT_DEVICE Value shuffle_xor(Value value, uint32_t mask) {
  return __shfl_xor_sync(0xFFFFFFFFu, value, static_cast<int>(mask));
}

)cuda"
    R"cuda(THINBIT_DEVICE void atomic_min(uint64_t* at, uint64_t value) { atomicMin(at, value); }

THINBIT_DEVICE float fused(float a, float b, float c) { return __fmaf_rn(a, b, c); }

template <class Value>
THINBIT_DEVICE Value load_read_only(const Value* at) {
  return __ldg(at);
}

THINBIT_DEVICE void copy_16_async(void* to, const void* from, bool inside) {
  const uint32_t address = static_cast<uint32_t>(__cvta_generic_to_shared(to));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from),
               "r"(inside ? 16 : 0)
               : "memory");
}

THINBIT_DEVICE void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

template <int left>
THINBIT_DEVICE void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(left) : "memory");
}

THINBIT_DEVICE uint16_t f16_of(float value) {
  uint16_t code;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(code) : "f"(value));
  return value == value ? code : f32_to_f16(value);
}

THINBIT_DEVICE uint16_t bf16_of(float value) {
  uint16_t code;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(code) : "f"(value));
  return value == value ? code : f32_to_bf16(value);
}

THINBIT_DEVICE float f32_of_f16(uint16_t code) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(code));
  return value;
}

THINBIT_DEVICE uint32_t permute_bytes(uint32_t low, uint32_t high, uint32_t selector) {
  return __byte_perm(low, high, selector);
}

THINBIT_DEVICE uint32_t subtract_f16x2(uint32_t a, uint32_t b) {
  uint32_t difference;
  asm("sub.rn.f16x2 %0, %1, %2;" : "=r"(difference) : "r"(a), "r"(b));
  return difference;
}

THINBIT_DEVICE uint32_t multiply_f16x2(uint32_t a, uint32_t b) {
  uint32_t product;
  asm("mul.rn.f16x2 %0, %1, %2;" : "=r"(product) : "r"(a), "r"(b));
  return product;
}
THINBIT_DEVICE uint32_t subtract_bf16x2(uint32_t a, uint32_t b) {
  uint32_t difference;
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(difference) : "r"(b), "r"(0xBF80BF80u), "r"(a));
  return difference;
)cuda"
    R"cuda(}
THINBIT_DEVICE uint32_t multiply_bf16x2(uint32_t a, uint32_t b) {
  uint32_t product;
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(product) : "r"(a), "r"(b), "r"(0x80008000u));
  return product;
}

template <FloatFormat format>
THINBIT_DEVICE void multiply_accumulate(float (&d)[4], const uint32_t (&a)[4],
                                        const uint32_t (&b)[2]) {
  if constexpr (format == FloatFormat::kFloat16) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  } else {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  }
}

}  // namespace thinbit
#else
#include "emulated_machine.h"
#endif

namespace thinbit {
enum class CodeMode : int32_t { kAffine = 1, kMxfp4 = 2, kMxfp8 = 3, kNvfp4 = 4 };
THINBIT_CONSTANT uint32_t kChunk = 8;
THINBIT_CONSTANT uint32_t kConversionThreads = 256;
struct FaultReport {
  uint64_t* word;
  uint32_t order;  // below 2^16
  uint32_t call;   // below 2^4: which op; the host's number
};
enum class FaultKind : uint32_t {
  kNonFinite = 0,
  kScaleOverflow = 1,
  kWeightScale = 2,
  kActivationScale = 3,
  kLeftRange = 4,
  kLeftOrder = 5,
  kRightRange = 6,
  kRightOrder = 7
};

THINBIT_CONSTANT uint64_t kNoFault = ~uint64_t{0};
THINBIT_CONSTANT int kFaultOrderShift = 48;
THINBIT_CONSTANT int kFaultIndexShift = 7;  // below it: 4 bits of the call, 3 of the kind

THINBIT_FN uint64_t fault_word(uint32_t order, uint32_t call, FaultKind kind, uint64_t index) {
  return static_cast<uint64_t>(order) << kFaultOrderShift | index << kFaultIndexShift |
         static_cast<uint64_t>(call) << 3 | static_cast<uint64_t>(kind);
}

struct QuantizeParameters {
  const uint8_t* w;
  uint8_t* codes;
)cuda"
    R"cuda(  uint8_t* scales;
  uint8_t* biases;
  const float* global_scales;  // null: none
  FaultReport fault;
  uint64_t groups;              // of the whole tensor
  uint64_t groups_per_matrix;   // each matrix has a global scale of its own
  int64_t global_scale_stride;  // elements from matrix to matrix; 0: one for all
  uint32_t group_size;
  FloatFormat format;  // of w, and of the scales and biases of affine
};

struct QuantizedValuesParameters {
  const uint8_t* x;
  uint16_t* values;  // bf16, which holds each exactly
  const float* global_scale;
  FaultReport fault;
  uint64_t groups;
  uint32_t group_size;
  FloatFormat format;  // of x
};

struct DequantizeParameters {
  const uint8_t* codes;
  const uint8_t* scales;
  const uint8_t* biases;
  const float* global_scales;
  FaultReport fault;
  uint8_t* out;
  uint64_t chunks;             // of eight elements, of the whole tensor
  uint64_t chunks_per_matrix;  // each matrix has a global scale of its own
  int64_t global_scale_stride;
  uint32_t group_size;
  FloatFormat scale_format;
  FloatFormat output_format;
};

struct Fp8Parameters {
  const uint8_t* x;
  uint8_t* out;
  uint64_t elements;
  FloatFormat format;  // of the floats
};
THINBIT_CONSTANT int kMostAxes = 9;
struct CopyParameters {
  const uint8_t* from;
  uint8_t* to;
  uint64_t elements;
  int32_t axes;
  int32_t element_bytes;  // 1, 2, 4 or 8
  int64_t shape[kMostAxes];
  int64_t from_strides[kMostAxes];  // in elements
  int64_t to_strides[kMostAxes];
};

}  // namespace thinbit

namespace thinbit {
namespace {

template <class Element>
)cuda"
    R"cuda(THINBIT_DEVICE void copy_element(const CopyParameters& parameters, int64_t from, int64_t to) {
  reinterpret_cast<Element*>(parameters.to)[to] =
      reinterpret_cast<const Element*>(parameters.from)[from];
}

}  // namespace

THINBIT_KERNEL(kConversionThreads, copy, CopyParameters) {
  const uint64_t index = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  if (index >= parameters.elements) return;
  uint64_t rest = index;
  int64_t from = 0;
  int64_t to = 0;
  for (int axis = parameters.axes - 1; axis >= 0; --axis) {
    const uint64_t size = static_cast<uint64_t>(parameters.shape[axis]);
    const int64_t at = static_cast<int64_t>(rest % size);
    rest /= size;
    from += at * parameters.from_strides[axis];
    to += at * parameters.to_strides[axis];
  }
  switch (parameters.element_bytes) {
    case 1:
      return copy_element<uint8_t>(parameters, from, to);
    case 2:
      return copy_element<uint16_t>(parameters, from, to);
    case 4:
      return copy_element<uint32_t>(parameters, from, to);
    default:
      return copy_element<uint64_t>(parameters, from, to);
  }
}

}  // namespace thinbit
)cuda";

// core/cuda/kernels/dequantize.cu
const char kDequantizeSource[] =
    R"cuda(#if defined(__METAL_VERSION__)
#define THINBIT_FN inline
#define THINBIT_CONSTANT constexpr constant
#elif defined(__OPENCL_CPP_VERSION__)
#define THINBIT_FN inline
#define THINBIT_CONSTANT constexpr __constant
#elif defined(__CUDACC_RTC__)
#define THINBIT_FN __host__ __device__ __forceinline__
#define THINBIT_CONSTANT static constexpr
#else
#include <cstdint>
#if defined(__CUDACC__)
#define THINBIT_FN __host__ __device__ __forceinline__
#else
#define THINBIT_FN inline
#endif
#define THINBIT_CONSTANT static constexpr
#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "thinbit's packed rows are little-endian, and so must the host be"
#endif
#endif
#if defined(__clang__) && !defined(__CUDACC_RTC__)
#pragma clang fp contract(off)
#endif

namespace thinbit {

#if defined(__CUDACC_RTC__) || (defined(__OPENCL_CPP_VERSION__) && !defined(__METAL_VERSION__))
using uint8_t = unsigned char;
using uint16_t = unsigned short;
using uint32_t = unsigned int;
using int32_t = int;
#endif
#if defined(__CUDACC_RTC__)
using uint64_t = unsigned long long;
using int64_t = long long;
#endif

THINBIT_FN uint32_t bits_of(float value) {
#if defined(__METAL_VERSION__)
  return as_type<uint32_t>(value);
#elif defined(__CUDA_ARCH__)
  return __float_as_uint(value);
#elif defined(__OPENCL_CPP_VERSION__)
  return __builtin_astype(value, uint32_t);
#else
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
#endif
}

THINBIT_FN float float_of(uint32_t bits) {
#if defined(__METAL_VERSION__)
  return as_type<float>(bits);
#elif defined(__CUDA_ARCH__)
  return __uint_as_float(bits);
#elif defined(__OPENCL_CPP_VERSION__)
  return __builtin_astype(bits, float);
#else
)cuda"
    R"cuda(  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
#endif
}
THINBIT_FN float add(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fadd_rn(a, b);
#else
  return a + b;
#endif
}

THINBIT_FN float subtract(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fadd_rn(a, -b);
#else
  return a - b;
#endif
}

THINBIT_FN float multiply(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fmul_rn(a, b);
#else
  return a * b;
#endif
}

THINBIT_FN float divide(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fdiv_rn(a, b);
#else
  return a / b;
#endif
}

THINBIT_CONSTANT uint32_t kSignBit = 0x80000000u;
THINBIT_CONSTANT uint32_t kInfinityBits = 0x7F800000u;
THINBIT_CONSTANT uint32_t kNanBits = 0x7FC00000u;
THINBIT_CONSTANT uint32_t kMantissaMask = 0x007FFFFFu;
THINBIT_CONSTANT int kMantissaBits = 23;
THINBIT_CONSTANT int kExponentBias = 127;

THINBIT_FN float magnitude(float value) { return float_of(bits_of(value) & ~kSignBit); }

THINBIT_FN bool is_finite(float value) { return (bits_of(value) & kInfinityBits) != kInfinityBits; }
THINBIT_FN uint32_t select_bits(bool condition, uint32_t yes, uint32_t no) {
  return no ^ ((yes ^ no) & (0u - static_cast<uint32_t>(condition)));
}
THINBIT_FN float round_half_even(float value) {
  const float size = magnitude(value);
  const float rounded = subtract(add(size, 8388608.0f), 8388608.0f);
  const uint32_t chosen = select_bits(size < 8388608.0f, bits_of(rounded), bits_of(size));
  return float_of(chosen | (bits_of(value) & kSignBit));
}

}  // namespace thinbit

namespace thinbit {
)cuda"
    R"cuda(enum class FloatFormat : int32_t { kFloat32 = 1, kFloat16 = 2, kBfloat16 = 3 };
THINBIT_FN float f16_to_f32(uint16_t code) {
  const uint32_t sign = static_cast<uint32_t>(code & 0x8000u) << 16;
  const uint32_t size = code & 0x7FFFu;
  const uint32_t subnormal =
      bits_of(multiply(static_cast<float>(static_cast<int32_t>(size)), 5.9604644775390625e-8f));
  const uint32_t rebias = static_cast<uint32_t>(size >= 0x7C00u ? 255 - 31 : 127 - 15)
                          << kMantissaBits;
  return float_of(sign | select_bits(size < 0x0400u, subnormal, (size << 13) + rebias));
}
THINBIT_FN uint16_t f32_to_f16(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t size = bits & ~kSignBit;
  const uint32_t normal =
      ((size + 0x0FFFu + ((size >> 13) & 1u)) >> 13) - (static_cast<uint32_t>(127 - 15) << 10);
  const uint32_t subnormal = bits_of(add(float_of(size), 0.5f)) - 0x3F000000u;
  const uint32_t nan = 0x7E00u | ((size >> 13) & 0x03FFu);
  const uint32_t finite = select_bits(size < 0x38800000u, subnormal, normal);  // 2^-14
  const uint32_t ordered = select_bits(size >= 0x477FF000u, 0x7C00u, finite);  // 65520
  const uint32_t code = select_bits(size > kInfinityBits, nan, ordered);
  return static_cast<uint16_t>(code | ((bits >> 16) & 0x8000u));
}
THINBIT_FN float bf16_to_f32(uint16_t code) { return float_of(static_cast<uint32_t>(code) << 16); }
THINBIT_FN uint16_t f32_to_bf16(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
  const uint32_t nan = (bits >> 16) | 0x0040u;
  return static_cast<uint16_t>((bits & ~kSignBit) > kInfinityBits ? nan : rounded);
}
THINBIT_FN float round_to(FloatFormat format, float value) {
  if (format == FloatFormat::kFloat16) return f16_to_f32(f32_to_f16(value));
  if (format == FloatFormat::kBfloat16) return bf16_to_f32(f32_to_bf16(value));
  return value;
}

}  // namespace thinbit

#if defined(__CUDACC_RTC__)

#define THINBIT_DEVICE __device__ __forceinline__
#define THINBIT_KERNEL(threads, name, Type)             \
  extern "C" __global__ void __launch_bounds__(threads) \
      name(const __grid_constant__ Type parameters)
#define THINBIT_BLOCK_MEMORY(Type, name) __shared__ Type name

namespace thinbit {

THINBIT_DEVICE uint32_t thread_index() { return threadIdx.x; }
THINBIT_DEVICE uint32_t block_x() { return blockIdx.x; }
THINBIT_DEVICE uint32_t block_y() { return blockIdx.y; }
THINBIT_DEVICE uint32_t block_z() { return blockIdx.z; }
THINBIT_DEVICE uint32_t grid_z() { return gridDim.z; }

THINBIT_DEVICE void block_barrier() { __syncthreads(); }

template <class Value>
THINBIT_DEVICE Value shuffle_xor(Value value, uint32_t mask) {
  return __shfl_xor_sync(0xFFFFFFFFu, value, static_cast<int>(mask));
}

)cuda"
    R"cuda(THINBIT_DEVICE void atomic_min(uint64_t* at, uint64_t value) { atomicMin(at, value); }

THINBIT_DEVICE float fused(float a, float b, float c) { return __fmaf_rn(a, b, c); }

template <class Value>
THINBIT_DEVICE Value load_read_only(const Value* at) {
  return __ldg(at);
}

THINBIT_DEVICE void copy_16_async(void* to, const void* from, bool inside) {
  const uint32_t address = static_cast<uint32_t>(__cvta_generic_to_shared(to));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from),
               "r"(inside ? 16 : 0)
               : "memory");
}

THINBIT_DEVICE void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

template <int left>
THINBIT_DEVICE void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(left) : "memory");
}

THINBIT_DEVICE uint16_t f16_of(float value) {
  uint16_t code;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(code) : "f"(value));
  return value == value ? code : f32_to_f16(value);
}

THINBIT_DEVICE uint16_t bf16_of(float value) {
  uint16_t code;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(code) : "f"(value));
  return value == value ? code : f32_to_bf16(value);
}

THINBIT_DEVICE float f32_of_f16(uint16_t code) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(code));
  return value;
}

THINBIT_DEVICE uint32_t permute_bytes(uint32_t low, uint32_t high, uint32_t selector) {
  return __byte_perm(low, high, selector);
}

THINBIT_DEVICE uint32_t subtract_f16x2(uint32_t a, uint32_t b) {
  uint32_t difference;
  asm("sub.rn.f16x2 %0, %1, %2;" : "=r"(difference) : "r"(a), "r"(b));
  return difference;
}

THINBIT_DEVICE uint32_t multiply_f16x2(uint32_t a, uint32_t b) {
  uint32_t product;
  asm("mul.rn.f16x2 %0, %1, %2;" : "=r"(product) : "r"(a), "r"(b));
  return product;
}
THINBIT_DEVICE uint32_t subtract_bf16x2(uint32_t a, uint32_t b) {
  uint32_t difference;
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(difference) : "r"(b), "r"(0xBF80BF80u), "r"(a));
  return difference;
)cuda"
    R"cuda(}
THINBIT_DEVICE uint32_t multiply_bf16x2(uint32_t a, uint32_t b) {
  uint32_t product;
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(product) : "r"(a), "r"(b), "r"(0x80008000u));
  return product;
}

template <FloatFormat format>
THINBIT_DEVICE void multiply_accumulate(float (&d)[4], const uint32_t (&a)[4],
                                        const uint32_t (&b)[2]) {
  if constexpr (format == FloatFormat::kFloat16) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  } else {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  }
}

}  // namespace thinbit
#else
#include "emulated_machine.h"
#endif

namespace thinbit {
enum class CodeMode : int32_t { kAffine = 1, kMxfp4 = 2, kMxfp8 = 3, kNvfp4 = 4 };
THINBIT_CONSTANT uint32_t kChunk = 8;
THINBIT_CONSTANT uint32_t kConversionThreads = 256;
struct FaultReport {
  uint64_t* word;
  uint32_t order;  // below 2^16
  uint32_t call;   // below 2^4: which op; the host's number
};
enum class FaultKind : uint32_t {
  kNonFinite = 0,
  kScaleOverflow = 1,
  kWeightScale = 2,
  kActivationScale = 3,
  kLeftRange = 4,
  kLeftOrder = 5,
  kRightRange = 6,
  kRightOrder = 7
};

THINBIT_CONSTANT uint64_t kNoFault = ~uint64_t{0};
THINBIT_CONSTANT int kFaultOrderShift = 48;
THINBIT_CONSTANT int kFaultIndexShift = 7;  // below it: 4 bits of the call, 3 of the kind

THINBIT_FN uint64_t fault_word(uint32_t order, uint32_t call, FaultKind kind, uint64_t index) {
  return static_cast<uint64_t>(order) << kFaultOrderShift | index << kFaultIndexShift |
         static_cast<uint64_t>(call) << 3 | static_cast<uint64_t>(kind);
}

struct QuantizeParameters {
  const uint8_t* w;
  uint8_t* codes;
)cuda"
    R"cuda(  uint8_t* scales;
  uint8_t* biases;
  const float* global_scales;  // null: none
  FaultReport fault;
  uint64_t groups;              // of the whole tensor
  uint64_t groups_per_matrix;   // each matrix has a global scale of its own
  int64_t global_scale_stride;  // elements from matrix to matrix; 0: one for all
  uint32_t group_size;
  FloatFormat format;  // of w, and of the scales and biases of affine
};

struct QuantizedValuesParameters {
  const uint8_t* x;
  uint16_t* values;  // bf16, which holds each exactly
  const float* global_scale;
  FaultReport fault;
  uint64_t groups;
  uint32_t group_size;
  FloatFormat format;  // of x
};

struct DequantizeParameters {
  const uint8_t* codes;
  const uint8_t* scales;
  const uint8_t* biases;
  const float* global_scales;
  FaultReport fault;
  uint8_t* out;
  uint64_t chunks;             // of eight elements, of the whole tensor
  uint64_t chunks_per_matrix;  // each matrix has a global scale of its own
  int64_t global_scale_stride;
  uint32_t group_size;
  FloatFormat scale_format;
  FloatFormat output_format;
};

struct Fp8Parameters {
  const uint8_t* x;
  uint8_t* out;
  uint64_t elements;
  FloatFormat format;  // of the floats
};
THINBIT_CONSTANT int kMostAxes = 9;
struct CopyParameters {
  const uint8_t* from;
  uint8_t* to;
  uint64_t elements;
  int32_t axes;
  int32_t element_bytes;  // 1, 2, 4 or 8
  int64_t shape[kMostAxes];
  int64_t from_strides[kMostAxes];  // in elements
  int64_t to_strides[kMostAxes];
};

}  // namespace thinbit

namespace thinbit {
THINBIT_CONSTANT float kE2m1Max = 6.0f;
THINBIT_FN uint32_t e2m1_encode(float value) {
  const float size = magnitude(value);
)cuda"
    R"cuda(  const uint32_t code = static_cast<uint32_t>(size > 0.25f) + static_cast<uint32_t>(size >= 0.75f) +
                        static_cast<uint32_t>(size > 1.25f) + static_cast<uint32_t>(size >= 1.75f) +
                        static_cast<uint32_t>(size > 2.5f) + static_cast<uint32_t>(size >= 3.5f) +
                        static_cast<uint32_t>(size > 5.0f);
  return code | (bits_of(value) >> 31 << 3);
}
THINBIT_FN float e2m1_decode(uint32_t code) {
  const uint32_t size = code & 7u;
  const uint32_t normal =
      (size << 22) + (static_cast<uint32_t>(kExponentBias - 1) << kMantissaBits);
  const uint32_t subnormal = size == 0 ? 0u : 0x3F000000u;
  return float_of((size < 2u ? subnormal : normal) | ((code & 8u) << 28));
}

}  // namespace thinbit

namespace thinbit {
THINBIT_CONSTANT float kE4m3Max = 448.0f;
THINBIT_FN uint32_t e4m3_encode(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t size = bits & ~kSignBit;
  const uint32_t rounded = (size + 0x7FFFFu + ((size >> 20) & 1u)) >> 20;
  const uint32_t normal = rounded - (static_cast<uint32_t>(kExponentBias - 7) << 3);
  const uint32_t subnormal = bits_of(add(float_of(size), 16384.0f)) - 0x46800000u;
  const uint32_t finite = select_bits(size < 0x3C800000u, subnormal, normal);  // 2^-6
  const uint32_t code = finite < 0x7Eu ? finite : 0x7Eu;
  return select_bits(size > kInfinityBits, 0x7Fu, code | (bits >> 31 << 7));
}
THINBIT_FN float e4m3_decode(uint32_t code) {
  const uint32_t size = code & 0x7Fu;
  const uint32_t normal =
      (size << 20) + (static_cast<uint32_t>(kExponentBias - 7) << kMantissaBits);
  const uint32_t subnormal =
      bits_of(multiply(static_cast<float>(static_cast<int32_t>(size)), 0.001953125f));  // 2^-9
  const uint32_t finite = select_bits(size < 8u, subnormal, normal);
  return float_of(select_bits(size == 0x7Fu, kNanBits, finite) | ((code & 0x80u) << 24));
}

}  // namespace thinbit

namespace thinbit {
template <int bits>
THINBIT_DEVICE uint64_t load_codes(const uint8_t* rows, uint64_t offset) {
  if constexpr (bits == 8) {
    const uint32_t* const words = reinterpret_cast<const uint32_t*>(rows + offset);
    return load_read_only(words) | static_cast<uint64_t>(load_read_only(words + 1)) << 32;
  } else if constexpr (bits == 4) {
    return load_read_only(reinterpret_cast<const uint32_t*>(rows + offset));
  } else if constexpr (bits == 2) {
    return load_read_only(reinterpret_cast<const uint16_t*>(rows + offset));
  } else if constexpr (bits == 1) {
    return load_read_only(rows + offset);
  } else {
    const uint32_t* const words = reinterpret_cast<const uint32_t*>(rows) + offset / 4;
    const uint32_t shift = static_cast<uint32_t>(offset % 4) * 8;
    uint64_t packed = load_read_only(words);
    if (shift + 8 * bits > 32) packed |= static_cast<uint64_t>(load_read_only(words + 1)) << 32;
    return packed >> shift;
  }
}
)cuda"
    R"cuda(
template <int bits>
THINBIT_DEVICE uint32_t code_at(uint64_t packed, int index) {
  return static_cast<uint32_t>(packed >> (bits * index)) & ((1u << bits) - 1u);
}

template <int bits>
THINBIT_DEVICE void store_codes(uint8_t* at, uint64_t packed) {
  if constexpr (bits == 8) {
    reinterpret_cast<uint32_t*>(at)[0] = static_cast<uint32_t>(packed);
    reinterpret_cast<uint32_t*>(at)[1] = static_cast<uint32_t>(packed >> 32);
  } else if constexpr (bits == 4) {
    *reinterpret_cast<uint32_t*>(at) = static_cast<uint32_t>(packed);
  } else if constexpr (bits == 2) {
    *reinterpret_cast<uint16_t*>(at) = static_cast<uint16_t>(packed);
  } else {
    for (int i = 0; i < bits; ++i) at[i] = static_cast<uint8_t>(packed >> (8 * i));
  }
}
template <CodeMode mode>
THINBIT_DEVICE float element_of(uint32_t code) {
  if constexpr (mode == CodeMode::kAffine) {
    return static_cast<float>(static_cast<int32_t>(code));
  } else if constexpr (mode == CodeMode::kMxfp8) {
    return e4m3_decode(code);
  } else {
    return e2m1_decode(code);
  }
}

}  // namespace thinbit

namespace thinbit {
THINBIT_FN float flush_subnormal(float value) {
  const uint32_t bits = bits_of(value);
  return float_of((bits & kInfinityBits) == 0 ? bits & kSignBit : bits);
}

}  // namespace thinbit

namespace thinbit {
THINBIT_CONSTANT float kNvfp4Max = kE4m3Max * kE2m1Max;  // 448 * 6 = 2688
THINBIT_FN float nvfp4_encode_factor(float global_scale) { return divide(kNvfp4Max, global_scale); }
THINBIT_FN float nvfp4_decode_factor(float global_scale) {
  return flush_subnormal(divide(global_scale, kNvfp4Max));
}
THINBIT_FN uint32_t nvfp4_scale(float amax, float encode_factor) {
  return e4m3_encode(multiply(flush_subnormal(divide(amax, kE2m1Max)), encode_factor));
}
THINBIT_FN uint32_t nvfp4_code(float w, float d, float encode_factor) {
  const uint32_t code = e2m1_encode(multiply(flush_subnormal(divide(w, d)), encode_factor));
  return d == 0.0f ? 0u : code;
}
THINBIT_FN float nvfp4_dequantize(uint32_t code, float d, float decode_factor) {
  const float scale = flush_subnormal(multiply(d, decode_factor));
  return flush_subnormal(multiply(e2m1_decode(code), scale));
}

}  // namespace thinbit

)cuda"
    R"cuda(namespace thinbit {

THINBIT_DEVICE void report(const FaultReport& fault, FaultKind kind, uint64_t index) {
  atomic_min(fault.word, fault_word(fault.order, fault.call, kind, index));
}
THINBIT_DEVICE bool is_global_scale(float value) {
  return value > 0.0f && is_finite(value) && is_finite(nvfp4_encode_factor(value));
}

}  // namespace thinbit

namespace thinbit {
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
)cuda"
    R"cuda(  Quad quad;
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

namespace thinbit {
THINBIT_CONSTANT float kAffineEpsilon = 1e-7f;
struct AffineGroup {
  float scale;
  float bias;
};
THINBIT_FN int affine_levels(int bits) { return (1 << bits) - 1; }
THINBIT_FN AffineGroup affine_group(float lo, float hi, int bits) {
  AffineGroup group;
  const float range = subtract(hi, lo);
  if (bits == 1) {
    group.scale = range > kAffineEpsilon ? range : kAffineEpsilon;
    group.bias = lo;
    return group;
  }
  const float step = divide(range, static_cast<float>(affine_levels(bits)));
  const float size = step > kAffineEpsilon ? step : kAffineEpsilon;
  const bool low_edge = magnitude(lo) > magnitude(hi);
  const float edge = low_edge ? lo : hi;
  const float scale = low_edge ? size : -size;
  const float q0 = round_half_even(divide(edge, scale));
  group.scale = q0 != 0.0f ? divide(edge, q0) : scale;
  group.bias = q0 != 0.0f ? edge : 0.0f;
  return group;
}
THINBIT_FN uint32_t affine_code(float w, AffineGroup group, int bits) {
  const float levels = static_cast<float>(affine_levels(bits));
  const float q = round_half_even(divide(subtract(w, group.bias), group.scale));
  const float above = q > 0.0f ? q : 0.0f;
  return static_cast<uint32_t>(static_cast<int32_t>(above < levels ? above : levels));
}
THINBIT_FN float affine_dequantize(uint32_t code, float scale, float bias, FloatFormat format) {
  const float product =
      round_to(format, multiply(static_cast<float>(static_cast<int32_t>(code)), scale));
  return round_to(format, add(product, bias));
}

}  // namespace thinbit

namespace thinbit {
THINBIT_CONSTANT int kE8m0Bias = 127;
THINBIT_CONSTANT uint32_t kE8m0Nan = 255u;
THINBIT_FN uint32_t e8m0_encode(int n) { return static_cast<uint32_t>(n + kE8m0Bias); }

THINBIT_FN int e8m0_exponent(uint32_t byte) { return static_cast<int>(byte) - kE8m0Bias; }
THINBIT_FN float e8m0_decode(uint32_t byte) {
  const uint32_t finite = byte == 0 ? 0x00400000u : byte << kMantissaBits;
)cuda"
    R"cuda(  return float_of(byte == kE8m0Nan ? kNanBits : finite);
}
THINBIT_FN float scale_by_power_of_two(float value, int n) {
  const uint32_t bits = bits_of(value);
  const uint32_t sign = bits & kSignBit;
  const int exponent = static_cast<int>((bits & kInfinityBits) >> kMantissaBits);
  const int moved = exponent + n;
  const uint32_t scaled =
      sign | (static_cast<uint32_t>(moved) << kMantissaBits) | (bits & kMantissaMask);
  const uint32_t bounded = select_bits(moved >= 255, sign | kInfinityBits, scaled);
  const uint32_t ranged = select_bits((moved <= 0) | (exponent == 0), sign, bounded);
  return float_of(select_bits(exponent == 255, bits, ranged));
}

}  // namespace thinbit

namespace thinbit {
THINBIT_FN int mx_exponent(float amax, int max_exponent, uint32_t max_mantissa) {
  const uint32_t bits = bits_of(amax);
  const int exponent = static_cast<int>(bits >> kMantissaBits) - kExponentBias;
  const int n = exponent - max_exponent + ((bits & kMantissaMask) > max_mantissa ? 1 : 0);
  const int above = n < -127 ? -127 : n;
  return bits == 0 ? 0 : (above > 127 ? 127 : above);
}
THINBIT_FN int mxfp4_exponent(float amax) { return mx_exponent(amax, 2, 0x400000u); }
THINBIT_FN int mxfp8_exponent(float amax) { return mx_exponent(amax, 8, 0x600000u); }
THINBIT_FN uint32_t mxfp4_code(float w, int n) { return e2m1_encode(scale_by_power_of_two(w, -n)); }
THINBIT_FN uint32_t mxfp8_code(float w, int n) { return e4m3_encode(scale_by_power_of_two(w, -n)); }
THINBIT_FN float mx_dequantize(float element, uint32_t byte) {
  const float scaled = scale_by_power_of_two(element, e8m0_exponent(byte));
  return float_of(select_bits(byte == kE8m0Nan, kNanBits, bits_of(scaled)));
}
THINBIT_FN float mxfp4_dequantize(uint32_t code, uint32_t byte) {
  return mx_dequantize(e2m1_decode(code), byte);
}
THINBIT_FN float mxfp8_dequantize(uint32_t code, uint32_t byte) {
  return mx_dequantize(e4m3_decode(code), byte);
}

}  // namespace thinbit

namespace thinbit {

THINBIT_KERNEL(kConversionThreads, dequantize, DequantizeParameters) {
  constexpr CodeMode kMode = static_cast<CodeMode>(THINBIT_MODE);
  constexpr int kBits = THINBIT_BITS;
  const uint64_t chunk = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  if (chunk >= parameters.chunks) return;
  const uint64_t group = chunk / (parameters.group_size / kChunk);
  const uint64_t packed = load_codes<kBits>(parameters.codes, chunk * kBits);
  float values[8];
  if constexpr (kMode == CodeMode::kAffine) {
    const FloatFormat format = parameters.scale_format;
    const float scale = load_float(parameters.scales, group, format);
    const float bias = load_float(parameters.biases, group, format);
    for (int i = 0; i < 8; ++i) {
      values[i] = affine_dequantize(code_at<kBits>(packed, i), scale, bias, format);
    }
  } else if constexpr (kMode == CodeMode::kNvfp4) {
    float factor = 1.0f;
)cuda"
    R"cuda(    if (parameters.global_scales != nullptr) {
      const uint64_t matrix = chunk / parameters.chunks_per_matrix;
      const float global = load_read_only(
          parameters.global_scales + static_cast<int64_t>(matrix) * parameters.global_scale_stride);
      factor = nvfp4_decode_factor(global);
      if (chunk % parameters.chunks_per_matrix == 0 && !is_global_scale(global)) {
        report(parameters.fault, FaultKind::kWeightScale, parameters.global_scale_stride * matrix);
      }
    }
    const float scale = e4m3_decode(load_read_only(parameters.scales + group));
    for (int i = 0; i < 8; ++i) {
      values[i] = nvfp4_dequantize(code_at<kBits>(packed, i), scale, factor);
    }
  } else {
    const uint32_t byte = load_read_only(parameters.scales + group);
    for (int i = 0; i < 8; ++i) {
      values[i] = mx_dequantize(element_of<kMode>(code_at<kBits>(packed, i)), byte);
    }
  }
  store_eight(parameters.out, chunk * kChunk, parameters.output_format, values);
}

}  // namespace thinbit
)cuda";

// core/cuda/kernels/fp8.cu
const char kFp8Source[] =
    R"cuda(#if defined(__METAL_VERSION__)
#define THINBIT_FN inline
#define THINBIT_CONSTANT constexpr constant
#elif defined(__OPENCL_CPP_VERSION__)
#define THINBIT_FN inline
#define THINBIT_CONSTANT constexpr __constant
#elif defined(__CUDACC_RTC__)
#define THINBIT_FN __host__ __device__ __forceinline__
#define THINBIT_CONSTANT static constexpr
#else
#include <cstdint>
#if defined(__CUDACC__)
#define THINBIT_FN __host__ __device__ __forceinline__
#else
#define THINBIT_FN inline
#endif
#define THINBIT_CONSTANT static constexpr
#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "thinbit's packed rows are little-endian, and so must the host be"
#endif
#endif
#if defined(__clang__) && !defined(__CUDACC_RTC__)
#pragma clang fp contract(off)
#endif

namespace thinbit {

#if defined(__CUDACC_RTC__) || (defined(__OPENCL_CPP_VERSION__) && !defined(__METAL_VERSION__))
using uint8_t = unsigned char;
using uint16_t = unsigned short;
using uint32_t = unsigned int;
using int32_t = int;
#endif
#if defined(__CUDACC_RTC__)
using uint64_t = unsigned long long;
using int64_t = long long;
#endif

THINBIT_FN uint32_t bits_of(float value) {
#if defined(__METAL_VERSION__)
  return as_type<uint32_t>(value);
#elif defined(__CUDA_ARCH__)
  return __float_as_uint(value);
#elif defined(__OPENCL_CPP_VERSION__)
  return __builtin_astype(value, uint32_t);
#else
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
#endif
}

THINBIT_FN float float_of(uint32_t bits) {
#if defined(__METAL_VERSION__)
  return as_type<float>(bits);
#elif defined(__CUDA_ARCH__)
  return __uint_as_float(bits);
#elif defined(__OPENCL_CPP_VERSION__)
  return __builtin_astype(bits, float);
#else
)cuda"
    R"cuda(  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
#endif
}
THINBIT_FN float add(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fadd_rn(a, b);
#else
  return a + b;
#endif
}

THINBIT_FN float subtract(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fadd_rn(a, -b);
#else
  return a - b;
#endif
}

THINBIT_FN float multiply(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fmul_rn(a, b);
#else
  return a * b;
#endif
}

THINBIT_FN float divide(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fdiv_rn(a, b);
#else
  return a / b;
#endif
}

THINBIT_CONSTANT uint32_t kSignBit = 0x80000000u;
THINBIT_CONSTANT uint32_t kInfinityBits = 0x7F800000u;
THINBIT_CONSTANT uint32_t kNanBits = 0x7FC00000u;
THINBIT_CONSTANT uint32_t kMantissaMask = 0x007FFFFFu;
THINBIT_CONSTANT int kMantissaBits = 23;
THINBIT_CONSTANT int kExponentBias = 127;

THINBIT_FN float magnitude(float value) { return float_of(bits_of(value) & ~kSignBit); }

THINBIT_FN bool is_finite(float value) { return (bits_of(value) & kInfinityBits) != kInfinityBits; }
THINBIT_FN uint32_t select_bits(bool condition, uint32_t yes, uint32_t no) {
  return no ^ ((yes ^ no) & (0u - static_cast<uint32_t>(condition)));
}
THINBIT_FN float round_half_even(float value) {
  const float size = magnitude(value);
  const float rounded = subtract(add(size, 8388608.0f), 8388608.0f);
  const uint32_t chosen = select_bits(size < 8388608.0f, bits_of(rounded), bits_of(size));
  return float_of(chosen | (bits_of(value) & kSignBit));
}

}  // namespace thinbit

namespace thinbit {
)cuda"
    R"cuda(enum class FloatFormat : int32_t { kFloat32 = 1, kFloat16 = 2, kBfloat16 = 3 };
THINBIT_FN float f16_to_f32(uint16_t code) {
  const uint32_t sign = static_cast<uint32_t>(code & 0x8000u) << 16;
  const uint32_t size = code & 0x7FFFu;
  const uint32_t subnormal =
      bits_of(multiply(static_cast<float>(static_cast<int32_t>(size)), 5.9604644775390625e-8f));
  const uint32_t rebias = static_cast<uint32_t>(size >= 0x7C00u ? 255 - 31 : 127 - 15)
                          << kMantissaBits;
  return float_of(sign | select_bits(size < 0x0400u, subnormal, (size << 13) + rebias));
}
THINBIT_FN uint16_t f32_to_f16(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t size = bits & ~kSignBit;
  const uint32_t normal =
      ((size + 0x0FFFu + ((size >> 13) & 1u)) >> 13) - (static_cast<uint32_t>(127 - 15) << 10);
  const uint32_t subnormal = bits_of(add(float_of(size), 0.5f)) - 0x3F000000u;
  const uint32_t nan = 0x7E00u | ((size >> 13) & 0x03FFu);
  const uint32_t finite = select_bits(size < 0x38800000u, subnormal, normal);  // 2^-14
  const uint32_t ordered = select_bits(size >= 0x477FF000u, 0x7C00u, finite);  // 65520
  const uint32_t code = select_bits(size > kInfinityBits, nan, ordered);
  return static_cast<uint16_t>(code | ((bits >> 16) & 0x8000u));
}
THINBIT_FN float bf16_to_f32(uint16_t code) { return float_of(static_cast<uint32_t>(code) << 16); }
THINBIT_FN uint16_t f32_to_bf16(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
  const uint32_t nan = (bits >> 16) | 0x0040u;
  return static_cast<uint16_t>((bits & ~kSignBit) > kInfinityBits ? nan : rounded);
}
THINBIT_FN float round_to(FloatFormat format, float value) {
  if (format == FloatFormat::kFloat16) return f16_to_f32(f32_to_f16(value));
  if (format == FloatFormat::kBfloat16) return bf16_to_f32(f32_to_bf16(value));
  return value;
}

}  // namespace thinbit

#if defined(__CUDACC_RTC__)

#define THINBIT_DEVICE __device__ __forceinline__
#define THINBIT_KERNEL(threads, name, Type)             \
  extern "C" __global__ void __launch_bounds__(threads) \
      name(const __grid_constant__ Type parameters)
#define THINBIT_BLOCK_MEMORY(Type, name) __shared__ Type name

namespace thinbit {

THINBIT_DEVICE uint32_t thread_index() { return threadIdx.x; }
THINBIT_DEVICE uint32_t block_x() { return blockIdx.x; }
THINBIT_DEVICE uint32_t block_y() { return blockIdx.y; }
THINBIT_DEVICE uint32_t block_z() { return blockIdx.z; }
THINBIT_DEVICE uint32_t grid_z() { return gridDim.z; }

THINBIT_DEVICE void block_barrier() { __syncthreads(); }

template <class Value>
THINBIT_DEVICE Value shuffle_xor(Value value, uint32_t mask) {
  return __shfl_xor_sync(0xFFFFFFFFu, value, static_cast<int>(mask));
}

)cuda"
    R"cuda(THINBIT_DEVICE void atomic_min(uint64_t* at, uint64_t value) { atomicMin(at, value); }

THINBIT_DEVICE float fused(float a, float b, float c) { return __fmaf_rn(a, b, c); }

template <class Value>
THINBIT_DEVICE Value load_read_only(const Value* at) {
  return __ldg(at);
}

THINBIT_DEVICE void copy_16_async(void* to, const void* from, bool inside) {
  const uint32_t address = static_cast<uint32_t>(__cvta_generic_to_shared(to));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from),
               "r"(inside ? 16 : 0)
               : "memory");
}

THINBIT_DEVICE void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

template <int left>
THINBIT_DEVICE void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(left) : "memory");
}

THINBIT_DEVICE uint16_t f16_of(float value) {
  uint16_t code;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(code) : "f"(value));
  return value == value ? code : f32_to_f16(value);
}

THINBIT_DEVICE uint16_t bf16_of(float value) {
  uint16_t code;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(code) : "f"(value));
  return value == value ? code : f32_to_bf16(value);
}

THINBIT_DEVICE float f32_of_f16(uint16_t code) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(code));
  return value;
}

THINBIT_DEVICE uint32_t permute_bytes(uint32_t low, uint32_t high, uint32_t selector) {
  return __byte_perm(low, high, selector);
}

THINBIT_DEVICE uint32_t subtract_f16x2(uint32_t a, uint32_t b) {
  uint32_t difference;
  asm("sub.rn.f16x2 %0, %1, %2;" : "=r"(difference) : "r"(a), "r"(b));
  return difference;
}

THINBIT_DEVICE uint32_t multiply_f16x2(uint32_t a, uint32_t b) {
  uint32_t product;
  asm("mul.rn.f16x2 %0, %1, %2;" : "=r"(product) : "r"(a), "r"(b));
  return product;
}
THINBIT_DEVICE uint32_t subtract_bf16x2(uint32_t a, uint32_t b) {
  uint32_t difference;
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(difference) : "r"(b), "r"(0xBF80BF80u), "r"(a));
  return difference;
)cuda"
    R"cuda(}
THINBIT_DEVICE uint32_t multiply_bf16x2(uint32_t a, uint32_t b) {
  uint32_t product;
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(product) : "r"(a), "r"(b), "r"(0x80008000u));
  return product;
}

template <FloatFormat format>
THINBIT_DEVICE void multiply_accumulate(float (&d)[4], const uint32_t (&a)[4],
                                        const uint32_t (&b)[2]) {
  if constexpr (format == FloatFormat::kFloat16) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  } else {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  }
}

}  // namespace thinbit
#else
#include "emulated_machine.h"
#endif

namespace thinbit {
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
)cuda"
    R"cuda(  for (int i = 0; i < 8; ++i) {
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

namespace thinbit {
enum class CodeMode : int32_t { kAffine = 1, kMxfp4 = 2, kMxfp8 = 3, kNvfp4 = 4 };
THINBIT_CONSTANT uint32_t kChunk = 8;
THINBIT_CONSTANT uint32_t kConversionThreads = 256;
struct FaultReport {
  uint64_t* word;
  uint32_t order;  // below 2^16
  uint32_t call;   // below 2^4: which op; the host's number
};
enum class FaultKind : uint32_t {
  kNonFinite = 0,
  kScaleOverflow = 1,
  kWeightScale = 2,
  kActivationScale = 3,
  kLeftRange = 4,
  kLeftOrder = 5,
  kRightRange = 6,
  kRightOrder = 7
};

THINBIT_CONSTANT uint64_t kNoFault = ~uint64_t{0};
THINBIT_CONSTANT int kFaultOrderShift = 48;
THINBIT_CONSTANT int kFaultIndexShift = 7;  // below it: 4 bits of the call, 3 of the kind

THINBIT_FN uint64_t fault_word(uint32_t order, uint32_t call, FaultKind kind, uint64_t index) {
  return static_cast<uint64_t>(order) << kFaultOrderShift | index << kFaultIndexShift |
         static_cast<uint64_t>(call) << 3 | static_cast<uint64_t>(kind);
}

struct QuantizeParameters {
)cuda"
    R"cuda(  const uint8_t* w;
  uint8_t* codes;
  uint8_t* scales;
  uint8_t* biases;
  const float* global_scales;  // null: none
  FaultReport fault;
  uint64_t groups;              // of the whole tensor
  uint64_t groups_per_matrix;   // each matrix has a global scale of its own
  int64_t global_scale_stride;  // elements from matrix to matrix; 0: one for all
  uint32_t group_size;
  FloatFormat format;  // of w, and of the scales and biases of affine
};

struct QuantizedValuesParameters {
  const uint8_t* x;
  uint16_t* values;  // bf16, which holds each exactly
  const float* global_scale;
  FaultReport fault;
  uint64_t groups;
  uint32_t group_size;
  FloatFormat format;  // of x
};

struct DequantizeParameters {
  const uint8_t* codes;
  const uint8_t* scales;
  const uint8_t* biases;
  const float* global_scales;
  FaultReport fault;
  uint8_t* out;
  uint64_t chunks;             // of eight elements, of the whole tensor
  uint64_t chunks_per_matrix;  // each matrix has a global scale of its own
  int64_t global_scale_stride;
  uint32_t group_size;
  FloatFormat scale_format;
  FloatFormat output_format;
};

struct Fp8Parameters {
  const uint8_t* x;
  uint8_t* out;
  uint64_t elements;
  FloatFormat format;  // of the floats
};
THINBIT_CONSTANT int kMostAxes = 9;
struct CopyParameters {
  const uint8_t* from;
  uint8_t* to;
  uint64_t elements;
  int32_t axes;
  int32_t element_bytes;  // 1, 2, 4 or 8
  int64_t shape[kMostAxes];
  int64_t from_strides[kMostAxes];  // in elements
  int64_t to_strides[kMostAxes];
};

}  // namespace thinbit

namespace thinbit {
THINBIT_CONSTANT float kE4m3Max = 448.0f;
)cuda"
    R"cuda(THINBIT_FN uint32_t e4m3_encode(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t size = bits & ~kSignBit;
  const uint32_t rounded = (size + 0x7FFFFu + ((size >> 20) & 1u)) >> 20;
  const uint32_t normal = rounded - (static_cast<uint32_t>(kExponentBias - 7) << 3);
  const uint32_t subnormal = bits_of(add(float_of(size), 16384.0f)) - 0x46800000u;
  const uint32_t finite = select_bits(size < 0x3C800000u, subnormal, normal);  // 2^-6
  const uint32_t code = finite < 0x7Eu ? finite : 0x7Eu;
  return select_bits(size > kInfinityBits, 0x7Fu, code | (bits >> 31 << 7));
}
THINBIT_FN float e4m3_decode(uint32_t code) {
  const uint32_t size = code & 0x7Fu;
  const uint32_t normal =
      (size << 20) + (static_cast<uint32_t>(kExponentBias - 7) << kMantissaBits);
  const uint32_t subnormal =
      bits_of(multiply(static_cast<float>(static_cast<int32_t>(size)), 0.001953125f));  // 2^-9
  const uint32_t finite = select_bits(size < 8u, subnormal, normal);
  return float_of(select_bits(size == 0x7Fu, kNanBits, finite) | ((code & 0x80u) << 24));
}

}  // namespace thinbit

namespace thinbit {

THINBIT_KERNEL(kConversionThreads, to_fp8, Fp8Parameters) {
  const uint64_t index = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  if (index >= parameters.elements) return;
  parameters.out[index] =
      static_cast<uint8_t>(e4m3_encode(load_float(parameters.x, index, parameters.format)));
}

THINBIT_KERNEL(kConversionThreads, from_fp8, Fp8Parameters) {
  const uint64_t index = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  if (index >= parameters.elements) return;
  store_float(parameters.out, index, e4m3_decode(load_read_only(parameters.x + index)),
              parameters.format);
}

}  // namespace thinbit
)cuda";

// core/cuda/kernels/quantize.cu
const char kQuantizeSource[] =
    R"cuda(#if defined(__METAL_VERSION__)
#define THINBIT_FN inline
#define THINBIT_CONSTANT constexpr constant
#elif defined(__OPENCL_CPP_VERSION__)
#define THINBIT_FN inline
#define THINBIT_CONSTANT constexpr __constant
#elif defined(__CUDACC_RTC__)
#define THINBIT_FN __host__ __device__ __forceinline__
#define THINBIT_CONSTANT static constexpr
#else
#include <cstdint>
#if defined(__CUDACC__)
#define THINBIT_FN __host__ __device__ __forceinline__
#else
#define THINBIT_FN inline
#endif
#define THINBIT_CONSTANT static constexpr
#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "thinbit's packed rows are little-endian, and so must the host be"
#endif
#endif
#if defined(__clang__) && !defined(__CUDACC_RTC__)
#pragma clang fp contract(off)
#endif

namespace thinbit {

#if defined(__CUDACC_RTC__) || (defined(__OPENCL_CPP_VERSION__) && !defined(__METAL_VERSION__))
using uint8_t = unsigned char;
using uint16_t = unsigned short;
using uint32_t = unsigned int;
using int32_t = int;
#endif
#if defined(__CUDACC_RTC__)
using uint64_t = unsigned long long;
using int64_t = long long;
#endif

THINBIT_FN uint32_t bits_of(float value) {
#if defined(__METAL_VERSION__)
  return as_type<uint32_t>(value);
#elif defined(__CUDA_ARCH__)
  return __float_as_uint(value);
#elif defined(__OPENCL_CPP_VERSION__)
  return __builtin_astype(value, uint32_t);
#else
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
#endif
}

THINBIT_FN float float_of(uint32_t bits) {
#if defined(__METAL_VERSION__)
  return as_type<float>(bits);
#elif defined(__CUDA_ARCH__)
  return __uint_as_float(bits);
#elif defined(__OPENCL_CPP_VERSION__)
  return __builtin_astype(bits, float);
#else
)cuda"
    R"cuda(  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
#endif
}
THINBIT_FN float add(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fadd_rn(a, b);
#else
  return a + b;
#endif
}

THINBIT_FN float subtract(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fadd_rn(a, -b);
#else
  return a - b;
#endif
}

THINBIT_FN float multiply(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fmul_rn(a, b);
#else
  return a * b;
#endif
}

THINBIT_FN float divide(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fdiv_rn(a, b);
#else
  return a / b;
#endif
}

THINBIT_CONSTANT uint32_t kSignBit = 0x80000000u;
THINBIT_CONSTANT uint32_t kInfinityBits = 0x7F800000u;
THINBIT_CONSTANT uint32_t kNanBits = 0x7FC00000u;
THINBIT_CONSTANT uint32_t kMantissaMask = 0x007FFFFFu;
THINBIT_CONSTANT int kMantissaBits = 23;
THINBIT_CONSTANT int kExponentBias = 127;

THINBIT_FN float magnitude(float value) { return float_of(bits_of(value) & ~kSignBit); }

THINBIT_FN bool is_finite(float value) { return (bits_of(value) & kInfinityBits) != kInfinityBits; }
THINBIT_FN uint32_t select_bits(bool condition, uint32_t yes, uint32_t no) {
  return no ^ ((yes ^ no) & (0u - static_cast<uint32_t>(condition)));
}
THINBIT_FN float round_half_even(float value) {
  const float size = magnitude(value);
  const float rounded = subtract(add(size, 8388608.0f), 8388608.0f);
  const uint32_t chosen = select_bits(size < 8388608.0f, bits_of(rounded), bits_of(size));
  return float_of(chosen | (bits_of(value) & kSignBit));
}

}  // namespace thinbit

namespace thinbit {
)cuda"
    R"cuda(enum class FloatFormat : int32_t { kFloat32 = 1, kFloat16 = 2, kBfloat16 = 3 };
THINBIT_FN float f16_to_f32(uint16_t code) {
  const uint32_t sign = static_cast<uint32_t>(code & 0x8000u) << 16;
  const uint32_t size = code & 0x7FFFu;
  const uint32_t subnormal =
      bits_of(multiply(static_cast<float>(static_cast<int32_t>(size)), 5.9604644775390625e-8f));
  const uint32_t rebias = static_cast<uint32_t>(size >= 0x7C00u ? 255 - 31 : 127 - 15)
                          << kMantissaBits;
  return float_of(sign | select_bits(size < 0x0400u, subnormal, (size << 13) + rebias));
}
THINBIT_FN uint16_t f32_to_f16(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t size = bits & ~kSignBit;
  const uint32_t normal =
      ((size + 0x0FFFu + ((size >> 13) & 1u)) >> 13) - (static_cast<uint32_t>(127 - 15) << 10);
  const uint32_t subnormal = bits_of(add(float_of(size), 0.5f)) - 0x3F000000u;
  const uint32_t nan = 0x7E00u | ((size >> 13) & 0x03FFu);
  const uint32_t finite = select_bits(size < 0x38800000u, subnormal, normal);  // 2^-14
  const uint32_t ordered = select_bits(size >= 0x477FF000u, 0x7C00u, finite);  // 65520
  const uint32_t code = select_bits(size > kInfinityBits, nan, ordered);
  return static_cast<uint16_t>(code | ((bits >> 16) & 0x8000u));
}
THINBIT_FN float bf16_to_f32(uint16_t code) { return float_of(static_cast<uint32_t>(code) << 16); }
THINBIT_FN uint16_t f32_to_bf16(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
  const uint32_t nan = (bits >> 16) | 0x0040u;
  return static_cast<uint16_t>((bits & ~kSignBit) > kInfinityBits ? nan : rounded);
}
THINBIT_FN float round_to(FloatFormat format, float value) {
  if (format == FloatFormat::kFloat16) return f16_to_f32(f32_to_f16(value));
  if (format == FloatFormat::kBfloat16) return bf16_to_f32(f32_to_bf16(value));
  return value;
}

}  // namespace thinbit

#if defined(__CUDACC_RTC__)

#define THINBIT_DEVICE __device__ __forceinline__
#define THINBIT_KERNEL(threads, name, Type)             \
  extern "C" __global__ void __launch_bounds__(threads) \
      name(const __grid_constant__ Type parameters)
#define THINBIT_BLOCK_MEMORY(Type, name) __shared__ Type name

namespace thinbit {

THINBIT_DEVICE uint32_t thread_index() { return threadIdx.x; }
THINBIT_DEVICE uint32_t block_x() { return blockIdx.x; }
THINBIT_DEVICE uint32_t block_y() { return blockIdx.y; }
THINBIT_DEVICE uint32_t block_z() { return blockIdx.z; }
THINBIT_DEVICE uint32_t grid_z() { return gridDim.z; }

THINBIT_DEVICE void block_barrier() { __syncthreads(); }

template <class Value>
THINBIT_DEVICE Value shuffle_xor(Value value, uint32_t mask) {
  return __shfl_xor_sync(0xFFFFFFFFu, value, static_cast<int>(mask));
}

)cuda"
    R"cuda(THINBIT_DEVICE void atomic_min(uint64_t* at, uint64_t value) { atomicMin(at, value); }

THINBIT_DEVICE float fused(float a, float b, float c) { return __fmaf_rn(a, b, c); }

template <class Value>
THINBIT_DEVICE Value load_read_only(const Value* at) {
  return __ldg(at);
}

THINBIT_DEVICE void copy_16_async(void* to, const void* from, bool inside) {
  const uint32_t address = static_cast<uint32_t>(__cvta_generic_to_shared(to));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from),
               "r"(inside ? 16 : 0)
               : "memory");
}

THINBIT_DEVICE void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

template <int left>
THINBIT_DEVICE void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(left) : "memory");
}

THINBIT_DEVICE uint16_t f16_of(float value) {
  uint16_t code;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(code) : "f"(value));
  return value == value ? code : f32_to_f16(value);
}

THINBIT_DEVICE uint16_t bf16_of(float value) {
  uint16_t code;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(code) : "f"(value));
  return value == value ? code : f32_to_bf16(value);
}

THINBIT_DEVICE float f32_of_f16(uint16_t code) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(code));
  return value;
}

THINBIT_DEVICE uint32_t permute_bytes(uint32_t low, uint32_t high, uint32_t selector) {
  return __byte_perm(low, high, selector);
}

THINBIT_DEVICE uint32_t subtract_f16x2(uint32_t a, uint32_t b) {
  uint32_t difference;
  asm("sub.rn.f16x2 %0, %1, %2;" : "=r"(difference) : "r"(a), "r"(b));
  return difference;
}

THINBIT_DEVICE uint32_t multiply_f16x2(uint32_t a, uint32_t b) {
  uint32_t product;
  asm("mul.rn.f16x2 %0, %1, %2;" : "=r"(product) : "r"(a), "r"(b));
  return product;
}
THINBIT_DEVICE uint32_t subtract_bf16x2(uint32_t a, uint32_t b) {
  uint32_t difference;
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(difference) : "r"(b), "r"(0xBF80BF80u), "r"(a));
  return difference;
)cuda"
    R"cuda(}
THINBIT_DEVICE uint32_t multiply_bf16x2(uint32_t a, uint32_t b) {
  uint32_t product;
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(product) : "r"(a), "r"(b), "r"(0x80008000u));
  return product;
}

template <FloatFormat format>
THINBIT_DEVICE void multiply_accumulate(float (&d)[4], const uint32_t (&a)[4],
                                        const uint32_t (&b)[2]) {
  if constexpr (format == FloatFormat::kFloat16) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  } else {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  }
}

}  // namespace thinbit
#else
#include "emulated_machine.h"
#endif

namespace thinbit {
enum class CodeMode : int32_t { kAffine = 1, kMxfp4 = 2, kMxfp8 = 3, kNvfp4 = 4 };
THINBIT_CONSTANT uint32_t kChunk = 8;
THINBIT_CONSTANT uint32_t kConversionThreads = 256;
struct FaultReport {
  uint64_t* word;
  uint32_t order;  // below 2^16
  uint32_t call;   // below 2^4: which op; the host's number
};
enum class FaultKind : uint32_t {
  kNonFinite = 0,
  kScaleOverflow = 1,
  kWeightScale = 2,
  kActivationScale = 3,
  kLeftRange = 4,
  kLeftOrder = 5,
  kRightRange = 6,
  kRightOrder = 7
};

THINBIT_CONSTANT uint64_t kNoFault = ~uint64_t{0};
THINBIT_CONSTANT int kFaultOrderShift = 48;
THINBIT_CONSTANT int kFaultIndexShift = 7;  // below it: 4 bits of the call, 3 of the kind

THINBIT_FN uint64_t fault_word(uint32_t order, uint32_t call, FaultKind kind, uint64_t index) {
  return static_cast<uint64_t>(order) << kFaultOrderShift | index << kFaultIndexShift |
         static_cast<uint64_t>(call) << 3 | static_cast<uint64_t>(kind);
}

struct QuantizeParameters {
  const uint8_t* w;
  uint8_t* codes;
)cuda"
    R"cuda(  uint8_t* scales;
  uint8_t* biases;
  const float* global_scales;  // null: none
  FaultReport fault;
  uint64_t groups;              // of the whole tensor
  uint64_t groups_per_matrix;   // each matrix has a global scale of its own
  int64_t global_scale_stride;  // elements from matrix to matrix; 0: one for all
  uint32_t group_size;
  FloatFormat format;  // of w, and of the scales and biases of affine
};

struct QuantizedValuesParameters {
  const uint8_t* x;
  uint16_t* values;  // bf16, which holds each exactly
  const float* global_scale;
  FaultReport fault;
  uint64_t groups;
  uint32_t group_size;
  FloatFormat format;  // of x
};

struct DequantizeParameters {
  const uint8_t* codes;
  const uint8_t* scales;
  const uint8_t* biases;
  const float* global_scales;
  FaultReport fault;
  uint8_t* out;
  uint64_t chunks;             // of eight elements, of the whole tensor
  uint64_t chunks_per_matrix;  // each matrix has a global scale of its own
  int64_t global_scale_stride;
  uint32_t group_size;
  FloatFormat scale_format;
  FloatFormat output_format;
};

struct Fp8Parameters {
  const uint8_t* x;
  uint8_t* out;
  uint64_t elements;
  FloatFormat format;  // of the floats
};
THINBIT_CONSTANT int kMostAxes = 9;
struct CopyParameters {
  const uint8_t* from;
  uint8_t* to;
  uint64_t elements;
  int32_t axes;
  int32_t element_bytes;  // 1, 2, 4 or 8
  int64_t shape[kMostAxes];
  int64_t from_strides[kMostAxes];  // in elements
  int64_t to_strides[kMostAxes];
};

}  // namespace thinbit

namespace thinbit {
THINBIT_CONSTANT float kE2m1Max = 6.0f;
THINBIT_FN uint32_t e2m1_encode(float value) {
  const float size = magnitude(value);
)cuda"
    R"cuda(  const uint32_t code = static_cast<uint32_t>(size > 0.25f) + static_cast<uint32_t>(size >= 0.75f) +
                        static_cast<uint32_t>(size > 1.25f) + static_cast<uint32_t>(size >= 1.75f) +
                        static_cast<uint32_t>(size > 2.5f) + static_cast<uint32_t>(size >= 3.5f) +
                        static_cast<uint32_t>(size > 5.0f);
  return code | (bits_of(value) >> 31 << 3);
}
THINBIT_FN float e2m1_decode(uint32_t code) {
  const uint32_t size = code & 7u;
  const uint32_t normal =
      (size << 22) + (static_cast<uint32_t>(kExponentBias - 1) << kMantissaBits);
  const uint32_t subnormal = size == 0 ? 0u : 0x3F000000u;
  return float_of((size < 2u ? subnormal : normal) | ((code & 8u) << 28));
}

}  // namespace thinbit

namespace thinbit {
THINBIT_CONSTANT float kE4m3Max = 448.0f;
THINBIT_FN uint32_t e4m3_encode(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t size = bits & ~kSignBit;
  const uint32_t rounded = (size + 0x7FFFFu + ((size >> 20) & 1u)) >> 20;
  const uint32_t normal = rounded - (static_cast<uint32_t>(kExponentBias - 7) << 3);
  const uint32_t subnormal = bits_of(add(float_of(size), 16384.0f)) - 0x46800000u;
  const uint32_t finite = select_bits(size < 0x3C800000u, subnormal, normal);  // 2^-6
  const uint32_t code = finite < 0x7Eu ? finite : 0x7Eu;
  return select_bits(size > kInfinityBits, 0x7Fu, code | (bits >> 31 << 7));
}
THINBIT_FN float e4m3_decode(uint32_t code) {
  const uint32_t size = code & 0x7Fu;
  const uint32_t normal =
      (size << 20) + (static_cast<uint32_t>(kExponentBias - 7) << kMantissaBits);
  const uint32_t subnormal =
      bits_of(multiply(static_cast<float>(static_cast<int32_t>(size)), 0.001953125f));  // 2^-9
  const uint32_t finite = select_bits(size < 8u, subnormal, normal);
  return float_of(select_bits(size == 0x7Fu, kNanBits, finite) | ((code & 0x80u) << 24));
}

}  // namespace thinbit

namespace thinbit {
template <int bits>
THINBIT_DEVICE uint64_t load_codes(const uint8_t* rows, uint64_t offset) {
  if constexpr (bits == 8) {
    const uint32_t* const words = reinterpret_cast<const uint32_t*>(rows + offset);
    return load_read_only(words) | static_cast<uint64_t>(load_read_only(words + 1)) << 32;
  } else if constexpr (bits == 4) {
    return load_read_only(reinterpret_cast<const uint32_t*>(rows + offset));
  } else if constexpr (bits == 2) {
    return load_read_only(reinterpret_cast<const uint16_t*>(rows + offset));
  } else if constexpr (bits == 1) {
    return load_read_only(rows + offset);
  } else {
    const uint32_t* const words = reinterpret_cast<const uint32_t*>(rows) + offset / 4;
    const uint32_t shift = static_cast<uint32_t>(offset % 4) * 8;
    uint64_t packed = load_read_only(words);
    if (shift + 8 * bits > 32) packed |= static_cast<uint64_t>(load_read_only(words + 1)) << 32;
    return packed >> shift;
  }
}
)cuda"
    R"cuda(
template <int bits>
THINBIT_DEVICE uint32_t code_at(uint64_t packed, int index) {
  return static_cast<uint32_t>(packed >> (bits * index)) & ((1u << bits) - 1u);
}

template <int bits>
THINBIT_DEVICE void store_codes(uint8_t* at, uint64_t packed) {
  if constexpr (bits == 8) {
    reinterpret_cast<uint32_t*>(at)[0] = static_cast<uint32_t>(packed);
    reinterpret_cast<uint32_t*>(at)[1] = static_cast<uint32_t>(packed >> 32);
  } else if constexpr (bits == 4) {
    *reinterpret_cast<uint32_t*>(at) = static_cast<uint32_t>(packed);
  } else if constexpr (bits == 2) {
    *reinterpret_cast<uint16_t*>(at) = static_cast<uint16_t>(packed);
  } else {
    for (int i = 0; i < bits; ++i) at[i] = static_cast<uint8_t>(packed >> (8 * i));
  }
}
template <CodeMode mode>
THINBIT_DEVICE float element_of(uint32_t code) {
  if constexpr (mode == CodeMode::kAffine) {
    return static_cast<float>(static_cast<int32_t>(code));
  } else if constexpr (mode == CodeMode::kMxfp8) {
    return e4m3_decode(code);
  } else {
    return e2m1_decode(code);
  }
}

}  // namespace thinbit

namespace thinbit {
THINBIT_FN float flush_subnormal(float value) {
  const uint32_t bits = bits_of(value);
  return float_of((bits & kInfinityBits) == 0 ? bits & kSignBit : bits);
}

}  // namespace thinbit

namespace thinbit {
THINBIT_CONSTANT float kNvfp4Max = kE4m3Max * kE2m1Max;  // 448 * 6 = 2688
THINBIT_FN float nvfp4_encode_factor(float global_scale) { return divide(kNvfp4Max, global_scale); }
THINBIT_FN float nvfp4_decode_factor(float global_scale) {
  return flush_subnormal(divide(global_scale, kNvfp4Max));
}
THINBIT_FN uint32_t nvfp4_scale(float amax, float encode_factor) {
  return e4m3_encode(multiply(flush_subnormal(divide(amax, kE2m1Max)), encode_factor));
}
THINBIT_FN uint32_t nvfp4_code(float w, float d, float encode_factor) {
  const uint32_t code = e2m1_encode(multiply(flush_subnormal(divide(w, d)), encode_factor));
  return d == 0.0f ? 0u : code;
}
THINBIT_FN float nvfp4_dequantize(uint32_t code, float d, float decode_factor) {
  const float scale = flush_subnormal(multiply(d, decode_factor));
  return flush_subnormal(multiply(e2m1_decode(code), scale));
}

}  // namespace thinbit

)cuda"
    R"cuda(namespace thinbit {

THINBIT_DEVICE void report(const FaultReport& fault, FaultKind kind, uint64_t index) {
  atomic_min(fault.word, fault_word(fault.order, fault.call, kind, index));
}
THINBIT_DEVICE bool is_global_scale(float value) {
  return value > 0.0f && is_finite(value) && is_finite(nvfp4_encode_factor(value));
}

}  // namespace thinbit

namespace thinbit {
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
)cuda"
    R"cuda(  Quad quad;
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

namespace thinbit {
THINBIT_CONSTANT float kAffineEpsilon = 1e-7f;
struct AffineGroup {
  float scale;
  float bias;
};
THINBIT_FN int affine_levels(int bits) { return (1 << bits) - 1; }
THINBIT_FN AffineGroup affine_group(float lo, float hi, int bits) {
  AffineGroup group;
  const float range = subtract(hi, lo);
  if (bits == 1) {
    group.scale = range > kAffineEpsilon ? range : kAffineEpsilon;
    group.bias = lo;
    return group;
  }
  const float step = divide(range, static_cast<float>(affine_levels(bits)));
  const float size = step > kAffineEpsilon ? step : kAffineEpsilon;
  const bool low_edge = magnitude(lo) > magnitude(hi);
  const float edge = low_edge ? lo : hi;
  const float scale = low_edge ? size : -size;
  const float q0 = round_half_even(divide(edge, scale));
  group.scale = q0 != 0.0f ? divide(edge, q0) : scale;
  group.bias = q0 != 0.0f ? edge : 0.0f;
  return group;
}
THINBIT_FN uint32_t affine_code(float w, AffineGroup group, int bits) {
  const float levels = static_cast<float>(affine_levels(bits));
  const float q = round_half_even(divide(subtract(w, group.bias), group.scale));
  const float above = q > 0.0f ? q : 0.0f;
  return static_cast<uint32_t>(static_cast<int32_t>(above < levels ? above : levels));
}
THINBIT_FN float affine_dequantize(uint32_t code, float scale, float bias, FloatFormat format) {
  const float product =
      round_to(format, multiply(static_cast<float>(static_cast<int32_t>(code)), scale));
  return round_to(format, add(product, bias));
}

}  // namespace thinbit

namespace thinbit {
THINBIT_CONSTANT int kE8m0Bias = 127;
THINBIT_CONSTANT uint32_t kE8m0Nan = 255u;
THINBIT_FN uint32_t e8m0_encode(int n) { return static_cast<uint32_t>(n + kE8m0Bias); }

THINBIT_FN int e8m0_exponent(uint32_t byte) { return static_cast<int>(byte) - kE8m0Bias; }
THINBIT_FN float e8m0_decode(uint32_t byte) {
  const uint32_t finite = byte == 0 ? 0x00400000u : byte << kMantissaBits;
)cuda"
    R"cuda(  return float_of(byte == kE8m0Nan ? kNanBits : finite);
}
THINBIT_FN float scale_by_power_of_two(float value, int n) {
  const uint32_t bits = bits_of(value);
  const uint32_t sign = bits & kSignBit;
  const int exponent = static_cast<int>((bits & kInfinityBits) >> kMantissaBits);
  const int moved = exponent + n;
  const uint32_t scaled =
      sign | (static_cast<uint32_t>(moved) << kMantissaBits) | (bits & kMantissaMask);
  const uint32_t bounded = select_bits(moved >= 255, sign | kInfinityBits, scaled);
  const uint32_t ranged = select_bits((moved <= 0) | (exponent == 0), sign, bounded);
  return float_of(select_bits(exponent == 255, bits, ranged));
}

}  // namespace thinbit

namespace thinbit {
THINBIT_FN int mx_exponent(float amax, int max_exponent, uint32_t max_mantissa) {
  const uint32_t bits = bits_of(amax);
  const int exponent = static_cast<int>(bits >> kMantissaBits) - kExponentBias;
  const int n = exponent - max_exponent + ((bits & kMantissaMask) > max_mantissa ? 1 : 0);
  const int above = n < -127 ? -127 : n;
  return bits == 0 ? 0 : (above > 127 ? 127 : above);
}
THINBIT_FN int mxfp4_exponent(float amax) { return mx_exponent(amax, 2, 0x400000u); }
THINBIT_FN int mxfp8_exponent(float amax) { return mx_exponent(amax, 8, 0x600000u); }
THINBIT_FN uint32_t mxfp4_code(float w, int n) { return e2m1_encode(scale_by_power_of_two(w, -n)); }
THINBIT_FN uint32_t mxfp8_code(float w, int n) { return e4m3_encode(scale_by_power_of_two(w, -n)); }
THINBIT_FN float mx_dequantize(float element, uint32_t byte) {
  const float scaled = scale_by_power_of_two(element, e8m0_exponent(byte));
  return float_of(select_bits(byte == kE8m0Nan, kNanBits, bits_of(scaled)));
}
THINBIT_FN float mxfp4_dequantize(uint32_t code, uint32_t byte) {
  return mx_dequantize(e2m1_decode(code), byte);
}
THINBIT_FN float mxfp8_dequantize(uint32_t code, uint32_t byte) {
  return mx_dequantize(e4m3_decode(code), byte);
}

}  // namespace thinbit

namespace thinbit {
namespace {

constexpr CodeMode kMode = static_cast<CodeMode>(THINBIT_MODE);
constexpr int kBits = THINBIT_BITS;
struct GroupPart {
  float values[8];  // flushed
  uint32_t faults;  // bit i: element i is not finite
  float amax;       // of the group, as are lo and hi
  float lo;
  float hi;
};
THINBIT_DEVICE GroupPart read_group(const uint8_t* memory, uint64_t chunk, bool inside,
                                    FloatFormat format, uint32_t threads_per_group) {
  GroupPart part = {};
  if (inside) load_eight(memory, chunk * kChunk, format, part.values);
  uint32_t largest = 0;
  for (int i = 0; i < 8; ++i) {
    part.values[i] = flush_subnormal(part.values[i]);
)cuda"
    R"cuda(    const uint32_t size = bits_of(part.values[i]) & ~kSignBit;
    largest = size > largest ? size : largest;
    if (size >= kInfinityBits) part.faults |= 1u << i;
  }
  part.lo = part.hi = part.values[0];
  for (int i = 1; i < 8; ++i) {
    if (part.values[i] < part.lo) part.lo = part.values[i];
    if (part.values[i] > part.hi) part.hi = part.values[i];
  }
  for (uint32_t step = 1; step < threads_per_group; step *= 2) {
    const uint32_t other = shuffle_xor(largest, step);
    largest = other > largest ? other : largest;
    const float other_lo = shuffle_xor(part.lo, step);
    const float other_hi = shuffle_xor(part.hi, step);
    const bool upper = (thread_index() & step) != 0;
    const float first_lo = upper ? other_lo : part.lo;
    const float second_lo = upper ? part.lo : other_lo;
    const float first_hi = upper ? other_hi : part.hi;
    const float second_hi = upper ? part.hi : other_hi;
    part.lo = second_lo < first_lo ? second_lo : first_lo;
    part.hi = second_hi > first_hi ? second_hi : first_hi;
  }
  part.amax = float_of(largest);
  return part;
}
THINBIT_DEVICE uint32_t scale_byte(float amax, float encode_factor) {
  if constexpr (kMode == CodeMode::kNvfp4) {
    return nvfp4_scale(amax, encode_factor);
  } else {
    return e8m0_encode(kMode == CodeMode::kMxfp8 ? mxfp8_exponent(amax) : mxfp4_exponent(amax));
  }
}

THINBIT_DEVICE uint32_t code_of(float value, uint32_t byte, float encode_factor) {
  if constexpr (kMode == CodeMode::kNvfp4) {
    return nvfp4_code(value, e4m3_decode(byte), encode_factor);
  } else {
    const int exponent = e8m0_exponent(byte);
    return kMode == CodeMode::kMxfp8 ? mxfp8_code(value, exponent) : mxfp4_code(value, exponent);
  }
}

THINBIT_DEVICE int first_bit(uint32_t bits) {
  int index = 0;
  while ((bits >> index & 1u) == 0) ++index;
  return index;
}

}  // namespace

THINBIT_KERNEL(kConversionThreads, quantize, QuantizeParameters) {
  const uint64_t chunk = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  const uint32_t threads_per_group = parameters.group_size / kChunk;
  const uint64_t group = chunk / threads_per_group;
  const bool inside = group < parameters.groups;
  const GroupPart part =
      read_group(parameters.w, chunk, inside, parameters.format, threads_per_group);
  if (!inside) return;
  const bool leader = chunk % threads_per_group == 0;
  if (part.faults != 0) {
)cuda"
    R"cuda(    report(parameters.fault, FaultKind::kNonFinite,
           chunk * kChunk + static_cast<uint64_t>(first_bit(part.faults)));
  }
  uint64_t packed = 0;
  if constexpr (kMode == CodeMode::kAffine) {
    const AffineGroup affine = affine_group(part.lo, part.hi, kBits);
    for (int i = 0; i < 8; ++i) {
      packed |= static_cast<uint64_t>(affine_code(part.values[i], affine, kBits)) << (kBits * i);
    }
    if (leader) {
      const bool overflow = !is_finite(round_to(parameters.format, affine.scale)) ||
                            !is_finite(round_to(parameters.format, affine.bias));
      if (is_finite(part.amax) && overflow) {
        report(parameters.fault, FaultKind::kScaleOverflow, chunk * kChunk);
      }
      store_float(parameters.scales, group, affine.scale, parameters.format);
      store_float(parameters.biases, group, affine.bias, parameters.format);
    }
  } else {
    float factor = 1.0f;
    if (kMode == CodeMode::kNvfp4 && parameters.global_scales != nullptr) {
      const uint64_t matrix = group / parameters.groups_per_matrix;
      const float scale = load_read_only(
          parameters.global_scales + static_cast<int64_t>(matrix) * parameters.global_scale_stride);
      factor = nvfp4_encode_factor(scale);
      if (leader && group % parameters.groups_per_matrix == 0 && !is_global_scale(scale)) {
        report(parameters.fault, FaultKind::kWeightScale, parameters.global_scale_stride * matrix);
      }
    }
    const uint32_t byte = scale_byte(part.amax, factor);
    for (int i = 0; i < 8; ++i) {
      packed |= static_cast<uint64_t>(code_of(part.values[i], byte, factor)) << (kBits * i);
    }
    if (leader) parameters.scales[group] = static_cast<uint8_t>(byte);
  }
  store_codes<kBits>(parameters.codes + chunk * kBits, packed);
}

#if THINBIT_MODE != 1
THINBIT_KERNEL(kConversionThreads, quantized_values, QuantizedValuesParameters) {
  const uint64_t chunk = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  const uint32_t threads_per_group = parameters.group_size / kChunk;
  const bool inside = chunk / threads_per_group < parameters.groups;
  const GroupPart part =
      read_group(parameters.x, chunk, inside, parameters.format, threads_per_group);
  if (!inside) return;
  float factor = 1.0f;
  if (kMode == CodeMode::kNvfp4 && parameters.global_scale != nullptr) {
    const float scale = load_read_only(parameters.global_scale);
    factor = nvfp4_encode_factor(scale);
    if (chunk == 0 && !is_global_scale(scale)) {
      report(parameters.fault, FaultKind::kActivationScale, 0);
    }
  }
  const uint32_t byte = scale_byte(part.amax, factor);
  float values[8];
  for (int i = 0; i < 8; ++i) {
    const float element = element_of<kMode>(code_of(part.values[i], byte, factor));
    const float value = kMode == CodeMode::kNvfp4 ? multiply(element, e4m3_decode(byte))
                                                  : mx_dequantize(element, byte);
)cuda"
    R"cuda(    values[i] = is_finite(part.amax) ? value : float_of(kNanBits);
  }
  store_eight(reinterpret_cast<uint8_t*>(parameters.values), chunk * kChunk, FloatFormat::kBfloat16,
              values);
}
#endif

}  // namespace thinbit
)cuda";

constexpr ModuleInfo kAll[] = {
    {"copy", kCopySource, {}},
    {"dequantize_affine_1", kDequantizeSource, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=1"}},
    {"dequantize_affine_2", kDequantizeSource, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=2"}},
    {"dequantize_affine_3", kDequantizeSource, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=3"}},
    {"dequantize_affine_4", kDequantizeSource, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=4"}},
    {"dequantize_affine_5", kDequantizeSource, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=5"}},
    {"dequantize_affine_6", kDequantizeSource, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=6"}},
    {"dequantize_affine_8", kDequantizeSource, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=8"}},
    {"dequantize_mxfp4_4", kDequantizeSource, {"-DTHINBIT_MODE=2", "-DTHINBIT_BITS=4"}},
    {"dequantize_mxfp8_8", kDequantizeSource, {"-DTHINBIT_MODE=3", "-DTHINBIT_BITS=8"}},
    {"dequantize_nvfp4_4", kDequantizeSource, {"-DTHINBIT_MODE=4", "-DTHINBIT_BITS=4"}},
    {"fp8", kFp8Source, {}},
    {"quantize_affine_1", kQuantizeSource, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=1"}},
    {"quantize_affine_2", kQuantizeSource, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=2"}},
    {"quantize_affine_3", kQuantizeSource, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=3"}},
    {"quantize_affine_4", kQuantizeSource, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=4"}},
    {"quantize_affine_5", kQuantizeSource, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=5"}},
    {"quantize_affine_6", kQuantizeSource, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=6"}},
    {"quantize_affine_8", kQuantizeSource, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=8"}},
    {"quantize_mxfp4_4", kQuantizeSource, {"-DTHINBIT_MODE=2", "-DTHINBIT_BITS=4"}},
    {"quantize_mxfp8_8", kQuantizeSource, {"-DTHINBIT_MODE=3", "-DTHINBIT_BITS=8"}},
    {"quantize_nvfp4_4", kQuantizeSource, {"-DTHINBIT_MODE=4", "-DTHINBIT_BITS=4"}},
};

}  // namespace

const ModuleInfo* const kModules = kAll;
const int kModuleCount = 22;

}  // namespace thinbit::cuda
