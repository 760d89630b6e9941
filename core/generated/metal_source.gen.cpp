// generated from core/metal/kernels/all.msl and what it includes: do not edit
#include "generated/metal_source.gen.h"

#include "metal/presence.h"

#if THINBIT_HAS_METAL

namespace thinbit::metal {

const char* const kMetalSource =
    R"msl(#include <metal_simdgroup_matrix>
#include <metal_stdlib>
using namespace metal;

#if defined(__METAL_VERSION__)
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
)msl"
    R"msl(  return __uint_as_float(bits);
#elif defined(__OPENCL_CPP_VERSION__)
  return __builtin_astype(bits, float);
#else
  float value;
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
)msl"
    R"msl(
}  // namespace thinbit

namespace thinbit {
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
)msl"
    R"msl(  const float scale = low_edge ? size : -size;
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
THINBIT_FN float flush_subnormal(float value) {
  const uint32_t bits = bits_of(value);
  return float_of((bits & kInfinityBits) == 0 ? bits & kSignBit : bits);
}

}  // namespace thinbit

namespace thinbit {
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
)msl"
    R"msl(THINBIT_FN float e4m3_decode(uint32_t code) {
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
)msl"
    R"msl(
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

namespace thinbit {
THINBIT_CONSTANT uint32_t kChunk = 8;
THINBIT_CONSTANT uint32_t kConversionThreads = 256;
THINBIT_CONSTANT int kColumns = 4;
THINBIT_CONSTANT int kSimdgroups = 2;
THINBIT_CONSTANT int kMostVectors = 4;
THINBIT_CONSTANT uint32_t kStraightColumns = 64;
THINBIT_CONSTANT uint32_t kStraightSimdgroups = 4;
THINBIT_CONSTANT uint32_t kStraightThreads = 128;
THINBIT_CONSTANT uint32_t kTile = 32;
THINBIT_CONSTANT uint32_t kTileThreads = 128;

struct QuantizeParameters {
  uint32_t groups;             // of the whole tensor
  uint32_t groups_per_matrix;  // each matrix has an encode factor of its own
};

struct DequantizeParameters {
  uint64_t chunks;             // of eight elements, of the whole tensor
  uint64_t chunks_per_matrix;  // each matrix has a decode factor of its own
};

struct Fp8Parameters {
  uint64_t elements;
};

struct ProductParameters {
  uint32_t N;
  uint32_t K;
  uint32_t c_row_step;     // elements of c from row to row
  uint32_t c_column_step;  // and from column to column: 0 where all columns share one
  float x_factor;          // the decode factor of x where the call quantized it; else 1
  float alpha;
  float beta;
};
struct ProductRow {
  uint32_t x;
  uint32_t out;
  uint32_t c;
)msl"
    R"msl(};
struct Segment {
  uint32_t first;
  uint32_t count;
  uint32_t w;
  float w_factor;  // the decode factor of w
};

}  // namespace thinbit

namespace thinbit {

constant int kGroupSize [[function_constant(0)]];
constant int kInputFormat [[function_constant(1)]];
constant int kScaleFormat [[function_constant(2)]];
constant int kOutputFormat [[function_constant(3)]];
constant int kAddendFormat [[function_constant(4)]];
constant bool kTransposed [[function_constant(5)]];
constant int kVectors [[function_constant(6)]];
constexpr constant int kAffine = 1;
constexpr constant int kMxfp4 = 2;
constexpr constant int kMxfp8 = 3;
constexpr constant int kNvfp4 = 4;

}  // namespace thinbit

namespace thinbit {

inline float load_float(device const uchar* memory, ulong index, int format) {
  if (format == (int)FloatFormat::kFloat16) {
    return f16_to_f32(((device const ushort*)memory)[index]);
  }
  if (format == (int)FloatFormat::kBfloat16) {
    return bf16_to_f32(((device const ushort*)memory)[index]);
  }
  return ((device const float*)memory)[index];
}

inline void store_float(device uchar* memory, ulong index, float value, int format) {
  if (format == (int)FloatFormat::kFloat16) {
    ((device ushort*)memory)[index] = f32_to_f16(value);
  } else if (format == (int)FloatFormat::kBfloat16) {
    ((device ushort*)memory)[index] = f32_to_bf16(value);
  } else {
    ((device float*)memory)[index] = value;
  }
}

}  // namespace thinbit

namespace thinbit {
template <int bits>
inline ulong load_codes(device const uchar* at) {
  if (bits == 8) {
    const device uint* const words = (device const uint*)at;
    return (ulong)words[0] | (ulong)words[1] << 32;
  }
  if (bits == 4) return *(device const uint*)at;
  if (bits == 2) return *(device const ushort*)at;
  ulong packed = 0;
)msl"
    R"msl(  for (int i = 0; i < bits; i++) packed |= (ulong)at[i] << (8 * i);
  return packed;
}

template <int bits>
inline uint code_at(ulong packed, int index) {
  return (uint)(packed >> (bits * index)) & ((1u << bits) - 1u);
}

template <int bits>
inline void store_codes(device uchar* at, ulong packed) {
  if (bits == 8) {
    ((device uint*)at)[0] = (uint)packed;
    ((device uint*)at)[1] = (uint)(packed >> 32);
  } else if (bits == 4) {
    *(device uint*)at = (uint)packed;
  } else if (bits == 2) {
    *(device ushort*)at = (ushort)packed;
  } else {
    for (int i = 0; i < bits; i++) at[i] = (uchar)(packed >> (8 * i));
  }
}
template <int mode>
inline float element_of(uint code) {
  if (mode == kAffine) return (float)code;
  return mode == kMxfp8 ? e4m3_decode(code) : e2m1_decode(code);
}

}  // namespace thinbit

namespace thinbit {
template <int mode>
inline float scaled(float sum, uint byte) {
  if (mode == kNvfp4) return multiply(sum, e4m3_decode(byte));
  return mx_dequantize(sum, byte);
}
struct WeightMatrix {
  device const uchar* codes;
  device const uchar* scales;
  device const uchar* biases;
  ulong row_bytes;
  ulong row_groups;
};

template <int bits>
inline WeightMatrix weight_matrix(device const uchar* codes, device const uchar* scales,
                                  device const uchar* biases, ulong index, ulong rows,
                                  ulong columns) {
  const ulong float_bytes = kScaleFormat == (int)FloatFormat::kFloat32 ? 4 : 2;
  const ulong scale_bytes = kScaleFormat == 0 ? 1 : float_bytes;
  WeightMatrix matrix;
  matrix.row_bytes = columns / 8 * (ulong)bits;
  matrix.row_groups = columns / (ulong)kGroupSize;
  matrix.codes = codes + index * rows * matrix.row_bytes;
  matrix.scales = scales + index * rows * matrix.row_groups * scale_bytes;
  matrix.biases = biases + index * rows * matrix.row_groups * scale_bytes;
  return matrix;
}
template <int mode, int bits>
inline void decode_eight(WeightMatrix w, ulong row, uint column, thread float* values) {
)msl"
    R"msl(  const ulong packed = load_codes<bits>(w.codes + row * w.row_bytes + column / 8 * (uint)bits);
  const ulong at = row * w.row_groups + column / (uint)kGroupSize;
  if (mode == kAffine) {
    const float scale = load_float(w.scales, at, kScaleFormat);
    const float bias = load_float(w.biases, at, kScaleFormat);
    for (int i = 0; i < 8; i++) values[i] = fma((float)code_at<bits>(packed, i), scale, bias);
  } else {
    const uint byte = w.scales[at];
    for (int i = 0; i < 8; i++) {
      values[i] = scaled<mode>(element_of<mode>(code_at<bits>(packed, i)), byte);
    }
  }
}

}  // namespace thinbit

namespace thinbit {

inline void store_result(float sum, device const uchar* c, device uchar* out,
                         constant ProductParameters& parameters, float w_factor,
                         device const ProductRow* row, uint column) {
  float value = multiply(multiply(sum, w_factor), parameters.x_factor);
  if (kAddendFormat != 0) {
    const ulong at = (ulong)row->c * parameters.c_row_step + column * parameters.c_column_step;
    value = fma(parameters.beta, load_float(c, at, kAddendFormat),
                multiply(parameters.alpha, value));
  }
  store_float(out, (ulong)row->out * parameters.N + column, value, kOutputFormat);
}

}  // namespace thinbit

namespace thinbit {
struct CompensatedSum {
  float sum = 0.0f;
  float excess = 0.0f;

  void add(float part) {
    const float wanted = subtract(part, excess);
    const float rounded = thinbit::add(sum, wanted);
    excess = is_finite(rounded) ? subtract(subtract(rounded, sum), wanted) : 0.0f;
    sum = rounded;
  }
};

}  // namespace thinbit

namespace thinbit {
struct GroupPart {
  float values[8];  // flushed
  bool finite;      // all of the group
  float amax;
  float lo;
  float hi;
};
inline GroupPart read_group(device const uchar* memory, ulong first, bool inside, uint lane) {
  GroupPart part;
  uint largest = 0;
  for (int i = 0; i < 8; i++) {
    const float value = inside ? load_float(memory, first + (ulong)i, kInputFormat) : 0.0f;
)msl"
    R"msl(    part.values[i] = flush_subnormal(value);
    largest = max(largest, bits_of(part.values[i]) & ~kSignBit);
  }
  part.lo = part.values[0];
  part.hi = part.values[0];
  for (int i = 1; i < 8; i++) {
    if (part.values[i] < part.lo) part.lo = part.values[i];
    if (part.values[i] > part.hi) part.hi = part.values[i];
  }
  for (uint step = 1; step < (uint)kGroupSize / kChunk; step *= 2) {
    largest = max(largest, simd_shuffle_xor(largest, (ushort)step));
    const float other_lo = simd_shuffle_xor(part.lo, (ushort)step);
    const float other_hi = simd_shuffle_xor(part.hi, (ushort)step);
    const bool upper = (lane & step) != 0;
    const float first_lo = upper ? other_lo : part.lo;
    const float second_lo = upper ? part.lo : other_lo;
    const float first_hi = upper ? other_hi : part.hi;
    const float second_hi = upper ? part.hi : other_hi;
    part.lo = second_lo < first_lo ? second_lo : first_lo;
    part.hi = second_hi > first_hi ? second_hi : first_hi;
  }
  part.amax = float_of(largest);
  part.finite = is_finite(part.amax);
  return part;
}
template <int mode>
inline uint scale_byte(float amax, float encode_factor) {
  if (mode == kNvfp4) return nvfp4_scale(amax, encode_factor);
  return e8m0_encode(mode == kMxfp8 ? mxfp8_exponent(amax) : mxfp4_exponent(amax));
}

template <int mode>
inline uint code_of(float value, uint byte, float encode_factor) {
  if (mode == kNvfp4) return nvfp4_code(value, e4m3_decode(byte), encode_factor);
  const int exponent = e8m0_exponent(byte);
  return mode == kMxfp8 ? mxfp8_code(value, exponent) : mxfp4_code(value, exponent);
}

template <int mode, int bits>
[[kernel]] void quantize(device const uchar* w [[buffer(0)]], device uchar* codes [[buffer(1)]],
                         device uchar* scales [[buffer(2)]], device uchar* biases [[buffer(3)]],
                         device atomic_uint* first_fault [[buffer(4)]],
                         device const float* encode_factors [[buffer(5)]],
                         constant QuantizeParameters& parameters [[buffer(6)]],
                         uint block [[threadgroup_position_in_grid]],
                         uint thread_index [[thread_index_in_threadgroup]],
                         uint lane [[thread_index_in_simdgroup]]) {
  const ulong chunk = (ulong)block * kConversionThreads + thread_index;
  const uint threads_per_group = (uint)kGroupSize / kChunk;
  const uint group = (uint)(chunk / threads_per_group);
  const bool inside = chunk / threads_per_group < parameters.groups;
  const GroupPart part = read_group(w, chunk * kChunk, inside, lane);
  if (!inside) return;
  const bool leader = chunk % threads_per_group == 0;
  ulong packed = 0;
  bool fault = !part.finite;
  if (mode == kAffine) {
    const AffineGroup affine = affine_group(part.lo, part.hi, bits);
    const FloatFormat stored = (FloatFormat)kScaleFormat;
    fault = fault || !is_finite(round_to(stored, affine.scale)) ||
)msl"
    R"msl(            !is_finite(round_to(stored, affine.bias));
    for (int i = 0; i < 8; i++) {
      packed |= (ulong)affine_code(part.values[i], affine, bits) << (bits * i);
    }
    if (leader) {
      store_float(scales, group, affine.scale, kScaleFormat);
      store_float(biases, group, affine.bias, kScaleFormat);
    }
  } else {
    const float factor = encode_factors[group / parameters.groups_per_matrix];
    const uint byte = scale_byte<mode>(part.amax, factor);
    for (int i = 0; i < 8; i++) {
      packed |= (ulong)code_of<mode>(part.values[i], byte, factor) << (bits * i);
    }
    if (leader) scales[group] = (uchar)byte;
  }
  store_codes<bits>(codes + chunk * (ulong)bits, packed);
  if (fault && leader) atomic_fetch_min_explicit(first_fault, group, memory_order_relaxed);
}
template <int mode>
[[kernel]] void quantized_values(device const uchar* x [[buffer(0)]],
                                 device float* values [[buffer(1)]],
                                 device const float* encode_factors [[buffer(2)]],
                                 constant QuantizeParameters& parameters [[buffer(3)]],
                                 uint block [[threadgroup_position_in_grid]],
                                 uint thread_index [[thread_index_in_threadgroup]],
                                 uint lane [[thread_index_in_simdgroup]]) {
  const ulong chunk = (ulong)block * kConversionThreads + thread_index;
  const bool inside = chunk / ((uint)kGroupSize / kChunk) < parameters.groups;
  const GroupPart part = read_group(x, chunk * kChunk, inside, lane);
  if (!inside) return;
  const uint byte = scale_byte<mode>(part.amax, encode_factors[0]);
  for (int i = 0; i < 8; i++) {
    const uint code = code_of<mode>(part.values[i], byte, encode_factors[0]);
    const float value = scaled<mode>(element_of<mode>(code), byte);
    values[chunk * kChunk + (ulong)i] = part.finite ? value : float_of(kNanBits);
  }
}

}  // namespace thinbit

namespace thinbit {

template <int mode, int bits>
[[kernel]] void dequantize(device const uchar* codes [[buffer(0)]],
                           device const uchar* scales [[buffer(1)]],
                           device const uchar* biases [[buffer(2)]],
                           device const float* decode_factors [[buffer(3)]],
                           device uchar* out [[buffer(4)]],
                           constant DequantizeParameters& parameters [[buffer(5)]],
                           uint block [[threadgroup_position_in_grid]],
                           uint thread_index [[thread_index_in_threadgroup]]) {
  const ulong chunk = (ulong)block * kConversionThreads + thread_index;
  if (chunk >= parameters.chunks) return;
  const ulong group = chunk / ((uint)kGroupSize / kChunk);
  const ulong packed = load_codes<bits>(codes + chunk * (ulong)bits);
  for (int i = 0; i < 8; i++) {
    const uint code = code_at<bits>(packed, i);
    float value;
    if (mode == kAffine) {
)msl"
    R"msl(      const float scale = load_float(scales, group, kScaleFormat);
      const float bias = load_float(biases, group, kScaleFormat);
      value = affine_dequantize(code, scale, bias, (FloatFormat)kScaleFormat);
    } else if (mode == kNvfp4) {
      const float factor = decode_factors[chunk / parameters.chunks_per_matrix];
      value = nvfp4_dequantize(code, e4m3_decode(scales[group]), factor);
    } else {
      value = mx_dequantize(element_of<mode>(code), scales[group]);
    }
    store_float(out, chunk * kChunk + (ulong)i, value, kOutputFormat);
  }
}

}  // namespace thinbit

namespace thinbit {

template <int mode, int bits>
[[kernel]] void qmv(
    device const uchar* x [[buffer(0)]], device const uchar* codes [[buffer(1)]],
    device const uchar* scales [[buffer(2)]], device const uchar* biases [[buffer(3)]],
    device const uchar* c [[buffer(4)]], device uchar* out [[buffer(5)]],
    device const ProductRow* rows [[buffer(6)]], device const Segment* segments [[buffer(7)]],
    constant ProductParameters& parameters [[buffer(8)]],
    uint2 group [[threadgroup_position_in_grid]],
    uint simdgroup [[simdgroup_index_in_threadgroup]],
    uint lane [[thread_index_in_simdgroup]]) {
  const uint N = parameters.N;
  const uint K = parameters.K;
  const uint column = (group.x * (uint)kSimdgroups + simdgroup) * (uint)kColumns;
  if (column >= N) return;
  const uint count = segments[group.y].count;
  device const ProductRow* const own = rows + segments[group.y].first;
  const WeightMatrix w = weight_matrix<bits>(codes, scales, biases, segments[group.y].w, N, K);

  float sums[kMostVectors][kColumns];
  for (int v = 0; v < kVectors; v++) {
    for (int n = 0; n < kColumns; n++) sums[v][n] = 0.0f;
  }
  for (uint k = lane * 8; k < K; k += 256) {
    float values[kMostVectors][8];
    float totals[kMostVectors];
    for (int v = 0; v < kVectors; v++) {
      const ulong from = (ulong)own[min((uint)v, count - 1)].x * K + k;
      totals[v] = 0.0f;
      for (int i = 0; i < 8; i++) {
        values[v][i] = load_float(x, from + (ulong)i, kInputFormat);
        totals[v] += values[v][i];
      }
    }
    for (int n = 0; n < kColumns; n++) {
      const ulong w_row = min(column + (uint)n, N - 1);
      const ulong packed = load_codes<bits>(w.codes + w_row * w.row_bytes + k / 8 * (uint)bits);
      const ulong at = w_row * w.row_groups + k / (uint)kGroupSize;
      float elements[8];
      for (int i = 0; i < 8; i++) elements[i] = element_of<mode>(code_at<bits>(packed, i));
      if (mode == kAffine) {
        const float scale = load_float(w.scales, at, kScaleFormat);
        const float bias = load_float(w.biases, at, kScaleFormat);
        if (kInputFormat == (int)FloatFormat::kFloat32) {
)msl"
    R"msl(          for (int i = 0; i < 8; i++) elements[i] = fma(elements[i], scale, bias);
        }
        for (int v = 0; v < kVectors; v++) {
          float part = 0.0f;
          for (int i = 0; i < 8; i++) part = fma(values[v][i], elements[i], part);
          if (kInputFormat == (int)FloatFormat::kFloat32) {
            sums[v][n] += part;
          } else {
            sums[v][n] = fma(scale, part, fma(bias, totals[v], sums[v][n]));
          }
        }
      } else {
        const uint byte = w.scales[at];
        for (int v = 0; v < kVectors; v++) {
          float part = 0.0f;
          for (int i = 0; i < 8; i++) part = fma(values[v][i], elements[i], part);
          sums[v][n] += scaled<mode>(part, byte);
        }
      }
    }
  }
  for (int v = 0; v < kVectors; v++) {
    for (int n = 0; n < kColumns; n++) {
      const float sum = simd_sum(sums[v][n]);
      const uint at = (uint)(v * kColumns + n);
      if (lane == at && (uint)v < count && column + (uint)n < N) {
        store_result(sum, c, out, parameters, segments[group.y].w_factor, own + v,
                     column + (uint)n);
      }
    }
  }
}

}  // namespace thinbit

namespace thinbit {

constexpr constant uint kStraightTerms = 32;  // of a sum before it joins its total

inline void join(thread float (&sums)[kMostVectors][8],
                 thread CompensatedSum (&totals)[kMostVectors][8]) {
  for (int v = 0; v < kVectors; v++) {
    for (int i = 0; i < 8; i++) {
      totals[v][i].add(sums[v][i]);
      sums[v][i] = 0.0f;
    }
  }
}

template <int mode, int bits>
[[kernel]] [[max_total_threads_per_threadgroup(128)]] void qvm(
    device const uchar* x [[buffer(0)]], device const uchar* codes [[buffer(1)]],
    device const uchar* scales [[buffer(2)]], device const uchar* biases [[buffer(3)]],
    device const uchar* c [[buffer(4)]], device uchar* out [[buffer(5)]],
    device const ProductRow* rows [[buffer(6)]], device const Segment* segments [[buffer(7)]],
    constant ProductParameters& parameters [[buffer(8)]],
    uint2 group [[threadgroup_position_in_grid]],
    uint thread_index [[thread_index_in_threadgroup]],
    uint simdgroup [[simdgroup_index_in_threadgroup]],
    uint lane [[thread_index_in_simdgroup]]) {
)msl"
    R"msl(  threadgroup float partial[kStraightSimdgroups][kMostVectors][kStraightColumns];
  const uint N = parameters.N;
  const uint K = parameters.K;
  const uint count = segments[group.y].count;
  device const ProductRow* const own = rows + segments[group.y].first;
  const uint column = group.x * kStraightColumns + lane % 8 * kChunk;
  const WeightMatrix w = weight_matrix<bits>(codes, scales, biases, segments[group.y].w, K, N);

  float sums[kMostVectors][8];
  CompensatedSum totals[kMostVectors][8];
  for (int v = 0; v < kVectors; v++) {
    for (int i = 0; i < 8; i++) sums[v][i] = 0.0f;
  }
  if (column < N) {
    uint terms = 0;
    for (uint k = simdgroup * 4 + lane / 8; k < K; k += 4 * kStraightSimdgroups) {
      if (terms++ % kStraightTerms == kStraightTerms - 1) join(sums, totals);
      float values[8];
      decode_eight<mode, bits>(w, k, column, values);
      for (int v = 0; v < kVectors; v++) {
        const ulong at = (ulong)own[min((uint)v, count - 1)].x * K + k;
        const float value = load_float(x, at, kInputFormat);
        for (int i = 0; i < 8; i++) sums[v][i] = fma(value, values[i], sums[v][i]);
      }
    }
  }
  join(sums, totals);
  for (int v = 0; v < kVectors; v++) {
    for (uint i = 0; i < 8; i++) {
      float sum = totals[v][i].sum;
      sum += simd_shuffle_xor(sum, 8);
      sum += simd_shuffle_xor(sum, 16);
      if (lane < 8) partial[simdgroup][v][lane * kChunk + i] = sum;
    }
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  for (uint i = thread_index; i < (uint)kVectors * kStraightColumns; i += kStraightThreads) {
    const uint v = i / kStraightColumns;
    const uint n = i % kStraightColumns;
    float sum = partial[0][v][n];
    for (uint s = 1; s < kStraightSimdgroups; s++) sum += partial[s][v][n];
    if (v < count && group.x * kStraightColumns + n < N) {
      store_result(sum, c, out, parameters, segments[group.y].w_factor, own + v,
                   group.x * kStraightColumns + n);
    }
  }
}

}  // namespace thinbit

namespace thinbit {

constexpr constant uint kTileStride = kTile + 4;
constexpr constant uint kSumDepth = 128;

template <int mode, int bits>
[[kernel]] [[max_total_threads_per_threadgroup(128)]] void qmm(
    device const uchar* x [[buffer(0)]], device const uchar* codes [[buffer(1)]],
    device const uchar* scales [[buffer(2)]], device const uchar* biases [[buffer(3)]],
    device const uchar* c [[buffer(4)]], device uchar* out [[buffer(5)]],
)msl"
    R"msl(    device const ProductRow* rows [[buffer(6)]], device const Segment* segments [[buffer(7)]],
    constant ProductParameters& parameters [[buffer(8)]],
    uint2 group [[threadgroup_position_in_grid]],
    uint thread_index [[thread_index_in_threadgroup]],
    uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  threadgroup float x_tile[kTile * kTileStride];
  threadgroup float w_tile[kTile * kTileStride];
  const uint N = parameters.N;
  const uint K = parameters.K;
  const uint count = segments[group.y].count;
  device const ProductRow* const own = rows + segments[group.y].first;
  const uint first_column = group.x * kTile;
  const WeightMatrix w =
      weight_matrix<bits>(codes, scales, biases, segments[group.y].w, kTransposed ? N : K,
                          kTransposed ? K : N);
  const uint line = thread_index / 4;
  const uint start = thread_index % 4 * 8;
  const uint top = simdgroup / 2 * 16;
  const uint left = simdgroup % 2 * 16;

  simdgroup_matrix<float, 8, 8> sums[2][2];
  CompensatedSum totals[8];  // of the elements that this thread stores
  for (uint first_k = 0; first_k < K; first_k += kTile) {
    if (first_k % kSumDepth == 0) {
      for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++) sums[i][j] = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
      }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint i = 0; i < 8; i++) {
      const uint k = first_k + start + i;
      const bool inside = line < count && k < K;
      x_tile[line * kTileStride + start + i] =
          inside ? load_float(x, (ulong)own[line].x * K + k, kInputFormat) : 0.0f;
    }
    const uint w_row = kTransposed ? first_column + line : first_k + line;
    const uint w_column = kTransposed ? first_k + start : first_column + start;
    if (w_row < (kTransposed ? N : K) && w_column < (kTransposed ? K : N)) {
      float values[8];
      decode_eight<mode, bits>(w, w_row, w_column, values);
      for (uint i = 0; i < 8; i++) w_tile[line * kTileStride + start + i] = values[i];
    } else {
      for (uint i = 0; i < 8; i++) w_tile[line * kTileStride + start + i] = 0.0f;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint k = 0; k < kTile; k += 8) {
      simdgroup_matrix<float, 8, 8> left_part[2];
      simdgroup_matrix<float, 8, 8> right_part[2];
      for (uint i = 0; i < 2; i++) {
        simdgroup_load(left_part[i], x_tile + (top + i * 8) * kTileStride + k, kTileStride);
        if (kTransposed) {
          simdgroup_load(right_part[i], w_tile + (left + i * 8) * kTileStride + k, kTileStride, 0,
                         true);
        } else {
          simdgroup_load(right_part[i], w_tile + k * kTileStride + left + i * 8, kTileStride);
        }
      }
      for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++) {
          simdgroup_multiply_accumulate(sums[i][j], left_part[i], right_part[j], sums[i][j]);
)msl"
    R"msl(        }
      }
    }
    if ((first_k + kTile) % kSumDepth == 0 || first_k + kTile >= K) {
      threadgroup_barrier(mem_flags::mem_threadgroup);
      for (uint i = 0; i < 2; i++) {
        for (uint j = 0; j < 2; j++) {
          simdgroup_store(sums[i][j], x_tile + (top + i * 8) * kTileStride + left + j * 8,
                          kTileStride);
        }
      }
      threadgroup_barrier(mem_flags::mem_threadgroup);
      for (uint i = 0; i < 8; i++) totals[i].add(x_tile[line * kTileStride + start + i]);
    }
  }
  for (uint i = 0; i < 8; i++) {
    const uint column = first_column + start + i;
    if (line < count && column < N) {
      store_result(totals[i].sum, c, out, parameters, segments[group.y].w_factor, own + line,
                   column);
    }
  }
}

}  // namespace thinbit

namespace thinbit {

[[kernel]] void to_fp8(device const uchar* x [[buffer(0)]], device uchar* out [[buffer(1)]],
                       constant Fp8Parameters& parameters [[buffer(2)]],
                       uint block [[threadgroup_position_in_grid]],
                       uint thread_index [[thread_index_in_threadgroup]]) {
  const ulong index = (ulong)block * kConversionThreads + thread_index;
  if (index >= parameters.elements) return;
  out[index] = (uchar)e4m3_encode(load_float(x, index, kInputFormat));
}

[[kernel]] void from_fp8(device const uchar* x [[buffer(0)]], device uchar* out [[buffer(1)]],
                         constant Fp8Parameters& parameters [[buffer(2)]],
                         uint block [[threadgroup_position_in_grid]],
                         uint thread_index [[thread_index_in_threadgroup]]) {
  const ulong index = (ulong)block * kConversionThreads + thread_index;
  if (index >= parameters.elements) return;
  store_float(out, index, e4m3_decode(x[index]), kOutputFormat);
}

}  // namespace thinbit
)msl";

}  // namespace thinbit::metal

#endif
