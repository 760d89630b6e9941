#ifndef THINBIT_PYTHON_NUMPY_CALLS_H
#define THINBIT_PYTHON_NUMPY_CALLS_H

#include <Python.h>
#include <stdbool.h>

#include "context_handle.h"
#include "thinbit/thinbit.h"

/* Calls whose arrays are numpy's, from Python to the library without DLPack's capsules. What they
 * do not take, and every call that fails, they leave to the general way, which also says what is
 * wrong: they return None. */

/* A tensor with its shape and strides. It points into itself. */
typedef struct operand {
  thinbit_tensor tensor;
  int64_t shape[THINBIT_MAX_RANK];
  int64_t strides[THINBIT_MAX_RANK];
} operand;

enum { kMostParts = 8 };

/* The parts of a quantized tensor, read once: what `_prepared` of Python's class holds. */
typedef struct prepared {
  PyObject_HEAD thinbit_quantized_tensor record;
  operand storage[kMostParts];
  PyObject* arrays; /* what keeps their memory alive */
} prepared;

/* Each tells whether the value can be taken here. None is no tensor, and 0 for settings. */
bool read_input(PyObject* given, operand* storage, const thinbit_tensor** tensor);
bool read_output(PyObject* given, operand* storage, const thinbit_tensor** tensor);
bool read_int32(PyObject* given, int32_t* value);
bool read_mode(PyObject* given, int32_t* value);
bool read_dtype(PyObject* given, int32_t* value);
bool read_bool(PyObject* given, int32_t* value);
bool read_float32(PyObject* given, float* value);

/* Whether nobody gave the argument. */
bool is_absent(PyObject* given);

/* Results as the library wants them; a missing one is None. */
bool make_results(const thinbit_tensor_info* infos, int count, operand* storage,
                  const thinbit_tensor** tensor, PyObject** results);

/* The parts of a QuantizedTensor, a new reference; NULL, and no error, for all else. */
prepared* prepared_of(PyObject* given);

/* A new one without parts; and the same with the arrays that its tensors are of. */
prepared* new_prepared(void);
PyObject* keep_arrays(prepared* parts, PyObject* const* arrays, int count);

/* What the Python function returns: the results or `out`, or None where the call is not `done`.
 * Takes the references. */
PyObject* finish(bool done, context_handle* handle, prepared* parts, PyObject** results, int count,
                 PyObject* out);

/* Generated: DLPack's type of each thinbit_dtype, and the functions of the module. */
extern const thinbit_dlpack_type thinbit_python_dtypes[];
extern PyMethodDef thinbit_numpy_calls[];

int add_operands(PyObject* module);

#endif
