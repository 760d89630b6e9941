#include "vector_file.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace thinbit_test {
namespace {

enum ArgumentKind : uint8_t { kTensor = 1, kInt64 = 2, kFloat64 = 3, kString = 4, kBool = 5 };

// Little-endian values, one after the other.
class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(path + ": cannot be opened");
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
  }

  template <class Value>
  Value value() {
    Value result;
    std::memcpy(&result, take(sizeof result), sizeof result);
    return result;
  }

  std::string text() {
    const size_t size = value<uint16_t>();
    return std::string(take(size), size);
  }

  std::vector<unsigned char> bytes(uint64_t count) {
    const char* from = take(count);
    return std::vector<unsigned char>(from, from + count);
  }

  template <class Value>
  std::vector<Value> values(uint64_t count) {
    if (count > bytes_.size()) fail("a list is longer than the file");
    std::vector<Value> result(count);
    const char* from = take(count * sizeof(Value));
    if (count > 0) std::memcpy(result.data(), from, count * sizeof(Value));
    return result;
  }

  bool at_end() const { return at_ == bytes_.size(); }

  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(path_ + ": byte " + std::to_string(at_) + ": " + what);
  }

 private:
  const char* take(uint64_t count) {
    if (count > bytes_.size() - at_) fail("the file ends too early");
    at_ += count;
    return bytes_.data() + (at_ - count);
  }

  std::string path_;
  std::vector<char> bytes_;
  size_t at_ = 0;
};

int64_t product(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  return count;
}

OwnedTensor read_tensor(Reader& reader) {
  OwnedTensor tensor;
  tensor.dtype = reader.value<uint8_t>();
  const uint8_t ndim = reader.value<uint8_t>();
  tensor.shape = reader.values<int64_t>(ndim);
  tensor.has_strides = reader.value<uint8_t>() != 0;
  if (tensor.has_strides) tensor.strides = reader.values<int64_t>(ndim);
  tensor.byte_offset = reader.value<uint64_t>();
  tensor.bytes = reader.bytes(reader.value<uint64_t>());
  return tensor;
}

void read_argument(Reader& reader, VectorCase& vector_case) {
  std::string name = reader.text();
  switch (reader.value<uint8_t>()) {
    case kTensor:
      vector_case.tensors.emplace(std::move(name), read_tensor(reader));
      return;
    case kInt64:
      vector_case.integers.emplace(std::move(name), reader.value<int64_t>());
      return;
    case kFloat64:
      vector_case.numbers.emplace(std::move(name), reader.value<double>());
      return;
    case kString:
      vector_case.names.emplace(std::move(name), reader.text());
      return;
    case kBool:
      vector_case.integers.emplace(std::move(name), reader.value<uint8_t>());
      return;
    default:
      reader.fail("argument " + name + " is of an unknown kind");
  }
}

ExpectedOutput read_output(Reader& reader) {
  ExpectedOutput output;
  output.name = reader.text();
  output.dtype = reader.value<uint8_t>();
  if (output.dtype == 0) return output;
  output.shape = reader.values<int64_t>(reader.value<uint8_t>());
  const uint64_t elements = static_cast<uint64_t>(product(output.shape));
  output.exact = reader.value<uint8_t>() == 0;
  if (output.exact) {
    output.bytes = reader.bytes(elements * dtype_bytes(output.dtype));
    return output;
  }
  output.relative = reader.value<double>();
  output.of_sum = reader.value<double>();
  output.reference = reader.values<double>(elements);
  output.sum = reader.values<double>(elements);
  return output;
}

VectorCase read_case(Reader& reader) {
  VectorCase vector_case;
  vector_case.name = reader.text();
  vector_case.op = reader.text();
  for (uint16_t left = reader.value<uint16_t>(); left > 0; --left)
    read_argument(reader, vector_case);
  vector_case.succeeds = reader.value<uint8_t>() == 0;
  if (vector_case.succeeds) {
    for (uint8_t left = reader.value<uint8_t>(); left > 0; --left) {
      vector_case.outputs.push_back(read_output(reader));
    }
  } else {
    vector_case.status = reader.text();
    vector_case.rule = reader.text();
    vector_case.argument = reader.text();
  }
  return vector_case;
}

}  // namespace

std::vector<VectorCase> read_vectors(const std::string& path) {
  Reader reader(path);
  if (reader.bytes(8) != std::vector<unsigned char>{'T', 'B', 'V', 'E', 'C', '0', '0', '1'}) {
    reader.fail("this is no vector file");
  }
  std::vector<VectorCase> cases;
  for (uint32_t left = reader.value<uint32_t>(); left > 0; --left)
    cases.push_back(read_case(reader));
  if (!reader.at_end()) reader.fail("there are bytes after the last case");
  return cases;
}

}  // namespace thinbit_test
