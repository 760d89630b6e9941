// generated from codegen/schema/thinbit.yaml: do not edit
#pragma once

#include <cstdint>

namespace thinbit {

enum class DType : int32_t {
  kUnset = 0,
  kFloat32 = 1,
  kFloat16 = 2,
  kBfloat16 = 3,
  kUint8 = 4,
  kUint32 = 5,
  kInt32 = 6,
  kInt64 = 7,
};

enum class Mode : int32_t {
  kUnset = 0,
  kAffine = 1,
  kMxfp4 = 2,
  kMxfp8 = 3,
  kNvfp4 = 4,
};

// Sets of dtypes and of modes, one bit for each value.
using DTypeSet = uint32_t;
using ModeSet = uint32_t;

template <class... Values>
constexpr uint32_t set_of(Values... values) {
  return ((uint32_t{1} << static_cast<uint32_t>(values)) | ...);
}

struct DTypeInfo {
  const char* name;
  DType dtype;
  uint8_t dlpack_code;
  uint8_t bits;
};

inline constexpr DTypeInfo kDTypes[] = {
    {"float32", DType::kFloat32, 2, 32},
    {"float16", DType::kFloat16, 2, 16},
    {"bfloat16", DType::kBfloat16, 4, 16},
    {"uint8", DType::kUint8, 1, 8},
    {"uint32", DType::kUint32, 1, 32},
    {"int32", DType::kInt32, 0, 32},
    {"int64", DType::kInt64, 0, 64},
};

constexpr int64_t dtype_bytes(DType dtype) { return kDTypes[static_cast<int32_t>(dtype) - 1].bits / 8; }
constexpr const char* dtype_name(DType dtype) { return kDTypes[static_cast<int32_t>(dtype) - 1].name; }

// A few integers that are legal for a setting.
struct Choices {
  int count;
  int32_t values[7];
};

struct ModeInfo {
  const char* name;
  Mode mode;
  bool has_bias;
  bool has_global_scale;
  DTypeSet scale_dtypes;
  int32_t default_bits;
  int32_t default_group_size;
  Choices bits;
  Choices group_sizes;
};

inline constexpr ModeInfo kModes[] = {
    {"affine", Mode::kAffine, true, false,
     set_of(DType::kFloat32, DType::kFloat16, DType::kBfloat16), 4, 64,
     {7, {1, 2, 3, 4, 5, 6, 8}}, {3, {32, 64, 128}}},
    {"mxfp4", Mode::kMxfp4, false, false,
     set_of(DType::kUint8), 4, 32,
     {1, {4}}, {1, {32}}},
    {"mxfp8", Mode::kMxfp8, false, false,
     set_of(DType::kUint8), 8, 32,
     {1, {8}}, {1, {32}}},
    {"nvfp4", Mode::kNvfp4, false, true,
     set_of(DType::kUint8), 4, 16,
     {1, {4}}, {1, {16}}},
};

constexpr const ModeInfo& mode_info(Mode mode) { return kModes[static_cast<int32_t>(mode) - 1]; }

// DLPack's device type of each backend.
struct BackendInfo {
  const char* name;
  int32_t backend;
  int32_t dlpack_device;
  int32_t memory_device;  // of the operands that calls take
};

inline constexpr BackendInfo kBackendDevices[] = {
    {"cpu", 1, 1, 1},
    {"cuda", 2, 2, 2},
    {"metal", 3, 8, 1},
};

}  // namespace thinbit
