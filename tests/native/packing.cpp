#include "bindings.h"
#include "numerics/bit_stream.h"

namespace thinbit::whitebox {

namespace py = pybind11;

namespace {

// Codes of one row to its words; the row's codes fill whole words.
Array<uint32_t> pack(const Array<uint8_t>& codes, int bits) {
  Array<uint32_t> words(codes.size() * bits / 32);
  for (py::ssize_t word = 0; word < words.size(); ++word) {
    const py::ssize_t block = word / bits;
    words.mutable_data()[word] =
        packed_word(codes.data() + block * 32, static_cast<int>(word % bits), bits);
  }
  return words;
}

Array<uint8_t> unpack(const Array<uint32_t>& words, int64_t count, int bits) {
  Array<uint8_t> codes(count);
  for (int64_t i = 0; i < count; ++i) {
    codes.mutable_data()[i] = static_cast<uint8_t>(read_code(words.data(), i, bits));
  }
  return codes;
}

}  // namespace

void bind_packing(py::module_& module) {
  module.def("pack", &pack, py::arg("codes"), py::arg("bits"));
  module.def("unpack", &unpack, py::arg("words"), py::arg("count"), py::arg("bits"));
}

}  // namespace thinbit::whitebox
