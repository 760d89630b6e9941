#include "vector_case.h"

#include <cstring>
#include <utility>

#include "device_memory.h"

namespace thinbit_test {
namespace {

constexpr unsigned char kUntouched = 0xA5;

// Strides of row-major elements that lie `spread` apart.
std::vector<int64_t> row_major(const std::vector<int64_t>& shape, int64_t spread) {
  std::vector<int64_t> strides(shape.size());
  int64_t step = spread;
  for (size_t axis = shape.size(); axis-- > 0;) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

int64_t count(const std::vector<int64_t>& shape) {
  int64_t elements = 1;
  for (const int64_t size : shape) elements *= size;
  return elements;
}

// Calls visit(offset) with the offset in elements of each element, in row-major order.
template <class Visit>
void for_each_element(const OwnedTensor& tensor, const Visit& visit) {
  const std::vector<int64_t> strides =
      tensor.has_strides ? tensor.strides : row_major(tensor.shape, 1);
  const int64_t elements = count(tensor.shape);
  for (int64_t index = 0; index < elements; ++index) {
    int64_t rest = index;
    int64_t offset = 0;
    for (size_t axis = tensor.shape.size(); axis-- > 0;) {
      offset += rest % tensor.shape[axis] * strides[axis];
      rest /= tensor.shape[axis];
    }
    visit(offset);
  }
}

template <class Map, class Value>
Value found(const Map& map, std::string_view name, Value fallback) {
  const auto place = map.find(name);
  return place == map.end() ? fallback : static_cast<Value>(place->second);
}

}  // namespace

const thinbit_tensor* OwnedTensor::view(DeviceMemory* device) {
  tensor.data = bytes.empty() ? nullptr : bytes.data();
  tensor.device = {1, 0};  // DLPack's number of the CPU
  if (device != nullptr) {
    tensor.data = device->upload(bytes);
    tensor.device = {2, 0};  // and of CUDA
  }
  tensor.ndim = static_cast<int32_t>(shape.size());
  tensor.dtype = dlpack_type(dtype);
  tensor.shape = shape.empty() ? nullptr : shape.data();
  tensor.strides = has_strides && !strides.empty() ? strides.data() : nullptr;
  tensor.byte_offset = byte_offset;
  return &tensor;
}

const thinbit_tensor* VectorCase::tensor(std::string_view flat_name) {
  const auto place = tensors.find(flat_name);
  return place == tensors.end() ? nullptr : place->second.view(device);
}

int32_t VectorCase::integer(std::string_view flat_name, int32_t fallback) const {
  return found(integers, flat_name, fallback);
}

float VectorCase::number(std::string_view flat_name, float fallback) const {
  return found(numbers, flat_name, fallback);
}

int32_t VectorCase::mode(std::string_view flat_name, int32_t fallback) const {
  const auto place = names.find(flat_name);
  return place == names.end() ? fallback : mode_value(place->second);
}

int32_t VectorCase::dtype(std::string_view flat_name, int32_t fallback) const {
  const auto place = names.find(flat_name);
  return place == names.end() ? fallback : dtype_value(place->second);
}

std::vector<unsigned char> VectorOutput::contiguous() const {
  const size_t width = dtype_bytes(info.dtype);
  std::vector<unsigned char> result;
  for_each_element(memory, [&](int64_t offset) {
    const unsigned char* element =
        memory.bytes.data() + memory.byte_offset + static_cast<size_t>(offset) * width;
    result.insert(result.end(), element, element + width);
  });
  return result;
}

bool VectorOutput::gaps_untouched() const {
  const size_t width = dtype_bytes(info.dtype);
  std::vector<unsigned char> bytes = memory.bytes;
  for_each_element(memory, [&](int64_t offset) {
    std::memset(bytes.data() + memory.byte_offset + static_cast<size_t>(offset) * width, kUntouched,
                width);
  });
  for (const unsigned char byte : bytes) {
    if (byte != kUntouched) return false;
  }
  return true;
}

void VectorResult::download() {
  if (device == nullptr) return;
  for (VectorOutput& output : outputs) {
    if (output.info.dtype != 0) device->download(output.memory.tensor.data, output.memory.bytes);
  }
}

void VectorResult::allocate(const thinbit_tensor_info* infos, const OutputSlot* slots,
                            size_t slot_count) {
  outputs.clear();
  outputs.resize(slot_count);  // not to be moved again: the params point into it
  for (size_t i = 0; i < slot_count; ++i) {
    VectorOutput& output = outputs[i];
    output.name = slots[i].name;
    output.info = infos[i];
    if (output.info.dtype == 0) continue;
    OwnedTensor& memory = output.memory;
    memory.dtype = output.info.dtype;
    memory.shape.assign(output.info.shape, output.info.shape + output.info.ndim);
    const int64_t spread = strided_outputs ? 3 : 1;
    if (strided_outputs) {
      memory.has_strides = true;
      memory.strides = row_major(memory.shape, spread);
      memory.byte_offset = 8;
    }
    const size_t elements = static_cast<size_t>(count(memory.shape) * spread);
    memory.bytes.assign(memory.byte_offset + elements * dtype_bytes(memory.dtype), kUntouched);
    *slots[i].field = memory.view(device);
  }
}

}  // namespace thinbit_test
