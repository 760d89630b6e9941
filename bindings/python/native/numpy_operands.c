#include "numpy_calls.h"

#define NPY_NO_DEPRECATED_API NPY_1_22_API_VERSION
#define NPY_TARGET_VERSION NPY_1_22_API_VERSION
#include <numpy/arrayobject.h>

enum { kInt = 0, kUInt = 1, kFloat = 2, kBfloat = 4, kHost = 1 };

static PyArray_Descr* bfloat16;   /* numpy does not know it itself; NULL until it is met */
static PyObject* modes;           /* name to number */
static PyObject* dtypes;          /* name to number */
static PyObject* default_mode;    /* the class of a mode that nobody gave */
static PyObject* quantized_class; /* Python's QuantizedTensor */
static PyObject* prepared_name;
static PyTypeObject* prepared_type;

static bool read_dtype_of(PyArrayObject* array, thinbit_dlpack_type* type) {
  PyArray_Descr* const descr = PyArray_DESCR(array);
  if (!PyArray_ISNOTSWAPPED(array)) return false;
  if (bfloat16 != NULL && descr->type_num == bfloat16->type_num) {
    *type = (thinbit_dlpack_type){kBfloat, 16, 1};
    return true;
  }
  const int bytes = (int)PyArray_ITEMSIZE(array);
  if (bytes > 8) return false;
  switch (descr->kind) {
    case 'f':
      *type = (thinbit_dlpack_type){kFloat, (uint8_t)(8 * bytes), 1};
      return true;
    case 'u':
      *type = (thinbit_dlpack_type){kUInt, (uint8_t)(8 * bytes), 1};
      return true;
    case 'i':
      *type = (thinbit_dlpack_type){kInt, (uint8_t)(8 * bytes), 1};
      return true;
    default:
      return false;
  }
}

/* The tensor of an array. */
static bool describe(PyArrayObject* array, operand* storage) {
  const int ndim = PyArray_NDIM(array);
  if (ndim > THINBIT_MAX_RANK || !read_dtype_of(array, &storage->tensor.dtype)) return false;
  const npy_intp bytes = (npy_intp)PyArray_ITEMSIZE(array);
  const npy_intp* const shape = PyArray_DIMS(array);
  const npy_intp* const strides = PyArray_STRIDES(array);
  for (int axis = 0; axis < ndim; ++axis) {
    if (strides[axis] % bytes != 0) return false;
    storage->shape[axis] = shape[axis];
    storage->strides[axis] = strides[axis] / bytes;
  }
  storage->tensor.data = PyArray_DATA(array);
  storage->tensor.device = (thinbit_device){kHost, 0};
  storage->tensor.ndim = ndim;
  storage->tensor.shape = storage->shape;
  storage->tensor.strides = storage->strides;
  storage->tensor.byte_offset = 0;
  return true;
}

bool read_input(PyObject* given, operand* storage, const thinbit_tensor** tensor) {
  *tensor = NULL;
  if (given == Py_None) return true;
  if (!PyArray_CheckExact(given) || !describe((PyArrayObject*)given, storage)) return false;
  *tensor = &storage->tensor;
  return true;
}

bool read_output(PyObject* given, operand* storage, const thinbit_tensor** tensor) {
  return given != Py_None && read_input(given, storage, tensor) &&
         PyArray_ISWRITEABLE((PyArrayObject*)given);
}

bool read_int32(PyObject* given, int32_t* value) {
  *value = 0;
  if (given == Py_None) return true;
  if (!PyLong_CheckExact(given)) return false;
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(given, &overflow);
  *value = (int32_t)number;
  return overflow == 0 && number != 0 && number == *value; /* 0 would be C's default */
}

static bool read_name(PyObject* given, PyObject* table, int32_t* value) {
  if (table == NULL || !PyUnicode_Check(given)) return false;
  PyObject* const number = PyDict_GetItemWithError(table, given);
  if (number != NULL) *value = (int32_t)PyLong_AsLong(number);
  PyErr_Clear();
  return number != NULL;
}

bool read_mode(PyObject* given, int32_t* value) { return read_name(given, modes, value); }

bool read_dtype(PyObject* given, int32_t* value) {
  *value = 0;
  return given == Py_None || read_name(given, dtypes, value);
}

bool read_bool(PyObject* given, int32_t* value) {
  *value = given == Py_True;
  return given == Py_True || given == Py_False;
}

bool read_float32(PyObject* given, float* value) {
  if (!PyFloat_CheckExact(given) && !PyLong_CheckExact(given)) return false;
  *value = (float)PyFloat_AsDouble(given);
  const bool fits = PyErr_Occurred() == NULL;
  PyErr_Clear();
  return fits;
}

bool is_absent(PyObject* given) {
  return given == Py_None || (PyObject*)Py_TYPE(given) == default_mode;
}

/* The type of a thinbit_dtype, a new reference; NULL where numpy has not met it. */
static PyArray_Descr* descr_of(thinbit_dtype dtype) {
  const thinbit_dlpack_type type = thinbit_python_dtypes[dtype];
  switch (type.code * 100 + type.bits) {
    case kFloat * 100 + 32:
      return PyArray_DescrFromType(NPY_FLOAT32);
    case kFloat * 100 + 16:
      return PyArray_DescrFromType(NPY_FLOAT16);
    case kBfloat * 100 + 16:
      Py_XINCREF(bfloat16);
      return bfloat16;
    case kUInt * 100 + 8:
      return PyArray_DescrFromType(NPY_UINT8);
    case kUInt * 100 + 32:
      return PyArray_DescrFromType(NPY_UINT32);
    default:
      return NULL;
  }
}

bool make_results(const thinbit_tensor_info* infos, int count, operand* storage,
                  const thinbit_tensor** tensor, PyObject** results) {
  for (int i = 0; i < count; ++i) {
    if (infos[i].dtype == 0) {
      results[i] = Py_NewRef(Py_None);
      continue;
    }
    PyArray_Descr* const descr = descr_of(infos[i].dtype);
    if (descr == NULL) return false;
    npy_intp shape[THINBIT_MAX_RANK];
    for (int axis = 0; axis < infos[i].ndim; ++axis) shape[axis] = (npy_intp)infos[i].shape[axis];
    results[i] = PyArray_Empty(infos[i].ndim, shape, descr, 0);
    if (results[i] == NULL || !read_input(results[i], &storage[i], &tensor[i])) return false;
  }
  return true;
}

prepared* prepared_of(PyObject* given) {
  if (quantized_class == NULL || !PyObject_TypeCheck(given, (PyTypeObject*)quantized_class)) {
    return NULL;
  }
  PyObject* const found = PyObject_GetAttr(given, prepared_name);
  if (found != NULL && Py_TYPE(found) == prepared_type) return (prepared*)found;
  Py_XDECREF(found);
  PyErr_Clear();
  return NULL;
}

prepared* new_prepared(void) { return (prepared*)PyType_GenericAlloc(prepared_type, 0); }

PyObject* keep_arrays(prepared* parts, PyObject* const* arrays, int count) {
  parts->arrays = PyTuple_New(count);
  if (parts->arrays == NULL) {
    Py_DECREF(parts);
    return NULL;
  }
  for (int i = 0; i < count; ++i) PyTuple_SetItem(parts->arrays, i, Py_NewRef(arrays[i]));
  return (PyObject*)parts;
}

PyObject* finish(bool done, context_handle* handle, prepared* parts, PyObject** results, int count,
                 PyObject* out) {
  PyObject* returned = NULL;
  if (done && out != Py_None) {
    returned = Py_NewRef(out);
  } else if (done && count == 1) {
    returned = Py_NewRef(results[0]);
  } else if (done) {
    returned = PyTuple_New(count);
    for (int i = 0; i < count && returned != NULL; ++i) {
      PyTuple_SetItem(returned, i, Py_NewRef(results[i]));
    }
  }
  for (int i = 0; i < count; ++i) Py_XDECREF(results[i]);
  Py_XDECREF(handle);
  Py_XDECREF(parts);
  if (returned != NULL) return returned;
  PyErr_Clear();
  return Py_NewRef(Py_None);
}

static void free_prepared(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  Py_XDECREF(((prepared*)self)->arrays);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}

static PyType_Slot prepared_slots[] = {
    {Py_tp_doc, "The parts of a quantized tensor as C reads them."},
    {Py_tp_dealloc, (void*)free_prepared},
    {0, NULL},
};

static PyType_Spec prepared_spec = {"thinbit._numpy_calls.Prepared", sizeof(prepared), 0,
                                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                    prepared_slots};

static void replace(PyObject** kept, PyObject* value) {
  PyObject* const before = *kept;
  *kept = Py_NewRef(value);
  Py_XDECREF(before);
}

static PyObject* set_names(PyObject* module, PyObject* args) {
  (void)module;
  PyObject *mode_numbers, *dtype_numbers, *default_class;
  if (!PyArg_ParseTuple(args, "O!O!O", &PyDict_Type, &mode_numbers, &PyDict_Type, &dtype_numbers,
                        &default_class)) {
    return NULL;
  }
  replace(&modes, mode_numbers);
  replace(&dtypes, dtype_numbers);
  replace(&default_mode, default_class);
  return Py_NewRef(Py_None);
}

static PyObject* set_quantized_class(PyObject* module, PyObject* class) {
  (void)module;
  replace(&quantized_class, class);
  return Py_NewRef(Py_None);
}

static PyObject* set_bfloat16(PyObject* module, PyObject* dtype) {
  (void)module;
  if (!PyArray_DescrCheck(dtype)) {
    PyErr_SetString(PyExc_TypeError, "set_bfloat16 takes a numpy.dtype");
    return NULL;
  }
  PyObject* kept = (PyObject*)bfloat16;
  replace(&kept, dtype);
  bfloat16 = (PyArray_Descr*)kept;
  return Py_NewRef(Py_None);
}

static PyMethodDef functions[] = {
    {"set_names", set_names, METH_VARARGS,
     "The numbers of modes and dtypes by name, and the class of a mode that nobody gave."},
    {"set_quantized_class", set_quantized_class, METH_O,
     "The class whose `_prepared` is taken for a quantized tensor."},
    {"set_bfloat16", set_bfloat16, METH_O, "The dtype that bfloat16 arrays have."},
    {NULL, NULL, 0, NULL},
};

int add_operands(PyObject* module) {
  import_array1(-1);
  prepared_name = PyUnicode_InternFromString("_prepared");
  prepared_type = (PyTypeObject*)PyType_FromSpec(&prepared_spec);
  if (prepared_name == NULL || prepared_type == NULL) return -1;
  return PyModule_AddFunctions(module, functions);
}
