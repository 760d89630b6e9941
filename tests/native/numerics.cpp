#include "bindings.h"
#include "numerics/affine.h"
#include "numerics/e2m1.h"
#include "numerics/e4m3.h"
#include "numerics/e8m0.h"
#include "numerics/flush.h"
#include "numerics/half.h"
#include "numerics/mx.h"
#include "numerics/nvfp4.h"
#include "numerics/portability.h"

namespace thinbit::whitebox {

namespace py = pybind11;

namespace {

void bind_elements(py::module_& module) {
  module.def("e2m1_encode", py::vectorize(&e2m1_encode));
  module.def("e2m1_decode", py::vectorize(&e2m1_decode));
  module.def("e4m3_encode", py::vectorize(&e4m3_encode));
  module.def("e4m3_decode", py::vectorize(&e4m3_decode));
  module.def("e8m0_encode", py::vectorize(&e8m0_encode));
  module.def("e8m0_exponent", py::vectorize(&e8m0_exponent));
  module.def("e8m0_decode", py::vectorize(&e8m0_decode));
}

void bind_floats(py::module_& module) {
  module.def("f16_to_f32", py::vectorize(&f16_to_f32));
  module.def("f32_to_f16", py::vectorize(&f32_to_f16));
  module.def("bf16_to_f32", py::vectorize(&bf16_to_f32));
  module.def("f32_to_bf16", py::vectorize(&f32_to_bf16));
  module.def("flush_subnormal", py::vectorize(&flush_subnormal));
  module.def("round_half_even", py::vectorize(&round_half_even));
  module.def("magnitude", py::vectorize(&magnitude));
  module.def("is_finite", py::vectorize(&is_finite));
  module.def("scale_by_power_of_two", py::vectorize(&scale_by_power_of_two));
  module.def("round_to", py::vectorize([](int32_t format, float value) {
               return round_to(static_cast<FloatFormat>(format), value);
             }));
}

void bind_groups(py::module_& module) {
  module.def("affine_group", [](float lo, float hi, int bits) {
    const AffineGroup group = affine_group(lo, hi, bits);
    return py::make_tuple(group.scale, group.bias);
  });
  module.def("affine_code", py::vectorize([](float w, float scale, float bias, int bits) {
               return affine_code(w, AffineGroup{scale, bias}, bits);
             }));
  module.def("affine_dequantize",
             py::vectorize([](uint32_t code, float scale, float bias, int32_t format) {
               return affine_dequantize(code, scale, bias, static_cast<FloatFormat>(format));
             }));
  module.def("mxfp4_exponent", py::vectorize(&mxfp4_exponent));
  module.def("mxfp8_exponent", py::vectorize(&mxfp8_exponent));
  module.def("mxfp4_code", py::vectorize(&mxfp4_code));
  module.def("mxfp8_code", py::vectorize(&mxfp8_code));
  module.def("mxfp4_dequantize", py::vectorize(&mxfp4_dequantize));
  module.def("mxfp8_dequantize", py::vectorize(&mxfp8_dequantize));
  module.def("nvfp4_encode_factor", py::vectorize(&nvfp4_encode_factor));
  module.def("nvfp4_decode_factor", py::vectorize(&nvfp4_decode_factor));
  module.def("nvfp4_scale", py::vectorize(&nvfp4_scale));
  module.def("nvfp4_code", py::vectorize(&nvfp4_code));
  module.def("nvfp4_dequantize", py::vectorize(&nvfp4_dequantize));
}

}  // namespace

void bind_numerics(py::module_& module) {
  bind_elements(module);
  bind_floats(module);
  bind_groups(module);
}

}  // namespace thinbit::whitebox
