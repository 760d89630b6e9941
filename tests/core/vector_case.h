#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "thinbit/thinbit.h"

namespace thinbit_test {

class DeviceMemory;

// A tensor that owns its shape, strides and bytes.
struct OwnedTensor {
  thinbit_dtype dtype = 0;
  std::vector<int64_t> shape;
  bool has_strides = false;      // without: row-major, and the call gets NULL
  std::vector<int64_t> strides;  // in elements
  uint64_t byte_offset = 0;
  std::vector<unsigned char> bytes;
  thinbit_tensor tensor = {};

  // The tensor as calls take it: points into the members, until one of them changes. With a device
  // its data is a copy there.
  const thinbit_tensor* view(DeviceMemory* device);
};

// What a case expects of one output.
struct ExpectedOutput {
  std::string name;
  thinbit_dtype dtype = 0;  // 0: the output is absent, and nothing below counts
  std::vector<int64_t> shape;
  bool exact = true;
  std::vector<unsigned char> bytes;  // exact: contiguous elements
  double relative = 0;               // else |out - reference| <= relative |reference| + of_sum R
  double of_sum = 0;
  std::vector<double> reference;
  std::vector<double> sum;  // R
};

// One call of a vector file: its arguments by flat name, and what is expected of it.
class VectorCase {
 public:
  std::string name;
  std::string op;
  std::map<std::string, OwnedTensor, std::less<>> tensors;
  std::map<std::string, int64_t, std::less<>> integers;  // int64 and bool arguments
  std::map<std::string, double, std::less<>> numbers;
  std::map<std::string, std::string, std::less<>> names;  // modes and dtypes

  bool succeeds = true;
  std::vector<ExpectedOutput> outputs;
  std::string status;  // of an error
  std::string rule;
  std::string argument;

  DeviceMemory* device = nullptr;  // where operands go; null: nowhere

  // Arguments by flat name. An absent tensor is null; an absent scalar is `fallback`.
  const thinbit_tensor* tensor(std::string_view flat_name);
  int32_t integer(std::string_view flat_name, int32_t fallback) const;
  float number(std::string_view flat_name, float fallback) const;
  int32_t mode(std::string_view flat_name, int32_t fallback) const;
  int32_t dtype(std::string_view flat_name, int32_t fallback) const;
};

// An output of a call, by name, and the params field that points to it.
struct OutputSlot {
  const char* name;
  const thinbit_tensor** field;
};

struct VectorOutput {
  std::string name;
  thinbit_tensor_info info = {};  // dtype 0: absent
  OwnedTensor memory;

  // The elements in row-major order, without what lies between them.
  std::vector<unsigned char> contiguous() const;

  // Whether the call left alone what lies between the elements.
  bool gaps_untouched() const;
};

// What became of a call, and how its outputs are to be laid out.
struct VectorResult {
  bool strided_outputs = false;

  thinbit_status infer_status = THINBIT_OK;
  thinbit_error infer_error = THINBIT_ERROR_INIT;
  thinbit_status supports_status = THINBIT_OK;
  thinbit_status status = THINBIT_OK;
  thinbit_error error = THINBIT_ERROR_INIT;
  std::vector<VectorOutput> outputs;
  DeviceMemory* device = nullptr;  // where outputs are made; null: in the host's memory

  // Brings outputs from the device.
  void download();

  void allocate(const thinbit_tensor_info* infos, const OutputSlot* slots, size_t count);
};

// Asks for the outputs' shapes, makes them, asks whether the call is supported, and makes the call.
template <class Params, size_t Count>
void call_op(thinbit_context* context, Params& params, const OutputSlot (&slots)[Count],
             thinbit_status (*infer)(const Params*, thinbit_tensor_info*, thinbit_error*),
             thinbit_status (*supports)(thinbit_context*, const Params*, thinbit_error*),
             thinbit_status (*op)(thinbit_context*, const Params*, thinbit_error*),
             VectorResult& result) {
  thinbit_tensor_info infos[Count] = {};
  result.infer_status = infer(&params, infos, &result.infer_error);
  if (result.infer_status == THINBIT_OK) result.allocate(infos, slots, Count);
  thinbit_error ignored = THINBIT_ERROR_INIT;
  result.supports_status = supports(context, &params, &ignored);
  result.status = op(context, &params, &result.error);
  // What only the values tell comes out here where calls do not wait for their work.
  if (result.status == THINBIT_OK) result.status = thinbit_context_sync(context, &result.error);
  if (result.status == THINBIT_OK) result.download();
}

// Makes the call of a case; false when there is no op of that name. Generated.
bool run_vector_call(VectorCase& vector_case, thinbit_context* context, VectorResult& result);

// The number of a mode or dtype; -1 for a name that there is not. Generated.
int32_t mode_value(std::string_view name);
int32_t dtype_value(std::string_view name);

// Bytes of an element. Generated.
size_t dtype_bytes(thinbit_dtype dtype);
thinbit_dlpack_type dlpack_type(thinbit_dtype dtype);

}  // namespace thinbit_test
