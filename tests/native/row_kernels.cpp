#include "cpu/levels/row_kernels.h"

#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "cpu/levels/dispatch.h"

namespace thinbit::whitebox {

namespace py = pybind11;

namespace {

// What the levels may be called; a machine has some of them.
constexpr const char* kNames[] = {"scalar", "avx2", "avx512", "neon"};

using Bytes = Array<uint8_t>;
using Floats = Array<float>;

const std::byte* bytes(const Bytes& array) {
  return reinterpret_cast<const std::byte*>(array.data());
}

RowFormat row_format(int mode, int bits, int group_size, int scale_dtype) {
  return {static_cast<Mode>(mode), bits, group_size, static_cast<DType>(scale_dtype)};
}

// A quantized row as three arrays of bytes; `biases` is empty where the mode has none.
struct EncodedRow {
  EncodedSpan span() const {
    return {words.data(), bytes(scales), biases.size() > 0 ? bytes(biases) : nullptr};
  }

  Array<uint32_t> words;
  Bytes scales;
  Bytes biases;
};

class Level {
 public:
  explicit Level(const std::string& name) : kernels_(find_level(name)) {
    if (kernels_ == nullptr) throw std::invalid_argument("no level " + name);
  }

  std::string name() const { return kernels_->name; }

  Floats load(const Bytes& data, int dtype, int64_t stride, int64_t count) const {
    Floats values(count);
    kernels_->load(bytes(data), static_cast<DType>(dtype), stride, count, values.mutable_data());
    return values;
  }

  Bytes store(const Floats& values, int dtype, int64_t stride) const {
    const auto type = static_cast<DType>(dtype);
    Bytes data(std::vector<py::ssize_t>{values.size() * stride * dtype_bytes(type)});
    std::memset(data.mutable_data(), 0xEE, static_cast<size_t>(data.size()));
    kernels_->store(values.data(), values.size(), type, stride,
                    reinterpret_cast<std::byte*>(data.mutable_data()));
    return data;
  }

  py::tuple quantize(const RowFormat& format, const Floats& values, float encode_factor) const {
    const int64_t groups = format.groups(values.size());
    const int64_t scale_bytes = groups * dtype_bytes(format.scale_dtype);
    const bool has_bias = format.scale_dtype != DType::kUint8;
    Array<uint32_t> words(format.words(values.size()));
    Bytes scales(scale_bytes);
    Bytes biases(has_bias ? scale_bytes : 0);
    const MutableEncodedSpan span{
        words.mutable_data(), reinterpret_cast<std::byte*>(scales.mutable_data()),
        has_bias ? reinterpret_cast<std::byte*>(biases.mutable_data()) : nullptr};
    const Fault fault =
        kernels_->quantize(format, values.data(), values.size(), encode_factor, span);
    return py::make_tuple(words, scales, biases, static_cast<int>(fault.kind), fault.index);
  }

  Floats requantize(const RowFormat& format, const Floats& values, float encode_factor) const {
    Floats copy(values.size(), values.data());
    kernels_->requantize(format, copy.mutable_data(), copy.size(), encode_factor);
    return copy;
  }

  Floats dequantize(const RowFormat& format, const EncodedRow& row, int64_t count,
                    float decode_factor) const {
    Floats values(count);
    kernels_->dequantize(format, row.span(), count, decode_factor, values.mutable_data());
    return values;
  }

  Floats decode(const RowFormat& format, const EncodedRow& row, int64_t count,
                float decode_factor) const {
    Floats values(count);
    kernels_->decode(format, row.span(), count, decode_factor, values.mutable_data());
    return values;
  }

  // The dot products of one row of weights with each row of x (rows, count), from column `first`.
  Array<double> dot(const Floats& weights, const Floats& x, int64_t first) const {
    const std::vector<const float*> rows = rows_of(x);
    Array<double> sums(x.shape(0));
    std::memset(sums.mutable_data(), 0, static_cast<size_t>(sums.nbytes()));
    kernels_->dot(weights.data(), weights.size(), rows.data(), first, static_cast<int>(rows.size()),
                  sums.mutable_data(), 1);
    return sums;
  }

  // x (rows, depth at least) @ weights (depth, count), from column `first` of x.
  Array<double> accumulate(const Floats& weights, const Floats& x, int64_t first) const {
    const std::vector<const float*> rows = rows_of(x);
    const py::ssize_t count = weights.shape(1);
    Array<double> sums({x.shape(0), count});
    std::memset(sums.mutable_data(), 0, static_cast<size_t>(sums.nbytes()));
    kernels_->accumulate(weights.data(), count, static_cast<int>(weights.shape(0)), rows.data(),
                         first, static_cast<int>(rows.size()), sums.mutable_data(), count);
    return sums;
  }

  Bytes to_fp8(const Floats& values) const {
    Bytes codes(values.size());
    kernels_->to_fp8(values.data(), values.size(), codes.mutable_data());
    return codes;
  }

  Floats from_fp8(const Bytes& codes) const {
    Floats values(codes.size());
    kernels_->from_fp8(codes.data(), codes.size(), values.mutable_data());
    return values;
  }

 private:
  static std::vector<const float*> rows_of(const Floats& x) {
    std::vector<const float*> rows;
    for (py::ssize_t row = 0; row < x.shape(0); ++row) rows.push_back(x.data(row, 0));
    return rows;
  }

  const RowKernels* kernels_;
};

std::vector<std::string> level_names() {
  std::vector<std::string> names;
  for (const char* name : kNames) {
    if (find_level(name) != nullptr) names.emplace_back(name);
  }
  return names;
}

}  // namespace

void bind_row_kernels(py::module_& module) {
  module.def("level_names", [] {
    py::list names;
    for (const std::string& name : level_names()) names.append(name);
    return names;
  });
  module.attr("accumulate_depth") = kAccumulateDepth;
  module.attr("chunk") = kChunk;
  py::class_<RowFormat>(module, "RowFormat")
      .def(py::init(&row_format), py::arg("mode"), py::arg("bits"), py::arg("group_size"),
           py::arg("scale_dtype"));
  py::class_<EncodedRow>(module, "EncodedRow")
      .def(py::init([](Array<uint32_t> words, Bytes scales, Bytes biases) {
        return EncodedRow{std::move(words), std::move(scales), std::move(biases)};
      }));
  py::class_<Level>(module, "Level")
      .def(py::init<const std::string&>())
      .def_property_readonly("name", &Level::name)
      .def("load", &Level::load)
      .def("store", &Level::store)
      .def("quantize", &Level::quantize)
      .def("requantize", &Level::requantize)
      .def("dequantize", &Level::dequantize)
      .def("decode", &Level::decode)
      .def("dot", &Level::dot)
      .def("accumulate", &Level::accumulate)
      .def("to_fp8", &Level::to_fp8)
      .def("from_fp8", &Level::from_fp8);
}

}  // namespace thinbit::whitebox
