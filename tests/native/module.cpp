#include "bindings.h"

PYBIND11_MODULE(thinbit_whitebox, module) {
  module.doc() = "Internals of thinbit's core, by name.";
  thinbit::whitebox::bind_numerics(module);
  thinbit::whitebox::bind_packing(module);
  thinbit::whitebox::bind_row_kernels(module);
}
