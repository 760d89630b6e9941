// generated from codegen/schema/thinbit.yaml: do not edit
#include "cuda/plugin/modules.h"

namespace thinbit::cuda {
namespace {

// core/numerics/portability.h
const char kNumericsPortabilityH[] =
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
)cuda";

// core/numerics/half.h
const char kNumericsHalfH[] =
    R"cuda(namespace thinbit {
enum class FloatFormat : int32_t { kFloat32 = 1, kFloat16 = 2, kBfloat16 = 3 };
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
)cuda";

// core/cuda/kernels/machine.h
const char kCudaMachineH[] =
    R"cuda(#if defined(__CUDACC_RTC__)
)cuda";

// core/cuda/kernels/gpu_machine.h
const char kCudaGpuMachineH[] =
    R"cuda(#define THINBIT_DEVICE __device__ __forceinline__
#define THINBIT_KERNEL(threads, name, Type)             \
  extern "C" __global__ void __launch_bounds__(threads) \
      name(const __grid_constant__ Type parameters)
#define THINBIT_RESIDENT_KERNEL(threads, blocks, name, Type)    \
  extern "C" __global__ void __launch_bounds__(threads, blocks) \
      name(const __grid_constant__ Type parameters)
#define THINBIT_BLOCK_MEMORY(Type, name) __shared__ Type name

namespace thinbit {

THINBIT_DEVICE uint32_t thread_index() { return threadIdx.x; }
THINBIT_DEVICE uint32_t block_x() { return blockIdx.x; }
THINBIT_DEVICE uint32_t block_y() { return blockIdx.y; }
THINBIT_DEVICE uint32_t block_z() { return blockIdx.z; }
THINBIT_DEVICE uint32_t grid_z() { return gridDim.z; }

THINBIT_DEVICE void block_barrier() { __syncthreads(); }
THINBIT_DEVICE void warp_barrier() { __syncwarp(); }

template <class Value>
THINBIT_DEVICE Value shuffle_xor(Value value, uint32_t mask) {
  return __shfl_xor_sync(0xFFFFFFFFu, value, static_cast<int>(mask));
}

THINBIT_DEVICE void atomic_min(uint64_t* at, uint64_t value) { atomicMin(at, value); }

THINBIT_DEVICE uint32_t atomic_add(uint32_t* at, uint32_t value) { return atomicAdd(at, value); }

THINBIT_DEVICE float reciprocal(float value) {
  float result;
  asm("rcp.approx.f32 %0, %1;" : "=f"(result) : "f"(value));
  return result;
}

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

THINBIT_DEVICE void copy_4_async(void* to, const void* from, bool inside) {
  const uint32_t address = static_cast<uint32_t>(__cvta_generic_to_shared(to));
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(address), "l"(from),
               "r"(inside ? 4 : 0)
               : "memory");
}

THINBIT_DEVICE void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

template <int left>
THINBIT_DEVICE void wait_for_copies() {
)cuda"
    R"cuda(  asm volatile("cp.async.wait_group %0;" ::"n"(left) : "memory");
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
THINBIT_DEVICE uint32_t and_or(uint32_t a, uint32_t b, uint32_t c) {
  uint32_t result;
  asm("lop3.b32 %0, %1, %2, %3, 0xEA;" : "=r"(result) : "r"(a), "r"(b), "r"(c));
  return result;
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
}
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
)cuda"
    R"cuda(  } else {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  }
}

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define THINBIT_HAS_WARPGROUP_PRODUCTS 1
struct ProductQueue {};

THINBIT_DEVICE void publish_copies() { asm volatile("fence.proxy.async;" ::: "memory"); }

THINBIT_DEVICE void begin_products() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
THINBIT_DEVICE uint64_t tile_descriptor(const void* tile) {
  const uint64_t address = static_cast<uint32_t>(__cvta_generic_to_shared(tile));
  return (address & 0x3FFFFu) >> 4 | uint64_t{1} << 16 | uint64_t{1024 >> 4} << 32 |
         uint64_t{1} << 62;
}

#define THINBIT_WARPGROUP_PRODUCT(type)                                                            \
  asm volatile(                                                                                    \
      "{ .reg .pred adds; setp.ne.b32 adds, %69, 0; "                                              \
      "wgmma.mma_async.sync.aligned.m64n128k16.f32." type "." type                                 \
      " "                                                                                          \
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "                    \
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "           \
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "           \
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "          \
      "{%64, %65, %66, %67}, %68, adds, 1, 1, 0; }"                                                \
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]),        \
        "+f"(d[7]), "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11]), "+f"(d[12]), "+f"(d[13]),    \
        "+f"(d[14]), "+f"(d[15]), "+f"(d[16]), "+f"(d[17]), "+f"(d[18]), "+f"(d[19]), "+f"(d[20]), \
        "+f"(d[21]), "+f"(d[22]), "+f"(d[23]), "+f"(d[24]), "+f"(d[25]), "+f"(d[26]), "+f"(d[27]), \
        "+f"(d[28]), "+f"(d[29]), "+f"(d[30]), "+f"(d[31]), "+f"(d[32]), "+f"(d[33]), "+f"(d[34]), \
        "+f"(d[35]), "+f"(d[36]), "+f"(d[37]), "+f"(d[38]), "+f"(d[39]), "+f"(d[40]), "+f"(d[41]), \
        "+f"(d[42]), "+f"(d[43]), "+f"(d[44]), "+f"(d[45]), "+f"(d[46]), "+f"(d[47]), "+f"(d[48]), \
        "+f"(d[49]), "+f"(d[50]), "+f"(d[51]), "+f"(d[52]), "+f"(d[53]), "+f"(d[54]), "+f"(d[55]), \
        "+f"(d[56]), "+f"(d[57]), "+f"(d[58]), "+f"(d[59]), "+f"(d[60]), "+f"(d[61]), "+f"(d[62]), \
        "+f"(d[63])                                                                                \
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(static_cast<int>(adds)))

template <FloatFormat format>
THINBIT_DEVICE void multiply_async(ProductQueue&, float (&d)[64], const uint32_t (&a)[4],
                                   const uint16_t* tile, uint32_t k, bool adds) {
  const uint64_t b = tile_descriptor(tile) + k / 8;  // in units of 16 bytes
  if constexpr (format == FloatFormat::kFloat16) {
    THINBIT_WARPGROUP_PRODUCT("f16");
  } else {
    THINBIT_WARPGROUP_PRODUCT("bf16");
  }
}

THINBIT_DEVICE void commit_products() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}
THINBIT_DEVICE void wait_for_products(ProductQueue&, float (&d)[64]) {
  asm volatile("wgmma.wait_group.sync.aligned 0;"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]),
)cuda"
    R"cuda(                 "+f"(d[7]), "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11]), "+f"(d[12]),
                 "+f"(d[13]), "+f"(d[14]), "+f"(d[15]), "+f"(d[16]), "+f"(d[17]), "+f"(d[18]),
                 "+f"(d[19]), "+f"(d[20]), "+f"(d[21]), "+f"(d[22]), "+f"(d[23]), "+f"(d[24]),
                 "+f"(d[25]), "+f"(d[26]), "+f"(d[27]), "+f"(d[28]), "+f"(d[29]), "+f"(d[30]),
                 "+f"(d[31]), "+f"(d[32]), "+f"(d[33]), "+f"(d[34]), "+f"(d[35]), "+f"(d[36]),
                 "+f"(d[37]), "+f"(d[38]), "+f"(d[39]), "+f"(d[40]), "+f"(d[41]), "+f"(d[42]),
                 "+f"(d[43]), "+f"(d[44]), "+f"(d[45]), "+f"(d[46]), "+f"(d[47]), "+f"(d[48]),
                 "+f"(d[49]), "+f"(d[50]), "+f"(d[51]), "+f"(d[52]), "+f"(d[53]), "+f"(d[54]),
                 "+f"(d[55]), "+f"(d[56]), "+f"(d[57]), "+f"(d[58]), "+f"(d[59]), "+f"(d[60]),
                 "+f"(d[61]), "+f"(d[62]), "+f"(d[63])
               :
               : "memory");
}
#endif

}  // namespace thinbit
)cuda";

// core/cuda/kernels/machine.h
const char kCudaMachineH1[] =
    R"cuda(#else
#include "emulated_machine.h"
#endif
)cuda";

// core/cuda/kernels/float_memory.h
const char kCudaFloatMemoryH[] =
    R"cuda(namespace thinbit {
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

)cuda"
    R"cuda(}  // namespace thinbit
)cuda";

// core/cuda/kernels/parameters.h
const char kCudaParametersH[] =
    R"cuda(namespace thinbit {
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
)cuda"
    R"cuda(  uint64_t chunks;             // of eight elements, of the whole tensor
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
struct FlatMap {
  int32_t axes;
  int64_t shape[kMostAxes];
  int64_t steps[kMostAxes];
};
struct Selection {
  const uint8_t* indices;  // null: the sums of steps are the indices
  int32_t index_bytes;     // 8: int64
  int32_t is_signed;       // of 4 bytes
  FlatMap offsets;         // of positions: elements of `indices`
  int64_t matrices;        // what indices lie below
  FlatMap kept;            // of indices: matrices as kernels are given them, repeated ones once
};
struct Place {
  uint32_t x;  // matrices as kernels are given them
  uint32_t w;
  uint32_t c;
  uint32_t position;
};
struct Segment {
  uint32_t first;
  uint32_t count;
  uint32_t w;
};
THINBIT_CONSTANT uint32_t kPlaceThreads = 1024;

struct PlaceParameters {
  Selection x;
  Selection w;
  FlatMap c;  // of positions
  FaultReport fault;
  Place* places;      // one for each position
  Segment* segments;  // as many as there may be
  uint32_t* segment_count;
  uint32_t* firsts;  // work space: one for each matrix of w
)cuda"
    R"cuda(  uint32_t positions;
  uint32_t matrices;  // of w, repeated ones once
  uint32_t M;
  uint32_t segment_rows;  // most
  int32_t sorted;         // indices were promised to ascend
};
THINBIT_CONSTANT uint32_t kDecodeThreads = 256;
THINBIT_CONSTANT uint32_t kDecodeColumns = 16;
THINBIT_CONSTANT uint32_t kDecodeStep = 128;
THINBIT_CONSTANT uint32_t kPrefillThreads = 256;
THINBIT_CONSTANT uint32_t kPrefillColumns = 128;
THINBIT_CONSTANT uint32_t kPrefillRows = 128;
THINBIT_CONSTANT uint32_t kPrefillQuantizedRows = 64;
THINBIT_CONSTANT uint32_t kPrefillFloat32Rows = 32;
THINBIT_CONSTANT uint32_t kHopperThreads = 256;
THINBIT_CONSTANT uint32_t kHopperColumns = 128;
THINBIT_CONSTANT uint32_t kHopperRows = 128;
THINBIT_CONSTANT uint32_t kStraightThreads = 128;
THINBIT_CONSTANT uint32_t kStraightColumns = 64;
THINBIT_CONSTANT uint32_t kStraightRows = 32;
THINBIT_CONSTANT uint32_t kPlaneGranularity = 32;
struct PlanesParameters {
  const uint8_t* x;
  uint16_t* planes;  // bf16, one after another
  uint64_t rows;
  uint32_t K;
  uint32_t stride;  // elements from row to row of a plane; zeros beyond K
  int32_t count;
  FloatFormat format;  // of x
};
struct PermuteParameters {
  const uint32_t* x;  // pairs of 16-bit floats
  uint32_t* to;
  uint64_t pairs;
  uint32_t run;  // elements that a lane takes in a row: 4 or 8
};

struct GroupSumsParameters {
  const uint8_t* x;
  float* sums;  // (groups, rows)
  uint64_t rows;
  uint32_t groups;  // of a row
  uint32_t group_size;
  FloatFormat format;
};
struct ProductParameters {
  const uint16_t* x;  // planes of (rows, x_stride)
  uint64_t x_plane;   // elements from plane to plane
  uint32_t x_stride;
  const uint8_t* codes;  // (matrices, N, K), or (matrices, K, N) where not transposed
  const uint8_t* scales;
  const uint8_t* biases;
  const float* x_sums;  // (K / group_size, rows of x): sums over groups, for prefill of affine
  uint64_t x_rows;
  const float* w_global_scales;  // null: none
  int64_t w_global_stride;       // elements from matrix to matrix
  const float* x_global_scale;   // null: none
  const uint8_t* c;              // null: none; (matrices, c_rows, c_columns)
  uint32_t c_rows;               // 1 or M
  uint32_t c_columns;            // 1 or N
)cuda"
    R"cuda(  uint8_t* out;
  float* partial;       // (splits, rows, N): sums of parts of K, where there are several
  const Place* places;  // null: one matrix, M rows in their order
  const Segment* segments;
  const uint32_t* segment_count;
  uint32_t rows;  // of all segments
  uint32_t M;
  uint32_t N;
  uint32_t K;
  uint32_t group_size;
  uint32_t splits;
  float alpha;
  float beta;
  FloatFormat scale_format;
  FloatFormat c_format;
  FloatFormat output_format;
  FaultReport fault;
};

}  // namespace thinbit
)cuda";

// core/cuda/kernels/activations.cu
const char kCudaActivationsCu[] =
    R"cuda(namespace thinbit {
THINBIT_KERNEL(kConversionThreads, planes, PlanesParameters) {
  const uint64_t index = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  const uint64_t row = index / parameters.stride;
  const uint32_t k = static_cast<uint32_t>(index % parameters.stride);
  if (row >= parameters.rows) return;
  float left = 0.0f;
  if (k < parameters.K) left = load_float(parameters.x, row * parameters.K + k, parameters.format);
  for (int plane = 0; plane < parameters.count; ++plane) {
    uint32_t upper = bits_of(left) >> 16;
    if (left != left) upper |= 0x40u;  // stays NaN where only lower bits said so
    parameters.planes[plane * parameters.rows * parameters.stride + index] =
        static_cast<uint16_t>(upper);
    left = is_finite(left) ? subtract(left, float_of(upper << 16)) : 0.0f;
  }
}
THINBIT_KERNEL(kConversionThreads, permute, PermuteParameters) {
  const uint64_t index = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  if (index >= parameters.pairs) return;
  const uint32_t unit = 2 * parameters.run;  // pairs of four lanes' runs
  const uint32_t at = static_cast<uint32_t>(index % unit);
  const uint32_t fragment = at / 8;
  const uint32_t lane = at % 4;
  const uint32_t from = lane * (parameters.run / 2) + fragment * 2 + at % 8 / 4;
  parameters.to[index] = parameters.x[index - at + from];
}
THINBIT_KERNEL(kConversionThreads, group_sums, GroupSumsParameters) {
  const uint64_t chunk = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  const uint32_t threads = parameters.group_size / kChunk;
  const uint64_t group = chunk / threads;
  const bool inside = group < parameters.rows * parameters.groups;
  float values[8] = {};
  if (inside) load_eight(parameters.x, chunk * kChunk, parameters.format, values);
  float sum = ((values[0] + values[1]) + (values[2] + values[3])) +
              ((values[4] + values[5]) + (values[6] + values[7]));
  for (uint32_t step = 1; step < threads; step *= 2) sum += shuffle_xor(sum, step);
  if (inside && chunk % threads == 0) {
    parameters.sums[group % parameters.groups * parameters.rows + group / parameters.groups] = sum;
  }
}

}  // namespace thinbit
)cuda";

// core/numerics/e2m1.h
const char kNumericsE2m1H[] =
    R"cuda(namespace thinbit {
THINBIT_CONSTANT float kE2m1Max = 6.0f;
THINBIT_FN uint32_t e2m1_encode(float value) {
  const float size = magnitude(value);
  const uint32_t code = static_cast<uint32_t>(size > 0.25f) + static_cast<uint32_t>(size >= 0.75f) +
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
)cuda";

// core/numerics/e4m3.h
const char kNumericsE4m3H[] =
    R"cuda(namespace thinbit {
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
)cuda";

// core/numerics/flush.h
const char kNumericsFlushH[] =
    R"cuda(namespace thinbit {
THINBIT_FN float flush_subnormal(float value) {
  const uint32_t bits = bits_of(value);
  return float_of((bits & kInfinityBits) == 0 ? bits & kSignBit : bits);
}

}  // namespace thinbit
)cuda";

// core/numerics/nvfp4.h
const char kNumericsNvfp4H[] =
    R"cuda(namespace thinbit {
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
)cuda";

// core/cuda/kernels/faults.h
const char kCudaFaultsH[] =
    R"cuda(namespace thinbit {

THINBIT_DEVICE void report(const FaultReport& fault, FaultKind kind, uint64_t index) {
  atomic_min(fault.word, fault_word(fault.order, fault.call, kind, index));
}
THINBIT_DEVICE bool is_global_scale(float value) {
  return value > 0.0f && is_finite(value) && is_finite(nvfp4_encode_factor(value));
}

}  // namespace thinbit
)cuda";

// core/cuda/kernels/product_rows.h
const char kCudaProductRowsH[] =
    R"cuda(namespace thinbit {
THINBIT_DEVICE void check_global_scales(const ProductParameters& parameters, uint32_t w) {
  if (thread_index() != 0 || block_y() != 0 || block_z() != 0) return;
  if (parameters.w_global_scales != nullptr) {
    const int64_t index = static_cast<int64_t>(w) * parameters.w_global_stride;
    if (!is_global_scale(load_read_only(parameters.w_global_scales + index))) {
      report(parameters.fault, FaultKind::kWeightScale, static_cast<uint64_t>(index));
    }
  }
  if (parameters.x_global_scale != nullptr &&
      !is_global_scale(load_read_only(parameters.x_global_scale))) {
    report(parameters.fault, FaultKind::kActivationScale, 0);
  }
}
THINBIT_DEVICE Segment segment_of(const ProductParameters& parameters, uint32_t index,
                                  uint32_t most) {
  Segment segment = {};
  if (parameters.places == nullptr) {
    segment.first = index * most;
    const uint32_t left = parameters.M - segment.first;
    segment.count = left < most ? left : most;
  } else if (index < *parameters.segment_count) {
    segment = parameters.segments[index];
  }
  if (segment.count > 0) check_global_scales(parameters, segment.w);
  return segment;
}
struct RowPlace {
  uint32_t x;  // rows of x, out, and of c as it is given
  uint64_t out;
  uint64_t c;
  uint32_t w;
};

THINBIT_DEVICE RowPlace place_of(const ProductParameters& parameters, uint32_t row) {
  uint32_t m = row;
  Place place = {};
  if (parameters.places != nullptr) {
    place = parameters.places[row / parameters.M];
    m = row % parameters.M;
  }
  const uint64_t M = parameters.M;
  return {place.x * parameters.M + m, place.position * M + m,
          static_cast<uint64_t>(place.c) * parameters.c_rows + (parameters.c_rows > 1 ? m : 0),
          place.w};
}
THINBIT_DEVICE void store_result(const ProductParameters& parameters, const RowPlace& row,
                                 uint32_t column, float sum) {
  float value = sum;
  if (parameters.w_global_scales != nullptr) {
    const float scale = load_read_only(parameters.w_global_scales +
                                       static_cast<int64_t>(row.w) * parameters.w_global_stride);
    value = multiply(value, nvfp4_decode_factor(scale));
  }
  if (parameters.x_global_scale != nullptr) {
    value = multiply(value, nvfp4_decode_factor(load_read_only(parameters.x_global_scale)));
  }
  if (parameters.c != nullptr) {
    const uint64_t at = row.c * parameters.c_columns + (parameters.c_columns > 1 ? column : 0);
    value = fused(parameters.beta, load_float(parameters.c, at, parameters.c_format),
)cuda"
    R"cuda(                  multiply(parameters.alpha, value));
  }
  store_float(parameters.out, row.out * parameters.N + column, value, parameters.output_format);
}

}  // namespace thinbit
)cuda";

// core/cuda/kernels/combine.cu
const char kCudaCombineCu[] =
    R"cuda(namespace thinbit {

THINBIT_KERNEL(kConversionThreads, combine, ProductParameters) {
  const uint64_t index = static_cast<uint64_t>(block_x()) * kConversionThreads + thread_index();
  const uint64_t elements = static_cast<uint64_t>(parameters.rows) * parameters.N;
  if (index >= elements) return;
  float sum = parameters.partial[index];
  for (uint32_t split = 1; split < parameters.splits; ++split) {
    sum += parameters.partial[split * elements + index];
  }
  const RowPlace row = place_of(parameters, static_cast<uint32_t>(index / parameters.N));
  store_result(parameters, row, static_cast<uint32_t>(index % parameters.N), sum);
}

}  // namespace thinbit
)cuda";

// core/cuda/kernels/copy.cu
const char kCudaCopyCu[] =
    R"cuda(namespace thinbit {
namespace {

template <class Element>
THINBIT_DEVICE void copy_element(const CopyParameters& parameters, int64_t from, int64_t to) {
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

// core/cuda/kernels/elements.h
const char kCudaElementsH[] =
    R"cuda(namespace thinbit {
THINBIT_CONSTANT uint32_t kBothHalves = 0x00010001u;
template <FloatFormat format>
THINBIT_DEVICE constexpr uint32_t unit_steps() {
  return (format == FloatFormat::kFloat16 ? 0x6400u : 0x4300u) * kBothHalves;
}

template <FloatFormat format>
THINBIT_DEVICE uint32_t difference(uint32_t a, uint32_t b) {
  return format == FloatFormat::kFloat16 ? subtract_f16x2(a, b) : subtract_bf16x2(a, b);
}

template <FloatFormat format>
THINBIT_DEVICE uint32_t product(uint32_t a, uint32_t b) {
  return format == FloatFormat::kFloat16 ? multiply_f16x2(a, b) : multiply_bf16x2(a, b);
}
template <int bits>
THINBIT_DEVICE uint32_t spread_codes(uint64_t packed, int i) {
  if constexpr (bits == 4) {
    const uint32_t word = static_cast<uint32_t>(packed);
    return permute_bytes(word, word >> 4, 0x4400u + static_cast<uint32_t>(i) * 0x1111u);
  } else {
    constexpr int kTogether = bits < 4 ? 4 : 2;
    const int first = 2 * i / kTogether * kTogether;
    const uint32_t codes =
        static_cast<uint32_t>(packed >> (bits * first)) & ((1u << (bits * kTogether)) - 1u);
    return (codes | codes << (16 - bits)) >> (bits * (2 * i - first));
  }
}

template <int bits, FloatFormat format>
THINBIT_DEVICE uint32_t affine_pair(uint64_t packed, int i, uint32_t centre) {
  if constexpr (bits < 8) {
    constexpr uint32_t kMask = ((1u << bits) - 1u) * kBothHalves;
    const uint32_t codes = and_or(spread_codes<bits>(packed, i), kMask, unit_steps<format>());
    return difference<format>(codes, centre * kBothHalves | unit_steps<format>());
  }
  const uint32_t word = static_cast<uint32_t>(packed >> (i / 2 * 32));
  const uint32_t low = i % 2 * 2;
  if constexpr (format == FloatFormat::kFloat16) {
    const uint32_t codes = permute_bytes(word, 0x64646464u, 0x4140u + low * 0x0101u);
    return difference<format>(codes, centre * kBothHalves | unit_steps<format>());
  }
  const float first = float_of(permute_bytes(word, 0x4B000000u, 0x7440u + low));  // 2^23 + code
  const float second = float_of(permute_bytes(word, 0x4B000000u, 0x7441u + low));
  const float middle = float_of(0x4B000000u | centre);
  return permute_bytes(bits_of(subtract(first, middle)), bits_of(subtract(second, middle)),
                       0x7632u);
}
template <FloatFormat format>
THINBIT_DEVICE uint32_t e2m1_pair(uint64_t packed, int i) {
  const uint32_t codes = spread_codes<4>(packed, i);
  const uint32_t signs = codes << 12 & 0x80008000u;
  if constexpr (format == FloatFormat::kFloat16) {
    return product<format>(and_or(codes << 9, 0x0E000E00u, signs), 0x74007400u);  // 2^14
  }
  return product<format>(and_or(codes << 6, 0x01C001C0u, signs), 0x7E807E80u);  // 2^126
}

template <FloatFormat format>
)cuda"
    R"cuda(THINBIT_DEVICE uint32_t e4m3_pair(uint64_t packed, int i) {
  const uint32_t word = static_cast<uint32_t>(packed >> (i / 2 * 32));
  const uint32_t codes = permute_bytes(word, 0u, i % 2 == 0 ? 0x1404u : 0x3424u);
  const uint32_t signs = codes & 0x80008000u;
  uint32_t pair = 0;
  if constexpr (format == FloatFormat::kFloat16) {
    pair = product<format>((codes >> 1 & 0x3F803F80u) | signs, 0x5C005C00u);  // 2^8
  } else {
    pair = product<format>((codes >> 4 & 0x07F007F0u) | signs, 0x7B807B80u);  // 2^120
  }
  if ((codes & 0x7F00u) == 0x7F00u) pair |= 0x7FFFu;
  if ((codes & 0x7F000000u) == 0x7F000000u) pair |= 0x7FFF0000u;
  return pair;
}
template <CodeMode mode, int bits, FloatFormat format>
THINBIT_DEVICE uint32_t element_pair(uint64_t packed, int i, uint32_t centre) {
  if constexpr (mode == CodeMode::kAffine) {
    return affine_pair<bits, format>(packed, i, centre);
  } else if constexpr (mode == CodeMode::kMxfp8) {
    return e4m3_pair<format>(packed, i);
  } else {
    return e2m1_pair<format>(packed, i);
  }
}

}  // namespace thinbit
)cuda";

// core/numerics/affine.h
const char kNumericsAffineH[] =
    R"cuda(namespace thinbit {
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
)cuda";

// core/numerics/e8m0.h
const char kNumericsE8m0H[] =
    R"cuda(namespace thinbit {
THINBIT_CONSTANT int kE8m0Bias = 127;
THINBIT_CONSTANT uint32_t kE8m0Nan = 255u;
THINBIT_FN uint32_t e8m0_encode(int n) { return static_cast<uint32_t>(n + kE8m0Bias); }

THINBIT_FN int e8m0_exponent(uint32_t byte) { return static_cast<int>(byte) - kE8m0Bias; }
THINBIT_FN float e8m0_decode(uint32_t byte) {
  const uint32_t finite = byte == 0 ? 0x00400000u : byte << kMantissaBits;
  return float_of(byte == kE8m0Nan ? kNanBits : finite);
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
)cuda";

// core/cuda/kernels/group_scale.h
const char kCudaGroupScaleH[] =
    R"cuda(namespace thinbit {

struct GroupScale {
  float scale;
  float bias;
  uint32_t centre;
};

template <CodeMode mode>
THINBIT_DEVICE float scale_of_byte(uint32_t byte) {
  return mode == CodeMode::kNvfp4 ? e4m3_decode(byte) : e8m0_decode(byte);
}
template <CodeMode mode>
THINBIT_DEVICE GroupScale load_scale(const ProductParameters& parameters, uint64_t index) {
  GroupScale group = {};
  if constexpr (mode == CodeMode::kAffine) {
    group.scale = load_float(parameters.scales, index, parameters.scale_format);
    group.bias = load_float(parameters.biases, index, parameters.scale_format);
  } else {
    group.scale = scale_of_byte<mode>(load_read_only(parameters.scales + index));
  }
  return group;
}
struct StoredScale {
  uint32_t scale;
  uint32_t bias;
};

template <CodeMode mode>
THINBIT_DEVICE uint32_t stored_scale_bytes(FloatFormat format) {
  if constexpr (mode != CodeMode::kAffine) return 1;
  return format == FloatFormat::kFloat32 ? 4 : 2;
}
template <CodeMode mode, class Stored>
THINBIT_DEVICE StoredScale load_stored(const uint8_t* scales, const uint8_t* biases,
                                       uint64_t index) {
  StoredScale stored = {};
  stored.scale = load_read_only(reinterpret_cast<const Stored*>(scales) + index);
  if constexpr (mode == CodeMode::kAffine) {
    stored.bias = load_read_only(reinterpret_cast<const Stored*>(biases) + index);
  }
  return stored;
}
template <CodeMode mode, int bits>
THINBIT_DEVICE GroupScale centred(GroupScale group) {
  if constexpr (mode == CodeMode::kAffine) {
    const float levels = static_cast<float>(affine_levels(bits));
    const float zero = -group.bias * reciprocal(group.scale);
    const float above = zero > 0.0f ? zero : 0.0f;  // NaN too
    const float inside = above < levels ? above : levels;
    const float rounded = add(inside, 8388608.0f);  // 2^23: the integer is in the lowest bits
    group.centre = bits_of(rounded) & 0xFFu;
    group.bias = fused(subtract(rounded, 8388608.0f), group.scale, group.bias);
  }
  return group;
}
template <CodeMode mode, int bits, int count>
THINBIT_DEVICE void decode_scales(const StoredScale (&stored)[count], FloatFormat format,
                                  GroupScale (&groups)[count]) {
  if constexpr (mode != CodeMode::kAffine) {
)cuda"
    R"cuda(    for (int i = 0; i < count; ++i) groups[i] = {scale_of_byte<mode>(stored[i].scale), 0.0f, 0};
    return;
  }
  if (format == FloatFormat::kFloat16) {
    for (int i = 0; i < count; ++i) {
      groups[i].scale = f32_of_f16(static_cast<uint16_t>(stored[i].scale));
      groups[i].bias = f32_of_f16(static_cast<uint16_t>(stored[i].bias));
    }
  } else {
    const uint32_t shift = format == FloatFormat::kBfloat16 ? 16 : 0;
    for (int i = 0; i < count; ++i) {
      groups[i].scale = float_of(stored[i].scale << shift);
      groups[i].bias = float_of(stored[i].bias << shift);
    }
  }
  for (int i = 0; i < count; ++i) groups[i] = centred<mode, bits>(groups[i]);
}

}  // namespace thinbit
)cuda";

// core/cuda/kernels/sums.h
const char kCudaSumsH[] =
    R"cuda(namespace thinbit {
template <bool exact>
class Total;

template <>
class Total<false> {
 public:
  THINBIT_DEVICE void join(float scale, float part) { sum_ = fused(scale, part, sum_); }
  THINBIT_DEVICE void settle() {}
  THINBIT_DEVICE float value() const { return sum_; }

 private:
  float sum_ = 0.0f;
};
template <>
class Total<true> {
 public:
  THINBIT_DEVICE void join(float scale, float part) { recent_ = fused(scale, part, recent_); }

  THINBIT_DEVICE void settle() {
    const float wanted = subtract(recent_, excess_);
    const float rounded = add(sum_, wanted);
    excess_ = is_finite(rounded) ? subtract(subtract(rounded, sum_), wanted) : 0.0f;
    sum_ = rounded;
    recent_ = 0.0f;
  }

  THINBIT_DEVICE float value() const { return sum_; }

 private:
  float recent_ = 0.0f;
  float sum_ = 0.0f;
  float excess_ = 0.0f;
};

}  // namespace thinbit
)cuda";

// core/cuda/kernels/codes.h
const char kCudaCodesH[] =
    R"cuda(namespace thinbit {
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
)cuda";

// core/cuda/kernels/weight_run.h
const char kCudaWeightRunH[] =
    R"cuda(namespace thinbit {
template <int count>
struct Run {
  static constexpr int kEights = count < 8 ? 1 : count / 8;
  uint64_t eights[kEights];
};
template <int bits, int count>
THINBIT_DEVICE Run<count> load_run(const uint8_t* at) {
  Run<count> run = {};
  if constexpr (count == 4) {
    static_assert(bits == 4, "groups of 16 have 4 bits");
    run.eights[0] = load_read_only(reinterpret_cast<const uint16_t*>(at));
  } else if constexpr (count == 16 && bits == 8) {
    const Quad quad = *reinterpret_cast<const Quad*>(at);
    run.eights[0] = quad.words[0] | static_cast<uint64_t>(quad.words[1]) << 32;
    run.eights[1] = quad.words[2] | static_cast<uint64_t>(quad.words[3]) << 32;
  } else if constexpr (count == 16 && bits == 4) {
    const uint64_t codes = load_read_only(reinterpret_cast<const uint64_t*>(at));
    run.eights[0] = static_cast<uint32_t>(codes);
    run.eights[1] = codes >> 32;
  } else if constexpr (count == 16 && bits == 2) {
    const uint32_t codes = load_read_only(reinterpret_cast<const uint32_t*>(at));
    run.eights[0] = codes & 0xFFFFu;
    run.eights[1] = codes >> 16;
  } else {
    constexpr bool kStraddles = bits == 3 || bits == 5 || bits == 6;
    const uint64_t start = kStraddles ? reinterpret_cast<uint64_t>(at) % 4 : 0;
    for (int i = 0; i < Run<count>::kEights; ++i) {
      run.eights[i] = load_codes<bits>(at - start, start + static_cast<uint64_t>(i * bits));
    }
  }
  return run;
}

}  // namespace thinbit
)cuda";

// core/cuda/kernels/decode.cu
const char kCudaDecodeCu[] =
    R"cuda(namespace thinbit {
namespace {

constexpr CodeMode kMode = static_cast<CodeMode>(THINBIT_MODE);
constexpr int kBits = THINBIT_BITS;
constexpr int kGroup = THINBIT_GROUP;
constexpr bool kHasBias = kMode == CodeMode::kAffine;

constexpr int kWarps = kDecodeThreads / 32;
constexpr int kStepGroups = static_cast<int>(kDecodeStep) / kGroup;
constexpr int kRun = kGroup >= 64 ? 16 : kGroup / 4;
constexpr int kUnits = kGroup / (4 * kRun);  // of a group: four lanes' runs
constexpr int kFragments = kRun / 4;         // of a unit, 16 along k each
constexpr int kBlocks = 2;
struct WeightStep {
  Run<kRun> runs[2][kStepGroups][kUnits];
  StoredScale scales[kStepGroups][2];
};
struct WeightRows {
  const uint8_t* codes[2];  // the lane's first run
  const uint8_t* scales[2];
  const uint8_t* biases[2];

  THINBIT_DEVICE void advance(uint32_t steps, uint32_t scale_bytes) {
    for (int half = 0; half < 2; ++half) {
      codes[half] += steps * (kDecodeStep / 8 * kBits);
      scales[half] += steps * kStepGroups * scale_bytes;
      if (kHasBias) biases[half] += steps * kStepGroups * scale_bytes;
    }
  }
};
template <class Stored>
THINBIT_DEVICE void load_step(const WeightRows& rows, uint32_t groups, WeightStep& to) {
  for (int half = 0; half < 2; ++half) {
    for (int group = 0; group < kStepGroups; ++group) {
      if (static_cast<uint32_t>(group) >= groups) break;
      for (int unit = 0; unit < kUnits; ++unit) {
        const int codes = (group * kUnits + unit) * 4 * kRun;
        to.runs[half][group][unit] = load_run<kBits, kRun>(rows.codes[half] + codes * kBits / 8);
      }
      to.scales[group][half] = load_stored<kMode, Stored>(rows.scales[half], rows.biases[half],
                                                          static_cast<uint64_t>(group));
    }
  }
}

THINBIT_DEVICE void load_step(const WeightRows& rows, uint32_t groups, uint32_t scale_bytes,
                              WeightStep& to) {
  if constexpr (!kHasBias) {
    load_step<uint8_t>(rows, groups, to);
  } else if (scale_bytes == 4) {
    load_step<uint32_t>(rows, groups, to);
  } else {
    load_step<uint16_t>(rows, groups, to);
  }
}
THINBIT_DEVICE void load_x(const uint16_t* at, uint32_t (&words)[kRun / 2]) {
  if constexpr (kRun == 4) {
    const uint64_t four = load_read_only(reinterpret_cast<const uint64_t*>(at));
    words[0] = static_cast<uint32_t>(four);
)cuda"
    R"cuda(    words[1] = static_cast<uint32_t>(four >> 32);
  } else {
    for (int i = 0; i < kRun / 8; ++i) {
      const Quad quad = reinterpret_cast<const Quad*>(at)[i];
      for (int j = 0; j < 4; ++j) words[4 * i + j] = quad.words[j];
    }
  }
}

template <int parts>
THINBIT_DEVICE float sum_of_parts(const float (&of)[parts][4], int i) {
  return parts == 1 ? of[0][i] : of[0][i] + of[parts - 1][i];
}
template <int tiles>
struct WarpSums {
  float of[kWarps][8 * tiles][20];
};
template <FloatFormat format, int planes, int tiles, bool exact>
THINBIT_DEVICE void decode(const ProductParameters& parameters, WarpSums<tiles>& memory) {
  const Segment segment = segment_of(parameters, block_x(), 8 * tiles);
  if (segment.count == 0) return;
  const uint32_t warp = thread_index() / 32;
  const uint32_t g = thread_index() % 32 / 4;
  const uint32_t t = thread_index() % 4;
  const uint32_t first_column = block_y() * kDecodeColumns;

  const uint32_t steps = (parameters.K + kDecodeStep - 1) / kDecodeStep;
  const uint32_t share = (steps + parameters.splits - 1) / parameters.splits;
  const uint32_t begin = block_z() * share + warp;
  const uint32_t bound = (block_z() + 1) * share;
  const uint32_t end = bound < steps ? bound : steps;

  const uint32_t groups = parameters.K / kGroup;
  const uint32_t scale_bytes = stored_scale_bytes<kMode>(parameters.scale_format);
  WeightRows rows;
  for (uint32_t half = 0; half < 2; ++half) {
    const uint32_t wanted = first_column + g + 8 * half;
    const uint64_t n = static_cast<uint64_t>(segment.w) * parameters.N +
                       (wanted < parameters.N ? wanted : parameters.N - 1);
    rows.codes[half] = parameters.codes + n * (parameters.K / 8 * kBits) + t * kRun * kBits / 8;
    rows.scales[half] = parameters.scales + n * groups * scale_bytes;
    rows.biases[half] = parameters.biases + n * groups * scale_bytes;
  }
  rows.advance(begin, scale_bytes);
  const uint16_t* x[tiles];
  for (uint32_t tile = 0; tile < tiles; ++tile) {
    const uint32_t row = 8 * tile + g < segment.count ? 8 * tile + g : segment.count - 1;
    x[tile] =
        parameters.x +
        static_cast<uint64_t>(place_of(parameters, segment.first + row).x) * parameters.x_stride +
        begin * kDecodeStep + t * kRun;
  }

  Total<exact> totals[tiles][4];
  WeightStep next = {};
  if (begin < end) load_step(rows, groups - begin * kStepGroups, scale_bytes, next);
  for (uint32_t step = begin; step < end; step += kWarps) {
    const WeightStep now = next;
    const uint32_t later = step + kWarps;
    rows.advance(kWarps, scale_bytes);
)cuda"
    R"cuda(    if (later < end) load_step(rows, groups - later * kStepGroups, scale_bytes, next);
    for (int group = 0; group < kStepGroups; ++group) {
      if (step * kStepGroups + static_cast<uint32_t>(group) >= groups) break;
      GroupScale scales[2];
      decode_scales<kMode, kBits>(now.scales[group], parameters.scale_format, scales);
      constexpr int kParts = planes > 1 ? 2 : 1;
      float parts[tiles][kParts][4] = {};
      float ones[tiles][kParts][4] = {};
      for (int unit = 0; unit < kUnits; ++unit) {
        uint32_t w[kFragments][4];
        for (int fragment = 0; fragment < kFragments; ++fragment) {
          for (int i = 0; i < 4; ++i) {
            const int pair = 2 * fragment + i / 2;
            w[fragment][i] = element_pair<kMode, kBits, format>(
                now.runs[i % 2][group][unit].eights[pair / 4], pair % 4, scales[i % 2].centre);
          }
        }
        for (int tile = 0; tile < tiles; ++tile) {
          for (int plane = 0; plane < planes; ++plane) {
            uint32_t words[kRun / 2];
            load_x(x[tile] + plane * parameters.x_plane + (group * kUnits + unit) * 4 * kRun,
                   words);
            for (int fragment = 0; fragment < kFragments; ++fragment) {
              const uint32_t b[2] = {words[2 * fragment], words[2 * fragment + 1]};
              multiply_accumulate<format>(parts[tile][plane > 0 ? 1 : 0], w[fragment], b);
              if constexpr (kHasBias) {
                const uint32_t one =
                    (format == FloatFormat::kFloat16 ? 0x3C00u : 0x3F80u) * kBothHalves;
                const uint32_t all[4] = {one, one, one, one};
                multiply_accumulate<format>(ones[tile][plane > 0 ? 1 : 0], all, b);
              }
            }
          }
        }
      }
      for (int tile = 0; tile < tiles; ++tile) {
        for (int i = 0; i < 4; ++i) {
          if constexpr (kHasBias) {
            totals[tile][i].join(scales[i / 2].bias, sum_of_parts(ones[tile], i));
          }
          totals[tile][i].join(scales[i / 2].scale, sum_of_parts(parts[tile], i));
        }
      }
    }
    for (int tile = 0; tile < tiles; ++tile) {
      x[tile] += kWarps * kDecodeStep;
      for (int i = 0; i < 4; ++i) totals[tile][i].settle();
    }
  }

  for (uint32_t tile = 0; tile < tiles; ++tile) {
    for (uint32_t i = 0; i < 4; ++i) {
      memory.of[warp][8 * tile + 2 * t + i % 2][g + i / 2 * 8] = totals[tile][i].value();
    }
  }
  block_barrier();
#pragma unroll 1
  for (uint32_t i = thread_index(); i < segment.count * kDecodeColumns; i += kDecodeThreads) {
    const uint32_t row = i / kDecodeColumns;
    const uint32_t column = first_column + i % kDecodeColumns;
)cuda"
    R"cuda(    if (column >= parameters.N) continue;
    float sum = memory.of[0][row][i % kDecodeColumns];
    for (int other = 1; other < kWarps; ++other) sum += memory.of[other][row][i % kDecodeColumns];
    const uint32_t placed = segment.first + row;
    if (parameters.splits == 1) {
      store_result(parameters, place_of(parameters, placed), column, sum);
    } else {
      parameters
          .partial[(static_cast<uint64_t>(block_z()) * parameters.rows + placed) * parameters.N +
                   column] = sum;
    }
  }
}

}  // namespace
#define THINBIT_DECODE(name, blocks, format, planes, tiles, exact)           \
  THINBIT_RESIDENT_KERNEL(kDecodeThreads, blocks, name, ProductParameters) { \
    THINBIT_BLOCK_MEMORY(WarpSums<tiles>, memory);                           \
    decode<FloatFormat::format, planes, tiles, exact>(parameters, memory);   \
  }

THINBIT_DECODE(float16_8, kBlocks, kFloat16, 1, 1, false)
THINBIT_DECODE(float16_32, 1, kFloat16, 1, 4, false)
THINBIT_DECODE(bfloat16_8, kBlocks, kBfloat16, 1, 1, false)
THINBIT_DECODE(bfloat16_32, 1, kBfloat16, 1, 4, false)
THINBIT_DECODE(float32_8, 1, kBfloat16, 3, 1, true)
#if THINBIT_MODE != 1
THINBIT_DECODE(quantized_8, kBlocks, kBfloat16, 1, 1, true)
THINBIT_DECODE(quantized_32, 1, kBfloat16, 1, 4, true)
#endif

}  // namespace thinbit
)cuda";

// core/numerics/mx.h
const char kNumericsMxH[] =
    R"cuda(namespace thinbit {
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
)cuda";

// core/cuda/kernels/dequantize.cu
const char kCudaDequantizeCu[] =
    R"cuda(namespace thinbit {

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
    if (parameters.global_scales != nullptr) {
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
const char kCudaFp8Cu[] =
    R"cuda(namespace thinbit {

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

// core/cuda/kernels/rows_of_x.h
const char kCudaRowsOfXH[] =
    R"cuda(namespace thinbit {
THINBIT_CONSTANT uint32_t kStepOfX = 64;
THINBIT_CONSTANT uint32_t kPiecesOfX = kStepOfX / 8;

THINBIT_CONSTANT uint32_t kOutside = ~0u;
template <uint32_t rows, uint32_t threads>
struct RowsOfX {
  THINBIT_CONSTANT uint32_t kApart = threads / kPiecesOfX;
  THINBIT_CONSTANT uint32_t kCount = rows / kApart;

  uint32_t of[kCount];
  uint32_t of_sums;
  static THINBIT_DEVICE uint32_t row(uint32_t i) {
    return thread_index() / kPiecesOfX + kApart * i;
  }
  static THINBIT_DEVICE uint32_t row_of_sums() { return thread_index() % rows; }
};

THINBIT_DEVICE uint32_t row_of_x(const ProductParameters& parameters, const Segment& segment,
                                 uint32_t row) {
  return row < segment.count ? place_of(parameters, segment.first + row).x : kOutside;
}

template <uint32_t rows, uint32_t threads>
THINBIT_DEVICE RowsOfX<rows, threads> rows_of_x(const ProductParameters& parameters,
                                                const Segment& segment, bool has_sums) {
  using Rows = RowsOfX<rows, threads>;
  Rows x;
  for (uint32_t i = 0; i < Rows::kCount; ++i) {
    x.of[i] = row_of_x(parameters, segment, Rows::row(i));
  }
  x.of_sums = has_sums ? row_of_x(parameters, segment, Rows::row_of_sums()) : kOutside;
  return x;
}

}  // namespace thinbit
)cuda";

// core/cuda/kernels/hopper.cu
const char kCudaHopperCu[] =
    R"cuda(#if defined(THINBIT_HAS_WARPGROUP_PRODUCTS)

namespace thinbit {
namespace {

constexpr CodeMode kMode = static_cast<CodeMode>(THINBIT_MODE);
constexpr int kBits = THINBIT_BITS;
constexpr int kGroup = THINBIT_GROUP;
constexpr bool kHasBias = kMode == CodeMode::kAffine;

constexpr uint32_t kStep = kStepOfX;
constexpr int kRun = kGroup == 16 ? 4 : 8;
constexpr int kUnit = 4 * kRun;
constexpr int kUnits = static_cast<int>(kStep) / kUnit;
constexpr int kFragments = static_cast<int>(kStep) / 16;  // of a step
constexpr int kStepGroups = kGroup >= 64 ? 1 : 64 / kGroup;
constexpr int kGroupFragments = kFragments / kStepGroups;
constexpr uint32_t kRows = kHopperRows;
constexpr int kSums = 64;  // of a thread
struct Memory {
  alignas(1024) uint16_t x[2][kRows][kStep];
  float sums[2][kStepGroups][kRows];
};
struct WeightRows {
  const uint8_t* codes[2];  // the lane's first run
  uint64_t groups[2];       // index of the first scale
};
struct WeightStep {
  Run<kRun> runs[2][kUnits];
  StoredScale scales[kStepGroups][2];
};

template <class Stored>
THINBIT_DEVICE void load_step(const ProductParameters& parameters, const WeightRows& rows,
                              uint32_t step, WeightStep& to) {
  for (int half = 0; half < 2; ++half) {
    for (int unit = 0; unit < kUnits; ++unit) {
      const uint32_t k = step * kStep + static_cast<uint32_t>(unit * kUnit);
      to.runs[half][unit] = {};  // beyond K nothing is added
      if (k < parameters.K) {
        to.runs[half][unit] = load_run<kBits, kRun>(rows.codes[half] + k / 8 * kBits);
      }
    }
    for (int group = 0; group < kStepGroups; ++group) {
      const uint32_t k = step * kStep + static_cast<uint32_t>(group * kGroup);
      to.scales[group][half] = {};
      if (k < parameters.K) {
        to.scales[group][half] = load_stored<kMode, Stored>(parameters.scales, parameters.biases,
                                                            rows.groups[half] + k / kGroup);
      }
    }
  }
}

THINBIT_DEVICE void load_step(const ProductParameters& parameters, const WeightRows& rows,
                              uint32_t step, WeightStep& to) {
  if constexpr (!kHasBias) {
    load_step<uint8_t>(parameters, rows, step, to);
  } else if (parameters.scale_format == FloatFormat::kFloat32) {
    load_step<uint32_t>(parameters, rows, step, to);
)cuda"
    R"cuda(  } else {
    load_step<uint16_t>(parameters, rows, step, to);
  }
}

using Rows = RowsOfX<kRows, kHopperThreads>;

THINBIT_DEVICE void copy_step(const ProductParameters& parameters, const Rows& from, uint32_t step,
                              Memory& to) {
  const uint32_t buffer = step % 2;
  const uint32_t piece = thread_index() % kPiecesOfX;
  const uint32_t k = step * kStep + piece * 8;
  for (uint32_t i = 0; i < Rows::kCount; ++i) {
    const uint32_t row = Rows::row(i);
    const bool inside = from.of[i] != kOutside && k < parameters.K;
    const uint64_t index = static_cast<uint64_t>(from.of[i]) * parameters.x_stride + k;
    copy_16_async(&to.x[buffer][row][(piece ^ row % 8) * 8], parameters.x + (inside ? index : 0),
                  inside);
  }
  if constexpr (kHasBias) {
    const uint32_t slot = thread_index() / kRows;
    if (slot < kStepGroups) {
      const uint32_t first = step * kStep + slot * kGroup;
      const bool inside = from.of_sums != kOutside && first < parameters.K;
      const uint64_t index = first / kGroup * parameters.x_rows + from.of_sums;
      copy_4_async(&to.sums[buffer][slot][Rows::row_of_sums()],
                   parameters.x_sums + (inside ? index : 0), inside);
    }
  }
  commit_copies();
}

template <FloatFormat format>
THINBIT_DEVICE void multiply(const ProductParameters& parameters, Memory& memory) {
  const Segment segment = segment_of(parameters, block_x(), kRows);
  if (segment.count == 0) return;
  const uint32_t warp = thread_index() / 32;
  const uint32_t g = thread_index() % 32 / 4;
  const uint32_t t = thread_index() % 4;
  const uint32_t first_column = block_y() * kHopperColumns + warp * 16;
  const bool works = block_y() * kHopperColumns + warp / 4 * 64 < parameters.N;  // a warpgroup

  const Rows x = rows_of_x<kRows, kHopperThreads>(parameters, segment, kHasBias);
  WeightRows rows;
  for (uint32_t half = 0; half < 2; ++half) {
    const uint32_t wanted = first_column + 8 * half + g;
    const uint64_t n = static_cast<uint64_t>(segment.w) * parameters.N +
                       (wanted < parameters.N ? wanted : parameters.N - 1);
    rows.codes[half] = parameters.codes + n * (parameters.K / 8 * kBits) + t * kRun * kBits / 8;
    rows.groups[half] = n * (parameters.K / kGroup);
  }

  float totals[kSums] = {};
  float parts[kSums] = {};
  ProductQueue queue;
  GroupScale scales[2] = {};
  WeightStep next = {};
  load_step(parameters, rows, 0, next);
  const uint32_t steps = (parameters.K + kStep - 1) / kStep;
  copy_step(parameters, x, 0, memory);
)cuda"
    R"cuda(  for (uint32_t step = 0; step < steps; ++step) {
    wait_for_copies<0>();
    publish_copies();
    block_barrier();
    if (step + 1 < steps) copy_step(parameters, x, step + 1, memory);
    if (!works) continue;
    const uint32_t buffer = step % 2;
    const WeightStep now = next;
    if (step + 1 < steps) load_step(parameters, rows, step + 1, next);
    const bool goes_on = kGroup == 128 && step % 2 == 1;
#pragma unroll
    for (int group = 0; group < kStepGroups; ++group) {
      if (!goes_on) {
        decode_scales<kMode, kBits>(now.scales[group], parameters.scale_format, scales);
      }
      uint32_t w[kGroupFragments][4];
#pragma unroll
      for (int part = 0; part < kGroupFragments; ++part) {
        const int fragment = group * kGroupFragments + part;
        constexpr int kOfUnit = kRun / 4;
        for (int i = 0; i < 4; ++i) {
          w[part][i] = element_pair<kMode, kBits, format>(
              now.runs[i % 2][fragment / kOfUnit].eights[0], fragment % kOfUnit * 2 + i / 2,
              scales[i % 2].centre);
        }
        begin_products();
        multiply_async<format>(queue, parts, w[part], &memory.x[buffer][0][0],
                               static_cast<uint32_t>(16 * fragment), part > 0 || goes_on);
      }
      commit_products();
      wait_for_products(queue, parts);
      if (kGroup == 128 && !goes_on) continue;
#pragma unroll
      for (int i = 0; i < kSums; ++i) {
        const uint32_t row = static_cast<uint32_t>(i / 4 * 8 + i % 2) + 2 * t;
        const GroupScale& scale = scales[i / 2 % 2];
        if constexpr (kHasBias) {
          totals[i] = fused(scale.bias, memory.sums[buffer][group][row], totals[i]);
        }
        totals[i] = fused(scale.scale, parts[i], totals[i]);
      }
    }
  }
  block_barrier();
  constexpr uint32_t kHalf = kRows / 2;
  float (*const results)[16] = reinterpret_cast<float (*)[16]>(&memory.x) + warp * kHalf;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
#pragma unroll
    for (int i = 0; i < kSums / 2; ++i) {
      const uint32_t row = static_cast<uint32_t>(i / 4 * 8 + i % 2) + 2 * t;
      const uint32_t column = g + static_cast<uint32_t>(i / 2 % 2 * 8);
      results[row][column ^ row / 4 % 2 * 8] = totals[half * kSums / 2 + i];
    }
    warp_barrier();
    const uint32_t column = thread_index() % 16;
#pragma unroll 1
    for (uint32_t i = thread_index() % 32 / 16; i < kHalf; i += 2) {
      const uint32_t row = static_cast<uint32_t>(half) * kHalf + i;
      if (row >= segment.count || first_column + column >= parameters.N) break;
)cuda"
    R"cuda(      store_result(parameters, place_of(parameters, segment.first + row), first_column + column,
                   results[i][column ^ i / 4 % 2 * 8]);
    }
    warp_barrier();
  }
}

}  // namespace

THINBIT_RESIDENT_KERNEL(kHopperThreads, 1, float16, ProductParameters) {
  THINBIT_BLOCK_MEMORY(Memory, memory);
  multiply<FloatFormat::kFloat16>(parameters, memory);
}

THINBIT_RESIDENT_KERNEL(kHopperThreads, 1, bfloat16, ProductParameters) {
  THINBIT_BLOCK_MEMORY(Memory, memory);
  multiply<FloatFormat::kBfloat16>(parameters, memory);
}

}  // namespace thinbit

#endif
)cuda";

// core/cuda/kernels/place.cu
const char kCudaPlaceCu[] =
    R"cuda(namespace thinbit {
namespace {

THINBIT_DEVICE int64_t mapped(const FlatMap& map, int64_t flat) {
  int64_t sum = 0;
#pragma unroll 1
  for (int axis = map.axes - 1; axis >= 0; --axis) {
    sum += flat % map.shape[axis] * map.steps[axis];
    flat /= map.shape[axis];
  }
  return sum;
}

THINBIT_DEVICE int64_t load_index(const Selection& selection, int64_t element) {
  if (selection.index_bytes == 8) {
    return load_read_only(reinterpret_cast<const int64_t*>(selection.indices) + element);
  }
  const uint32_t bits =
      load_read_only(reinterpret_cast<const uint32_t*>(selection.indices) + element);
  return selection.is_signed != 0 ? static_cast<int32_t>(bits) : static_cast<int64_t>(bits);
}
THINBIT_DEVICE uint32_t matrix_of(const Selection& selection, uint32_t position) {
  if (selection.matrices == 0) return 0;
  const int64_t element = mapped(selection.offsets, position);
  int64_t index = element;
  if (selection.indices != nullptr) index = load_index(selection, element);
  if (index < 0 || index >= selection.matrices) index = 0;
  return static_cast<uint32_t>(mapped(selection.kept, index));
}
THINBIT_DEVICE void check(const PlaceParameters& parameters, const Selection& selection,
                          uint32_t position, FaultKind range, FaultKind order) {
  if (selection.indices == nullptr) return;
  const int64_t element = mapped(selection.offsets, position);
  const int64_t index = load_index(selection, element);
  if (index < 0 || index >= selection.matrices) {
    report(parameters.fault, range, static_cast<uint64_t>(element));
  } else if (parameters.sorted != 0 && element > 0 && load_index(selection, element - 1) > index) {
    report(parameters.fault, order, static_cast<uint64_t>(element));
  }
}
struct Scan {
  uint32_t before;
  uint32_t all;
};

THINBIT_DEVICE Scan scan(uint32_t (&memory)[kPlaceThreads], uint32_t value) {
  memory[thread_index()] = value;
  block_barrier();
  for (uint32_t step = 1; step < kPlaceThreads; step *= 2) {
    const uint32_t other = thread_index() >= step ? memory[thread_index() - step] : 0;
    block_barrier();
    memory[thread_index()] += other;
    block_barrier();
  }
  const Scan result = {memory[thread_index()] - value, memory[kPlaceThreads - 1]};
  block_barrier();
  return result;
}

struct ScanMemory {
)cuda"
    R"cuda(  uint32_t values[kPlaceThreads];
};

}  // namespace

THINBIT_KERNEL(kPlaceThreads, place, PlaceParameters) {
  THINBIT_BLOCK_MEMORY(ScanMemory, memory);
  const uint32_t self = thread_index();
  for (uint32_t w = self; w < parameters.matrices; w += kPlaceThreads) parameters.firsts[w] = 0;
  block_barrier();
#pragma unroll 1
  for (uint32_t i = self; i < parameters.positions; i += kPlaceThreads) {
    check(parameters, parameters.x, i, FaultKind::kLeftRange, FaultKind::kLeftOrder);
    check(parameters, parameters.w, i, FaultKind::kRightRange, FaultKind::kRightOrder);
    atomic_add(parameters.firsts + matrix_of(parameters.w, i), 1u);
  }
  block_barrier();

  uint32_t placed = 0;
  uint32_t segments = 0;
#pragma unroll 1
  for (uint32_t from = 0; from < parameters.matrices; from += kPlaceThreads) {
    const uint32_t w = from + self;
    const uint32_t count = w < parameters.matrices ? parameters.firsts[w] : 0;
    const uint32_t rows = count * parameters.M;
    const uint32_t own_segments = (rows + parameters.segment_rows - 1) / parameters.segment_rows;
    const Scan positions_before = scan(memory.values, count);
    const Scan segments_before = scan(memory.values, own_segments);
    const uint32_t first = placed + positions_before.before;
#pragma unroll 1
    for (uint32_t i = 0; i < own_segments; ++i) {
      const uint32_t done = i * parameters.segment_rows;
      const uint32_t left = rows - done;
      const uint32_t most = parameters.segment_rows;
      parameters.segments[segments + segments_before.before + i] = {first * parameters.M + done,
                                                                    left < most ? left : most, w};
    }
    if (w < parameters.matrices) parameters.firsts[w] = first;
    placed += positions_before.all;
    segments += segments_before.all;
  }
  if (self == 0) *parameters.segment_count = segments;
  block_barrier();

#pragma unroll 1
  for (uint32_t i = self; i < parameters.positions; i += kPlaceThreads) {
    const uint32_t w = matrix_of(parameters.w, i);
    const uint32_t at = atomic_add(parameters.firsts + w, 1u);
    parameters.places[at] = {matrix_of(parameters.x, i), w,
                             static_cast<uint32_t>(mapped(parameters.c, i)), i};
  }
}

}  // namespace thinbit
)cuda";

// core/cuda/kernels/prefill.cu
const char kCudaPrefillCu[] =
    R"cuda(namespace thinbit {
namespace {

constexpr CodeMode kMode = static_cast<CodeMode>(THINBIT_MODE);
constexpr int kBits = THINBIT_BITS;
constexpr bool kHasBias = kMode == CodeMode::kAffine;

constexpr uint32_t kStep = kStepOfX;
constexpr int kRun = kMode == CodeMode::kNvfp4 ? 4 : 8;
constexpr uint32_t kUnit = 4 * kRun;  // a unit lies in one group
constexpr uint32_t kUnits = kStep / kUnit;
constexpr int kFragments = kRun / 4;      // of a unit, 16 along K each
constexpr uint32_t kSettle = 128;         // elements of K after which sums are settled
constexpr uint32_t kSumSlots = 2;         // of a step: groups of affine have 32 elements or more
constexpr uint32_t kWarpColumns = 32;     // four warps side by side, in two rows
constexpr int kTall = kWarpColumns / 16;  // fragments of w side by side
template <int planes, uint32_t rows>
struct Memory {
  alignas(16) uint16_t x[2][planes][rows][kStep];
  float sums[2][kSumSlots][rows];
};
THINBIT_DEVICE uint32_t swizzled(uint32_t row, uint32_t piece) {
  return piece ^ ((row & 1u) << 2 | (row & 2u));
}
THINBIT_DEVICE uint32_t group_shift(uint32_t group_size) {
  return group_size >= 64 ? (group_size >= 128 ? 7 : 6) : (group_size >= 32 ? 5 : 4);
}
struct WeightRows {
  uint32_t of[kTall * 2];
};
struct WeightUnit {
  Run<kRun> runs[kTall * 2];
  StoredScale scales[kTall * 2];
};

template <class Stored>
THINBIT_DEVICE void load_scales(const ProductParameters& parameters, const WeightRows& rows,
                                uint32_t group, WeightUnit& to) {
  const uint64_t groups = parameters.K >> group_shift(parameters.group_size);
  for (int i = 0; i < 2 * kTall; ++i) {
    to.scales[i] = load_stored<kMode, Stored>(parameters.scales, parameters.biases,
                                              rows.of[i] * groups + group);
  }
}

THINBIT_DEVICE void load_unit(const ProductParameters& parameters, const WeightRows& rows,
                              uint32_t k, WeightUnit& to) {
  if (k >= parameters.K) return;
  const uint64_t row_bytes = parameters.K / 8 * kBits;
  const uint8_t* const codes =
      parameters.codes + k / 8 * kBits + thread_index() % 4 * kRun * kBits / 8;
  for (int i = 0; i < 2 * kTall; ++i) {
    to.runs[i] = load_run<kBits, kRun>(codes + rows.of[i] * row_bytes);
  }
  if ((k & (parameters.group_size - 1)) != 0) return;
  const uint32_t group = k >> group_shift(parameters.group_size);
  if constexpr (!kHasBias) {
    load_scales<uint8_t>(parameters, rows, group, to);
  } else if (parameters.scale_format == FloatFormat::kFloat32) {
    load_scales<uint32_t>(parameters, rows, group, to);
)cuda"
    R"cuda(  } else {
    load_scales<uint16_t>(parameters, rows, group, to);
  }
}

template <int planes, uint32_t rows>
THINBIT_DEVICE void copy_step(const ProductParameters& parameters,
                              const RowsOfX<rows, kPrefillThreads>& from, uint32_t step,
                              Memory<planes, rows>& to) {
  const uint32_t buffer = step % 2;
  const uint32_t piece = thread_index() % kPiecesOfX;
  const uint32_t k = step * kStep + piece * 8;
  for (int plane = 0; plane < planes; ++plane) {
    for (uint32_t i = 0; i < from.kCount; ++i) {
      const uint32_t row = from.row(i);
      const bool inside = from.of[i] != kOutside && k < parameters.K;
      const uint64_t index =
          plane * parameters.x_plane + static_cast<uint64_t>(from.of[i]) * parameters.x_stride + k;
      const uint16_t* const at = parameters.x + (inside ? index : 0);
      copy_16_async(&to.x[buffer][plane][row][swizzled(row, piece) * 8], at, inside);
    }
  }
  if constexpr (kHasBias) {
    const uint32_t row = from.row_of_sums();
    const uint32_t slot = thread_index() / rows;
    if (slot < kSumSlots) {
      const uint32_t first = step * kStep + slot * kUnit;
      const bool inside = from.of_sums != kOutside && first < parameters.K;
      const uint64_t group = first >> group_shift(parameters.group_size);
      copy_4_async(&to.sums[buffer][slot][row],
                   parameters.x_sums + (inside ? group * parameters.x_rows + from.of_sums : 0),
                   inside);
    }
  }
  commit_copies();
}
THINBIT_DEVICE void load_x(const uint16_t (&row)[kStep], uint32_t index, uint32_t unit, uint32_t t,
                           uint32_t (&words)[kRun / 2]) {
  if constexpr (kRun == 4) {
    const uint32_t piece = swizzled(index, 2 * unit + t / 2);
    const uint64_t four = *reinterpret_cast<const uint64_t*>(&row[piece * 8 + t % 2 * 4]);
    words[0] = static_cast<uint32_t>(four);
    words[1] = static_cast<uint32_t>(four >> 32);
  } else {
    const Quad quad = *reinterpret_cast<const Quad*>(&row[swizzled(index, 4 * unit + t) * 8]);
    for (int i = 0; i < 4; ++i) words[i] = quad.words[i];
  }
}
template <FloatFormat format, int planes, uint32_t rows, bool exact>
THINBIT_DEVICE void prefill(const ProductParameters& parameters, Memory<planes, rows>& memory) {
  constexpr int kTiles = rows / 16;  // of eight rows, of a warp
  const Segment segment = segment_of(parameters, block_x(), rows);
  if (segment.count == 0) return;
  const uint32_t warp = thread_index() / 32;
  const uint32_t g = thread_index() % 32 / 4;
  const uint32_t t = thread_index() % 4;
  const uint32_t first_column = block_y() * kPrefillColumns + warp / 2 * kWarpColumns;
  const uint32_t first_row = warp % 2 * (rows / 2);
  const bool works = first_column < parameters.N && first_row < segment.count;

)cuda"
    R"cuda(  const auto x = rows_of_x<rows, kPrefillThreads>(parameters, segment, kHasBias);
  WeightRows weights;
  for (uint32_t i = 0; i < 2 * kTall; ++i) {
    const uint32_t wanted = first_column + 8 * i + g;
    weights.of[i] = segment.w * parameters.N + (wanted < parameters.N ? wanted : parameters.N - 1);
  }
  constexpr int kParts = planes > 1 ? 2 : 1;
  Total<exact> totals[kTall][kTiles][4];
  float parts[kTall][kTiles][kParts][4] = {};
  GroupScale scales[kTall * 2] = {};
  WeightUnit next = {};
  load_unit(parameters, weights, 0, next);
  const uint32_t steps = (parameters.K + kStep - 1) / kStep;
  copy_step<planes, rows>(parameters, x, 0, memory);
  for (uint32_t step = 0; step < steps; ++step) {
    wait_for_copies<0>();
    block_barrier();
    if (step + 1 < steps) copy_step<planes, rows>(parameters, x, step + 1, memory);
    if (!works) continue;
    const uint32_t buffer = step % 2;
#pragma unroll 1
    for (uint32_t unit = 0; unit < kUnits; ++unit) {
      const uint32_t k = step * kStep + unit * kUnit;
      if (k >= parameters.K) break;
      if ((k & (parameters.group_size - 1)) == 0) {
        decode_scales<kMode, kBits>(next.scales, parameters.scale_format, scales);
      }
      uint32_t w[kTall][kFragments][4];
      for (int tall = 0; tall < kTall; ++tall) {
        for (int fragment = 0; fragment < kFragments; ++fragment) {
          for (int i = 0; i < 4; ++i) {
            w[tall][fragment][i] = element_pair<kMode, kBits, format>(
                next.runs[2 * tall + i % 2].eights[0], 2 * fragment + i / 2,
                scales[2 * tall + i % 2].centre);
          }
        }
      }
      load_unit(parameters, weights, k + kUnit, next);
#pragma unroll
      for (int tile = 0; tile < kTiles; ++tile) {
        const uint32_t row = first_row + 8 * static_cast<uint32_t>(tile) + g;
#pragma unroll
        for (int plane = 0; plane < planes; ++plane) {
          uint32_t words[kRun / 2];
          load_x(memory.x[buffer][plane][row], row, unit, t, words);
          for (int fragment = 0; fragment < kFragments; ++fragment) {
            const uint32_t b[2] = {words[2 * fragment], words[2 * fragment + 1]};
            for (int tall = 0; tall < kTall; ++tall) {
              multiply_accumulate<format>(parts[tall][tile][plane > 0 ? 1 : 0], w[tall][fragment],
                                          b);
            }
          }
        }
      }
      if (((k + kUnit) & (parameters.group_size - 1)) != 0) continue;
      const bool settles = (k + kUnit) % kSettle == 0 || k + kUnit == parameters.K;
#pragma unroll
      for (int tile = 0; tile < kTiles; ++tile) {
        float sums[2] = {};
        if constexpr (kHasBias) {
)cuda"
    R"cuda(          const uint32_t row = first_row + 8 * static_cast<uint32_t>(tile) + 2 * t;
          for (int i = 0; i < 2; ++i) sums[i] = memory.sums[buffer][unit][row + i];
        }
#pragma unroll
        for (int tall = 0; tall < kTall; ++tall) {
#pragma unroll
          for (int i = 0; i < 4; ++i) {
            float (&part)[kParts][4] = parts[tall][tile];
            Total<exact>& total = totals[tall][tile][i];
            if constexpr (kHasBias) total.join(scales[2 * tall + i / 2].bias, sums[i % 2]);
            total.join(scales[2 * tall + i / 2].scale,
                       kParts == 1 ? part[0][i] : part[0][i] + part[kParts - 1][i]);
            if (settles) total.settle();
            part[0][i] = part[kParts - 1][i] = 0.0f;
          }
        }
      }
    }
  }
  constexpr int kTogether = kTiles > 2 ? kTiles / 2 : 2;
  static_assert(sizeof memory.x >= kPrefillThreads / 32 * kTogether * 8 * kWarpColumns * 4);
  block_barrier();
  float (*const results)[kWarpColumns] =
      reinterpret_cast<float (*)[kWarpColumns]>(&memory.x) + warp * kTogether * 8;
#pragma unroll
  for (int first = 0; first < kTiles; first += kTogether) {
#pragma unroll
    for (int tile = 0; tile < kTogether; ++tile) {
#pragma unroll
      for (int tall = 0; tall < kTall; ++tall) {
#pragma unroll
        for (uint32_t i = 0; i < 4; ++i) {
          const uint32_t column = 16 * static_cast<uint32_t>(tall) + i / 2 * 8 + g;
          results[8 * tile + static_cast<int>(2 * t + i % 2)][column ^ t * 8] =
              totals[tall][first + tile][i].value();
        }
      }
    }
    warp_barrier();
    const uint32_t lane = thread_index() % 32;
#pragma unroll 1
    for (uint32_t i = 0; i < 8 * kTogether; ++i) {
      const uint32_t row = first_row + 8 * static_cast<uint32_t>(first) + i;
      if (row >= segment.count || first_column + lane >= parameters.N) break;
      store_result(parameters, place_of(parameters, segment.first + row), first_column + lane,
                   results[i][lane ^ i / 2 % 4 * 8]);
    }
    warp_barrier();
  }
}

}  // namespace
#define THINBIT_PREFILL(name, format, planes, rows, exact)                 \
  THINBIT_RESIDENT_KERNEL(kPrefillThreads, 1, name, ProductParameters) {   \
    using BlockMemory = Memory<planes, rows>;                              \
    THINBIT_BLOCK_MEMORY(BlockMemory, memory);                             \
    prefill<FloatFormat::format, planes, rows, exact>(parameters, memory); \
  }

THINBIT_PREFILL(float16, kFloat16, 1, kPrefillRows, false)
)cuda"
    R"cuda(THINBIT_PREFILL(bfloat16, kBfloat16, 1, kPrefillRows, false)
THINBIT_PREFILL(float32, kBfloat16, 3, kPrefillFloat32Rows, true)
#if THINBIT_MODE != 1
THINBIT_PREFILL(quantized, kBfloat16, 1, kPrefillQuantizedRows, true)
#endif

}  // namespace thinbit
)cuda";

// core/cuda/kernels/quantize.cu
const char kCudaQuantizeCu[] =
    R"cuda(namespace thinbit {
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
    const uint32_t size = bits_of(part.values[i]) & ~kSignBit;
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
)cuda"
    R"cuda(
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
    report(parameters.fault, FaultKind::kNonFinite,
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
)cuda"
    R"cuda(  const uint32_t threads_per_group = parameters.group_size / kChunk;
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
    values[i] = is_finite(part.amax) ? value : float_of(kNanBits);
  }
  store_eight(reinterpret_cast<uint8_t*>(parameters.values), chunk * kChunk, FloatFormat::kBfloat16,
              values);
}
#endif

}  // namespace thinbit
)cuda";

// core/cuda/kernels/straight.cu
const char kCudaStraightCu[] =
    R"cuda(namespace thinbit {
namespace {

constexpr CodeMode kMode = static_cast<CodeMode>(THINBIT_MODE);
constexpr int kBits = THINBIT_BITS;

constexpr uint32_t kStep = 32;           // elements of K
constexpr uint32_t kStride = kStep + 8;  // elements between rows of a tile
constexpr uint32_t kSettleSteps = 2;     // after which sums join compensated ones
constexpr int kRowTiles = kStraightRows / 8;
template <int x_planes, int w_planes>
struct Tiles {
  alignas(16) uint16_t x[x_planes][kStraightRows][kStride];
  alignas(16) uint16_t w[w_planes][kStraightColumns][kStride];
  float results[kStraightRows][kStraightColumns + 4];
};
THINBIT_DEVICE uint32_t take_upper_half(float& left) {
  uint32_t upper = bits_of(left) >> 16;
  if (left != left) upper |= 0x40u;  // stays NaN where only lower bits said so
  left = is_finite(left) ? subtract(left, float_of(upper << 16)) : 0.0f;
  return upper;
}

THINBIT_DEVICE uint32_t load_pair(const uint16_t* at) {
  return *reinterpret_cast<const uint32_t*>(at);
}
THINBIT_DEVICE void load_weights(const ProductParameters& parameters, uint32_t w, uint32_t k,
                                 uint32_t n, float (&values)[8]) {
  if (k >= parameters.K || n >= parameters.N) {
    for (int i = 0; i < 8; ++i) values[i] = 0.0f;
    return;
  }
  const uint64_t row = static_cast<uint64_t>(w) * parameters.K + k;
  const uint64_t chunk = (row * parameters.N + n) / kChunk;
  const uint64_t packed = load_codes<kBits>(parameters.codes, chunk * kBits);
  const uint64_t groups = parameters.N / parameters.group_size;
  const GroupScale group = load_scale<kMode>(parameters, row * groups + n / parameters.group_size);
  for (int i = 0; i < 8; ++i) {
    const float element = element_of<kMode>(code_at<kBits>(packed, i));
    values[i] = kMode == CodeMode::kAffine ? fused(element, group.scale, group.bias)
                                           : multiply(element, group.scale);
  }
}

template <int x_planes, int w_planes>
THINBIT_DEVICE void fill(const ProductParameters& parameters, const Segment& segment,
                         const uint16_t* x, uint32_t first_k, Tiles<x_planes, w_planes>& tiles) {
  const uint32_t row = thread_index() / 4;
  const uint32_t start = thread_index() % 4 * 8;
  for (int plane = 0; plane < x_planes; ++plane) {
    Quad quad = {};
    if (x != nullptr) {
      quad = *reinterpret_cast<const Quad*>(x + plane * parameters.x_plane + first_k + start);
    }
    *reinterpret_cast<Quad*>(&tiles.x[plane][row][start]) = quad;
  }
  const uint32_t pair = thread_index() / 8 * 2;
  const uint32_t column = thread_index() % 8 * 8;
  float values[2][8];
  for (uint32_t i = 0; i < 2; ++i) {
)cuda"
    R"cuda(    load_weights(parameters, segment.w, first_k + pair + i, block_y() * kStraightColumns + column,
                 values[i]);
  }
  for (int plane = 0; plane < w_planes; ++plane) {
    for (uint32_t i = 0; i < 8; ++i) {
      const uint32_t low = take_upper_half(values[0][i]);
      const uint32_t high = take_upper_half(values[1][i]);
      *reinterpret_cast<uint32_t*>(&tiles.w[plane][column + i][pair]) = high << 16 | low;
    }
  }
}

template <int x_planes, int w_planes>
THINBIT_DEVICE void straight(const ProductParameters& parameters,
                             Tiles<x_planes, w_planes>& tiles) {
  const Segment segment = segment_of(parameters, block_x(), kStraightRows);
  if (segment.count == 0) return;
  const uint32_t own_row = thread_index() / 4;
  const uint16_t* x = nullptr;
  if (own_row < segment.count) {
    x = parameters.x + static_cast<uint64_t>(place_of(parameters, segment.first + own_row).x) *
                           parameters.x_stride;
  }
  const uint32_t warp = thread_index() / 32;
  const uint32_t g = thread_index() % 32 / 4;
  const uint32_t t = thread_index() % 4;
  constexpr int kMostPlanes = x_planes > w_planes ? x_planes : w_planes;

  Total<true> totals[kRowTiles][4];
  float sums[kRowTiles][2][4] = {};  // of first planes, and of the others, which are small
  const uint32_t steps = (parameters.K + kStep - 1) / kStep;
  for (uint32_t step = 0; step < steps; ++step) {
    block_barrier();
    fill(parameters, segment, x, step * kStep, tiles);
    block_barrier();
    for (uint32_t first = 0; first < kStep; first += 16) {
      const uint32_t k = first + 2 * t;
      for (int w_plane = 0; w_plane < w_planes; ++w_plane) {
        const uint16_t (*const w)[kStride] = tiles.w[w_plane] + warp * 16;
        const uint32_t a[4] = {load_pair(&w[g][k]), load_pair(&w[g + 8][k]),
                               load_pair(&w[g][k + 8]), load_pair(&w[g + 8][k + 8])};
        for (int tile = 0; tile < kRowTiles; ++tile) {
          for (int x_plane = 0; x_plane < x_planes; ++x_plane) {
            if (x_plane + w_plane >= kMostPlanes) continue;  // too small to matter
            const uint16_t* const from = tiles.x[x_plane][8 * tile + static_cast<int>(g)];
            const uint32_t b[2] = {load_pair(from + k), load_pair(from + k + 8)};
            multiply_accumulate<FloatFormat::kBfloat16>(sums[tile][x_plane + w_plane > 0 ? 1 : 0],
                                                        a, b);
          }
        }
      }
    }
    if (step % kSettleSteps != kSettleSteps - 1 && step != steps - 1) continue;
#pragma unroll
    for (int tile = 0; tile < kRowTiles; ++tile) {
      for (int i = 0; i < 4; ++i) {
        totals[tile][i].join(1.0f, sums[tile][0][i] + sums[tile][1][i]);
        totals[tile][i].settle();
        sums[tile][0][i] = sums[tile][1][i] = 0.0f;
      }
)cuda"
    R"cuda(    }
  }
#pragma unroll
  for (uint32_t tile = 0; tile < kRowTiles; ++tile) {
#pragma unroll
    for (uint32_t i = 0; i < 4; ++i) {
      tiles.results[8 * tile + 2 * t + i % 2][warp * 16 + g + i / 2 * 8] = totals[tile][i].value();
    }
  }
  block_barrier();
#pragma unroll 1
  for (uint32_t i = thread_index(); i < segment.count * kStraightColumns; i += kStraightThreads) {
    const uint32_t column = block_y() * kStraightColumns + i % kStraightColumns;
    if (column >= parameters.N) continue;
    const uint32_t row = i / kStraightColumns;
    store_result(parameters, place_of(parameters, segment.first + row), column,
                 tiles.results[row][i % kStraightColumns]);
  }
}

constexpr bool kIsAffine = kMode == CodeMode::kAffine;

}  // namespace

THINBIT_KERNEL(kStraightThreads, bfloat16, ProductParameters) {
  using Memory = Tiles<1, kIsAffine ? 2 : 1>;
  THINBIT_BLOCK_MEMORY(Memory, tiles);
  straight(parameters, tiles);
}

THINBIT_KERNEL(kStraightThreads, float16, ProductParameters) {
  using Memory = Tiles<2, kIsAffine ? 2 : 1>;
  THINBIT_BLOCK_MEMORY(Memory, tiles);
  straight(parameters, tiles);
}

THINBIT_KERNEL(kStraightThreads, float32, ProductParameters) {
  using Memory = Tiles<3, kIsAffine ? 3 : 1>;
  THINBIT_BLOCK_MEMORY(Memory, tiles);
  straight(parameters, tiles);
}

}  // namespace thinbit
)cuda";

// Kernel files as NVRTC takes them: one text, of these in their order.

const char* const kActivationsParts[] = {
    kNumericsPortabilityH,
    kNumericsHalfH,
    kCudaMachineH,
    kCudaGpuMachineH,
    kCudaMachineH1,
    kCudaFloatMemoryH,
    kCudaParametersH,
    kCudaActivationsCu,
    nullptr,
};

const char* const kCombineParts[] = {
    kNumericsPortabilityH,
    kNumericsHalfH,
    kCudaMachineH,
    kCudaGpuMachineH,
    kCudaMachineH1,
    kCudaParametersH,
    kNumericsE2m1H,
    kNumericsE4m3H,
    kNumericsFlushH,
    kNumericsNvfp4H,
    kCudaFaultsH,
    kCudaFloatMemoryH,
    kCudaProductRowsH,
    kCudaCombineCu,
    nullptr,
};

const char* const kCopyParts[] = {
    kNumericsPortabilityH,
    kNumericsHalfH,
    kCudaMachineH,
    kCudaGpuMachineH,
    kCudaMachineH1,
    kCudaParametersH,
    kCudaCopyCu,
    nullptr,
};

const char* const kDecodeParts[] = {
    kNumericsPortabilityH,
    kNumericsHalfH,
    kCudaMachineH,
    kCudaGpuMachineH,
    kCudaMachineH1,
    kCudaParametersH,
    kCudaElementsH,
    kCudaFloatMemoryH,
    kNumericsAffineH,
    kNumericsE4m3H,
    kNumericsE8m0H,
    kCudaGroupScaleH,
    kNumericsE2m1H,
    kNumericsFlushH,
    kNumericsNvfp4H,
    kCudaFaultsH,
    kCudaProductRowsH,
    kCudaSumsH,
    kCudaCodesH,
    kCudaWeightRunH,
    kCudaDecodeCu,
    nullptr,
};

const char* const kDequantizeParts[] = {
    kNumericsPortabilityH,
    kNumericsHalfH,
    kCudaMachineH,
    kCudaGpuMachineH,
    kCudaMachineH1,
    kCudaParametersH,
    kNumericsE2m1H,
    kNumericsE4m3H,
    kCudaCodesH,
    kNumericsFlushH,
    kNumericsNvfp4H,
    kCudaFaultsH,
    kCudaFloatMemoryH,
    kNumericsAffineH,
    kNumericsE8m0H,
    kNumericsMxH,
    kCudaDequantizeCu,
    nullptr,
};

const char* const kFp8Parts[] = {
    kNumericsPortabilityH,
    kNumericsHalfH,
    kCudaMachineH,
    kCudaGpuMachineH,
    kCudaMachineH1,
    kCudaFloatMemoryH,
    kCudaParametersH,
    kNumericsE4m3H,
    kCudaFp8Cu,
    nullptr,
};

const char* const kHopperParts[] = {
    kNumericsPortabilityH,
    kNumericsHalfH,
    kCudaMachineH,
    kCudaGpuMachineH,
    kCudaMachineH1,
    kCudaParametersH,
    kCudaElementsH,
    kCudaFloatMemoryH,
    kNumericsAffineH,
    kNumericsE4m3H,
    kNumericsE8m0H,
    kCudaGroupScaleH,
    kNumericsE2m1H,
    kNumericsFlushH,
    kNumericsNvfp4H,
    kCudaFaultsH,
    kCudaProductRowsH,
    kCudaRowsOfXH,
    kCudaCodesH,
    kCudaWeightRunH,
    kCudaHopperCu,
    nullptr,
};

const char* const kPlaceParts[] = {
    kNumericsPortabilityH,
    kNumericsHalfH,
    kCudaMachineH,
    kCudaGpuMachineH,
    kCudaMachineH1,
    kCudaParametersH,
    kNumericsE2m1H,
    kNumericsE4m3H,
    kNumericsFlushH,
    kNumericsNvfp4H,
    kCudaFaultsH,
    kCudaPlaceCu,
    nullptr,
};

const char* const kPrefillParts[] = {
    kNumericsPortabilityH,
    kNumericsHalfH,
    kCudaMachineH,
    kCudaGpuMachineH,
    kCudaMachineH1,
    kCudaParametersH,
    kCudaElementsH,
    kCudaFloatMemoryH,
    kNumericsAffineH,
    kNumericsE4m3H,
    kNumericsE8m0H,
    kCudaGroupScaleH,
    kNumericsE2m1H,
    kNumericsFlushH,
    kNumericsNvfp4H,
    kCudaFaultsH,
    kCudaProductRowsH,
    kCudaRowsOfXH,
    kCudaSumsH,
    kCudaCodesH,
    kCudaWeightRunH,
    kCudaPrefillCu,
    nullptr,
};

const char* const kQuantizeParts[] = {
    kNumericsPortabilityH,
    kNumericsHalfH,
    kCudaMachineH,
    kCudaGpuMachineH,
    kCudaMachineH1,
    kCudaParametersH,
    kNumericsE2m1H,
    kNumericsE4m3H,
    kCudaCodesH,
    kNumericsFlushH,
    kNumericsNvfp4H,
    kCudaFaultsH,
    kCudaFloatMemoryH,
    kNumericsAffineH,
    kNumericsE8m0H,
    kNumericsMxH,
    kCudaQuantizeCu,
    nullptr,
};

const char* const kStraightParts[] = {
    kNumericsPortabilityH,
    kNumericsHalfH,
    kCudaMachineH,
    kCudaGpuMachineH,
    kCudaMachineH1,
    kCudaParametersH,
    kNumericsE2m1H,
    kNumericsE4m3H,
    kCudaCodesH,
    kCudaFloatMemoryH,
    kNumericsAffineH,
    kNumericsE8m0H,
    kCudaGroupScaleH,
    kNumericsFlushH,
    kNumericsNvfp4H,
    kCudaFaultsH,
    kCudaProductRowsH,
    kCudaSumsH,
    kCudaStraightCu,
    nullptr,
};

constexpr ModuleInfo kAll[] = {
    {"activations", kActivationsParts, {}},
    {"combine", kCombineParts, {}},
    {"copy", kCopyParts, {}},
    {"decode_affine_1_128", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=1", "-DTHINBIT_GROUP=128"}},
    {"decode_affine_1_32", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=1", "-DTHINBIT_GROUP=32"}},
    {"decode_affine_1_64", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=1", "-DTHINBIT_GROUP=64"}},
    {"decode_affine_2_128", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=2", "-DTHINBIT_GROUP=128"}},
    {"decode_affine_2_32", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=2", "-DTHINBIT_GROUP=32"}},
    {"decode_affine_2_64", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=2", "-DTHINBIT_GROUP=64"}},
    {"decode_affine_3_128", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=3", "-DTHINBIT_GROUP=128"}},
    {"decode_affine_3_32", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=3", "-DTHINBIT_GROUP=32"}},
    {"decode_affine_3_64", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=3", "-DTHINBIT_GROUP=64"}},
    {"decode_affine_4_128", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=4", "-DTHINBIT_GROUP=128"}},
    {"decode_affine_4_32", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=4", "-DTHINBIT_GROUP=32"}},
    {"decode_affine_4_64", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=4", "-DTHINBIT_GROUP=64"}},
    {"decode_affine_5_128", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=5", "-DTHINBIT_GROUP=128"}},
    {"decode_affine_5_32", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=5", "-DTHINBIT_GROUP=32"}},
    {"decode_affine_5_64", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=5", "-DTHINBIT_GROUP=64"}},
    {"decode_affine_6_128", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=6", "-DTHINBIT_GROUP=128"}},
    {"decode_affine_6_32", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=6", "-DTHINBIT_GROUP=32"}},
    {"decode_affine_6_64", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=6", "-DTHINBIT_GROUP=64"}},
    {"decode_affine_8_128", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=8", "-DTHINBIT_GROUP=128"}},
    {"decode_affine_8_32", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=8", "-DTHINBIT_GROUP=32"}},
    {"decode_affine_8_64", kDecodeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=8", "-DTHINBIT_GROUP=64"}},
    {"decode_mxfp4_4_32", kDecodeParts, {"-DTHINBIT_MODE=2", "-DTHINBIT_BITS=4", "-DTHINBIT_GROUP=32"}},
    {"decode_mxfp8_8_32", kDecodeParts, {"-DTHINBIT_MODE=3", "-DTHINBIT_BITS=8", "-DTHINBIT_GROUP=32"}},
    {"decode_nvfp4_4_16", kDecodeParts, {"-DTHINBIT_MODE=4", "-DTHINBIT_BITS=4", "-DTHINBIT_GROUP=16"}},
    {"dequantize_affine_1", kDequantizeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=1"}},
    {"dequantize_affine_2", kDequantizeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=2"}},
    {"dequantize_affine_3", kDequantizeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=3"}},
    {"dequantize_affine_4", kDequantizeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=4"}},
    {"dequantize_affine_5", kDequantizeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=5"}},
    {"dequantize_affine_6", kDequantizeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=6"}},
    {"dequantize_affine_8", kDequantizeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=8"}},
    {"dequantize_mxfp4_4", kDequantizeParts, {"-DTHINBIT_MODE=2", "-DTHINBIT_BITS=4"}},
    {"dequantize_mxfp8_8", kDequantizeParts, {"-DTHINBIT_MODE=3", "-DTHINBIT_BITS=8"}},
    {"dequantize_nvfp4_4", kDequantizeParts, {"-DTHINBIT_MODE=4", "-DTHINBIT_BITS=4"}},
    {"fp8", kFp8Parts, {}},
    {"hopper_affine_1_128", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=1", "-DTHINBIT_GROUP=128"}},
    {"hopper_affine_1_32", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=1", "-DTHINBIT_GROUP=32"}},
    {"hopper_affine_1_64", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=1", "-DTHINBIT_GROUP=64"}},
    {"hopper_affine_2_128", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=2", "-DTHINBIT_GROUP=128"}},
    {"hopper_affine_2_32", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=2", "-DTHINBIT_GROUP=32"}},
    {"hopper_affine_2_64", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=2", "-DTHINBIT_GROUP=64"}},
    {"hopper_affine_3_128", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=3", "-DTHINBIT_GROUP=128"}},
    {"hopper_affine_3_32", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=3", "-DTHINBIT_GROUP=32"}},
    {"hopper_affine_3_64", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=3", "-DTHINBIT_GROUP=64"}},
    {"hopper_affine_4_128", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=4", "-DTHINBIT_GROUP=128"}},
    {"hopper_affine_4_32", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=4", "-DTHINBIT_GROUP=32"}},
    {"hopper_affine_4_64", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=4", "-DTHINBIT_GROUP=64"}},
    {"hopper_affine_5_128", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=5", "-DTHINBIT_GROUP=128"}},
    {"hopper_affine_5_32", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=5", "-DTHINBIT_GROUP=32"}},
    {"hopper_affine_5_64", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=5", "-DTHINBIT_GROUP=64"}},
    {"hopper_affine_6_128", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=6", "-DTHINBIT_GROUP=128"}},
    {"hopper_affine_6_32", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=6", "-DTHINBIT_GROUP=32"}},
    {"hopper_affine_6_64", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=6", "-DTHINBIT_GROUP=64"}},
    {"hopper_affine_8_128", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=8", "-DTHINBIT_GROUP=128"}},
    {"hopper_affine_8_32", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=8", "-DTHINBIT_GROUP=32"}},
    {"hopper_affine_8_64", kHopperParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=8", "-DTHINBIT_GROUP=64"}},
    {"hopper_mxfp4_4_32", kHopperParts, {"-DTHINBIT_MODE=2", "-DTHINBIT_BITS=4", "-DTHINBIT_GROUP=32"}},
    {"hopper_mxfp8_8_32", kHopperParts, {"-DTHINBIT_MODE=3", "-DTHINBIT_BITS=8", "-DTHINBIT_GROUP=32"}},
    {"hopper_nvfp4_4_16", kHopperParts, {"-DTHINBIT_MODE=4", "-DTHINBIT_BITS=4", "-DTHINBIT_GROUP=16"}},
    {"place", kPlaceParts, {}},
    {"prefill_affine_1", kPrefillParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=1"}},
    {"prefill_affine_2", kPrefillParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=2"}},
    {"prefill_affine_3", kPrefillParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=3"}},
    {"prefill_affine_4", kPrefillParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=4"}},
    {"prefill_affine_5", kPrefillParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=5"}},
    {"prefill_affine_6", kPrefillParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=6"}},
    {"prefill_affine_8", kPrefillParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=8"}},
    {"prefill_mxfp4_4", kPrefillParts, {"-DTHINBIT_MODE=2", "-DTHINBIT_BITS=4"}},
    {"prefill_mxfp8_8", kPrefillParts, {"-DTHINBIT_MODE=3", "-DTHINBIT_BITS=8"}},
    {"prefill_nvfp4_4", kPrefillParts, {"-DTHINBIT_MODE=4", "-DTHINBIT_BITS=4"}},
    {"quantize_affine_1", kQuantizeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=1"}},
    {"quantize_affine_2", kQuantizeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=2"}},
    {"quantize_affine_3", kQuantizeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=3"}},
    {"quantize_affine_4", kQuantizeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=4"}},
    {"quantize_affine_5", kQuantizeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=5"}},
    {"quantize_affine_6", kQuantizeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=6"}},
    {"quantize_affine_8", kQuantizeParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=8"}},
    {"quantize_mxfp4_4", kQuantizeParts, {"-DTHINBIT_MODE=2", "-DTHINBIT_BITS=4"}},
    {"quantize_mxfp8_8", kQuantizeParts, {"-DTHINBIT_MODE=3", "-DTHINBIT_BITS=8"}},
    {"quantize_nvfp4_4", kQuantizeParts, {"-DTHINBIT_MODE=4", "-DTHINBIT_BITS=4"}},
    {"straight_affine_1", kStraightParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=1"}},
    {"straight_affine_2", kStraightParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=2"}},
    {"straight_affine_3", kStraightParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=3"}},
    {"straight_affine_4", kStraightParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=4"}},
    {"straight_affine_5", kStraightParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=5"}},
    {"straight_affine_6", kStraightParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=6"}},
    {"straight_affine_8", kStraightParts, {"-DTHINBIT_MODE=1", "-DTHINBIT_BITS=8"}},
    {"straight_mxfp4_4", kStraightParts, {"-DTHINBIT_MODE=2", "-DTHINBIT_BITS=4"}},
    {"straight_mxfp8_8", kStraightParts, {"-DTHINBIT_MODE=3", "-DTHINBIT_BITS=8"}},
    {"straight_nvfp4_4", kStraightParts, {"-DTHINBIT_MODE=4", "-DTHINBIT_BITS=4"}},
};

const char* const kOptions[] = {"--std=c++17", "-default-device", "-fmad=false", "-diag-suppress=177", nullptr};

}  // namespace

const ModuleInfo* const kModules = kAll;
const int kModuleCount = 93;
const char* const* const kCommonOptions = kOptions;

}  // namespace thinbit::cuda
