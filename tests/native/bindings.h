#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

namespace thinbit::whitebox {

template <class T>
using Array = pybind11::array_t<T, pybind11::array::c_style | pybind11::array::forcecast>;

void bind_numerics(pybind11::module_& module);
void bind_packing(pybind11::module_& module);
void bind_row_kernels(pybind11::module_& module);

}  // namespace thinbit::whitebox
