/* The extension module thinbit._numpy_calls. */
#include "numpy_calls.h"

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "thinbit._numpy_calls",
    .m_doc = "Calls with numpy's arrays, straight to the library; None where one is not for here.",
    .m_size = -1};

PyMODINIT_FUNC PyInit__numpy_calls(void) {
  definition.m_methods = thinbit_numpy_calls;
  PyObject* const module = PyModule_Create(&definition);
  if (module == NULL) return NULL;
  if (add_context_handle(module) == 0 && add_operands(module) == 0) return module;
  Py_DECREF(module);
  return NULL;
}
