/* generated from codegen/schema/thinbit.yaml: do not edit */
#include "numpy_calls.h"

const thinbit_dlpack_type thinbit_python_dtypes[] = {
    [1] = {2, 32, 1},
    [2] = {2, 16, 1},
    [3] = {4, 16, 1},
    [4] = {1, 8, 1},
    [5] = {1, 32, 1},
    [6] = {0, 32, 1},
    [7] = {0, 64, 1},
};

static PyObject *wrong_count(const char *name, int wanted, Py_ssize_t count) {
  return PyErr_Format(PyExc_TypeError, "%s takes %d arguments, not %zd", name, wanted, count);
}

static PyObject *call_quantize(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 7) return wrong_count("quantize", 7, count);
  operand storage[5];
  const thinbit_tensor *tensor[5] = {NULL};
  PyObject *results[3] = {NULL};
  int32_t arg_group_size = 0;
  int32_t arg_bits = 0;
  int32_t arg_mode = 0;
  prepared *const parts = NULL;
  context_handle *const handle = handle_of(args[6]);
  bool here = handle != NULL &&
      read_input(args[0], &storage[0], &tensor[0]) &&
      read_int32(args[2], &arg_group_size) &&
      read_int32(args[3], &arg_bits) &&
      read_mode(args[4], &arg_mode) &&
      read_input(args[1], &storage[1], &tensor[1]);
  if (!here) return finish(false, handle, parts, results, 3, args[5]);
  thinbit_quantize_params params = {
      .struct_size = sizeof(thinbit_quantize_params),
      .w = tensor[0],
      .global_scale = tensor[1],
      .mode = arg_mode,
      .group_size = arg_group_size,
      .bits = arg_bits,
      .reserved = 0,
      .wq = tensor[2],
      .scales = tensor[3],
      .biases = tensor[4],
  };
  if (args[5] == Py_None) {
    thinbit_tensor_info infos[3];
    here = thinbit_quantize_infer(&params, infos, NULL) == THINBIT_OK &&
           make_results(infos, 3, &storage[2], &tensor[2], results);
  } else {
    here = false;
  }
  if (here) {
    params.wq = tensor[2];
    params.scales = tensor[3];
    params.biases = tensor[4];
    thinbit_status status;
    lock_handle(handle);
    Py_BEGIN_ALLOW_THREADS;
    status = thinbit_quantize(handle->native, &params, NULL);
    Py_END_ALLOW_THREADS;
    unlock_handle(handle);
    here = status == THINBIT_OK;
  }
  return finish(here, handle, parts, results, 3, args[5]);
}

static PyObject *call_dequantize(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 10) return wrong_count("dequantize", 10, count);
  operand storage[5];
  const thinbit_tensor *tensor[5] = {NULL};
  PyObject *results[1] = {NULL};
  int32_t arg_group_size = 0;
  int32_t arg_bits = 0;
  int32_t arg_mode = 0;
  int32_t arg_dtype = 0;
  prepared *const parts = prepared_of(args[0]);
  context_handle *const handle = handle_of(args[9]);
  bool here = handle != NULL &&
      read_dtype(args[7], &arg_dtype);
  if (here && parts != NULL) {
    here = is_absent(args[1]) &&
        is_absent(args[2]) &&
        is_absent(args[4]) &&
        is_absent(args[5]) &&
        is_absent(args[6]) &&
        is_absent(args[3]);
  } else if (here) {
    here = read_input(args[0], &storage[0], &tensor[0]) &&
        read_input(args[1], &storage[1], &tensor[1]) &&
        read_input(args[2], &storage[2], &tensor[2]) &&
        read_int32(args[4], &arg_group_size) &&
        read_int32(args[5], &arg_bits) &&
        read_mode(args[6], &arg_mode) &&
        read_input(args[3], &storage[3], &tensor[3]);
  }
  if (!here) return finish(false, handle, parts, results, 1, args[8]);
  const thinbit_quantized_tensor record = {
      .struct_size = sizeof(thinbit_quantized_tensor),
      .packed = tensor[0],
      .scales = tensor[1],
      .biases = tensor[2],
      .global_scale = tensor[3],
      .mode = arg_mode,
      .group_size = arg_group_size,
      .bits = arg_bits,
      .reserved = 0,
      .prepared = 0,
  };
  thinbit_dequantize_params params = {
      .struct_size = sizeof(thinbit_dequantize_params),
      .w = parts != NULL ? &parts->record : &record,
      .dtype = arg_dtype,
      .reserved = 0,
      .out = tensor[4],
  };
  if (args[8] == Py_None) {
    thinbit_tensor_info infos[1];
    here = thinbit_dequantize_infer(&params, infos, NULL) == THINBIT_OK &&
           make_results(infos, 1, &storage[4], &tensor[4], results);
  } else {
    here = read_output(args[8], &storage[4], &tensor[4]);
  }
  if (here) {
    params.out = tensor[4];
    thinbit_status status;
    lock_handle(handle);
    Py_BEGIN_ALLOW_THREADS;
    status = thinbit_dequantize(handle->native, &params, NULL);
    Py_END_ALLOW_THREADS;
    unlock_handle(handle);
    here = status == THINBIT_OK;
  }
  return finish(here, handle, parts, results, 1, args[8]);
}

static PyObject *call_quantized_matmul(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 11) return wrong_count("quantized_matmul", 11, count);
  operand storage[6];
  const thinbit_tensor *tensor[6] = {NULL};
  PyObject *results[1] = {NULL};
  int32_t arg_transpose = 0;
  int32_t arg_group_size = 0;
  int32_t arg_bits = 0;
  int32_t arg_mode = 0;
  prepared *const parts = prepared_of(args[1]);
  context_handle *const handle = handle_of(args[10]);
  bool here = handle != NULL &&
      read_input(args[0], &storage[0], &tensor[0]) &&
      read_bool(args[5], &arg_transpose);
  if (here && parts != NULL) {
    here = is_absent(args[2]) &&
        is_absent(args[3]) &&
        is_absent(args[6]) &&
        is_absent(args[7]) &&
        is_absent(args[8]) &&
        is_absent(args[4]);
  } else if (here) {
    here = read_input(args[1], &storage[1], &tensor[1]) &&
        read_input(args[2], &storage[2], &tensor[2]) &&
        read_input(args[3], &storage[3], &tensor[3]) &&
        read_int32(args[6], &arg_group_size) &&
        read_int32(args[7], &arg_bits) &&
        read_mode(args[8], &arg_mode) &&
        read_input(args[4], &storage[4], &tensor[4]);
  }
  if (!here) return finish(false, handle, parts, results, 1, args[9]);
  const thinbit_quantized_tensor record = {
      .struct_size = sizeof(thinbit_quantized_tensor),
      .packed = tensor[1],
      .scales = tensor[2],
      .biases = tensor[3],
      .global_scale = tensor[4],
      .mode = arg_mode,
      .group_size = arg_group_size,
      .bits = arg_bits,
      .reserved = 0,
      .prepared = 0,
  };
  thinbit_quantized_matmul_params params = {
      .struct_size = sizeof(thinbit_quantized_matmul_params),
      .x = tensor[0],
      .w = parts != NULL ? &parts->record : &record,
      .transpose = arg_transpose,
      .reserved = 0,
      .out = tensor[5],
  };
  if (args[9] == Py_None) {
    thinbit_tensor_info infos[1];
    here = thinbit_quantized_matmul_infer(&params, infos, NULL) == THINBIT_OK &&
           make_results(infos, 1, &storage[5], &tensor[5], results);
  } else {
    here = read_output(args[9], &storage[5], &tensor[5]);
  }
  if (here) {
    params.out = tensor[5];
    thinbit_status status;
    lock_handle(handle);
    Py_BEGIN_ALLOW_THREADS;
    status = thinbit_quantized_matmul(handle->native, &params, NULL);
    Py_END_ALLOW_THREADS;
    unlock_handle(handle);
    here = status == THINBIT_OK;
  }
  return finish(here, handle, parts, results, 1, args[9]);
}

static PyObject *call_quantized_addmm(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 14) return wrong_count("quantized_addmm", 14, count);
  operand storage[7];
  const thinbit_tensor *tensor[7] = {NULL};
  PyObject *results[1] = {NULL};
  int32_t arg_transpose = 0;
  int32_t arg_group_size = 0;
  int32_t arg_bits = 0;
  int32_t arg_mode = 0;
  float arg_alpha = 0.0f;
  float arg_beta = 0.0f;
  prepared *const parts = prepared_of(args[2]);
  context_handle *const handle = handle_of(args[13]);
  bool here = handle != NULL &&
      read_input(args[0], &storage[0], &tensor[0]) &&
      read_input(args[1], &storage[1], &tensor[1]) &&
      read_bool(args[6], &arg_transpose) &&
      read_float32(args[10], &arg_alpha) &&
      read_float32(args[11], &arg_beta);
  if (here && parts != NULL) {
    here = is_absent(args[3]) &&
        is_absent(args[4]) &&
        is_absent(args[7]) &&
        is_absent(args[8]) &&
        is_absent(args[9]) &&
        is_absent(args[5]);
  } else if (here) {
    here = read_input(args[2], &storage[2], &tensor[2]) &&
        read_input(args[3], &storage[3], &tensor[3]) &&
        read_input(args[4], &storage[4], &tensor[4]) &&
        read_int32(args[7], &arg_group_size) &&
        read_int32(args[8], &arg_bits) &&
        read_mode(args[9], &arg_mode) &&
        read_input(args[5], &storage[5], &tensor[5]);
  }
  if (!here) return finish(false, handle, parts, results, 1, args[12]);
  const thinbit_quantized_tensor record = {
      .struct_size = sizeof(thinbit_quantized_tensor),
      .packed = tensor[2],
      .scales = tensor[3],
      .biases = tensor[4],
      .global_scale = tensor[5],
      .mode = arg_mode,
      .group_size = arg_group_size,
      .bits = arg_bits,
      .reserved = 0,
      .prepared = 0,
  };
  thinbit_quantized_addmm_params params = {
      .struct_size = sizeof(thinbit_quantized_addmm_params),
      .c = tensor[0],
      .x = tensor[1],
      .w = parts != NULL ? &parts->record : &record,
      .alpha = arg_alpha,
      .beta = arg_beta,
      .transpose = arg_transpose,
      .reserved = 0,
      .out = tensor[6],
  };
  if (args[12] == Py_None) {
    thinbit_tensor_info infos[1];
    here = thinbit_quantized_addmm_infer(&params, infos, NULL) == THINBIT_OK &&
           make_results(infos, 1, &storage[6], &tensor[6], results);
  } else {
    here = read_output(args[12], &storage[6], &tensor[6]);
  }
  if (here) {
    params.out = tensor[6];
    thinbit_status status;
    lock_handle(handle);
    Py_BEGIN_ALLOW_THREADS;
    status = thinbit_quantized_addmm(handle->native, &params, NULL);
    Py_END_ALLOW_THREADS;
    unlock_handle(handle);
    here = status == THINBIT_OK;
  }
  return finish(here, handle, parts, results, 1, args[12]);
}

static PyObject *call_gather_qmm(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 14) return wrong_count("gather_qmm", 14, count);
  operand storage[8];
  const thinbit_tensor *tensor[8] = {NULL};
  PyObject *results[1] = {NULL};
  int32_t arg_transpose = 0;
  int32_t arg_group_size = 0;
  int32_t arg_bits = 0;
  int32_t arg_mode = 0;
  int32_t arg_sorted_indices = 0;
  prepared *const parts = prepared_of(args[1]);
  context_handle *const handle = handle_of(args[13]);
  bool here = handle != NULL &&
      read_input(args[0], &storage[0], &tensor[0]) &&
      read_input(args[4], &storage[4], &tensor[4]) &&
      read_input(args[5], &storage[5], &tensor[5]) &&
      read_bool(args[7], &arg_transpose) &&
      read_bool(args[11], &arg_sorted_indices);
  if (here && parts != NULL) {
    here = is_absent(args[2]) &&
        is_absent(args[3]) &&
        is_absent(args[8]) &&
        is_absent(args[9]) &&
        is_absent(args[10]) &&
        is_absent(args[6]);
  } else if (here) {
    here = read_input(args[1], &storage[1], &tensor[1]) &&
        read_input(args[2], &storage[2], &tensor[2]) &&
        read_input(args[3], &storage[3], &tensor[3]) &&
        read_int32(args[8], &arg_group_size) &&
        read_int32(args[9], &arg_bits) &&
        read_mode(args[10], &arg_mode) &&
        read_input(args[6], &storage[6], &tensor[6]);
  }
  if (!here) return finish(false, handle, parts, results, 1, args[12]);
  const thinbit_quantized_tensor record = {
      .struct_size = sizeof(thinbit_quantized_tensor),
      .packed = tensor[1],
      .scales = tensor[2],
      .biases = tensor[3],
      .global_scale = tensor[6],
      .mode = arg_mode,
      .group_size = arg_group_size,
      .bits = arg_bits,
      .reserved = 0,
      .prepared = 0,
  };
  thinbit_gather_qmm_params params = {
      .struct_size = sizeof(thinbit_gather_qmm_params),
      .x = tensor[0],
      .w = parts != NULL ? &parts->record : &record,
      .lhs_indices = tensor[4],
      .rhs_indices = tensor[5],
      .transpose = arg_transpose,
      .sorted_indices = arg_sorted_indices,
      .out = tensor[7],
  };
  if (args[12] == Py_None) {
    thinbit_tensor_info infos[1];
    here = thinbit_gather_qmm_infer(&params, infos, NULL) == THINBIT_OK &&
           make_results(infos, 1, &storage[7], &tensor[7], results);
  } else {
    here = read_output(args[12], &storage[7], &tensor[7]);
  }
  if (here) {
    params.out = tensor[7];
    thinbit_status status;
    lock_handle(handle);
    Py_BEGIN_ALLOW_THREADS;
    status = thinbit_gather_qmm(handle->native, &params, NULL);
    Py_END_ALLOW_THREADS;
    unlock_handle(handle);
    here = status == THINBIT_OK;
  }
  return finish(here, handle, parts, results, 1, args[12]);
}

static PyObject *call_qqmm(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 10) return wrong_count("qqmm", 10, count);
  operand storage[6];
  const thinbit_tensor *tensor[6] = {NULL};
  PyObject *results[1] = {NULL};
  int32_t arg_group_size = 0;
  int32_t arg_bits = 0;
  int32_t arg_mode = 0;
  prepared *const parts = prepared_of(args[1]);
  context_handle *const handle = handle_of(args[9]);
  bool here = handle != NULL &&
      read_input(args[0], &storage[0], &tensor[0]) &&
      read_input(args[3], &storage[3], &tensor[3]);
  if (here && parts != NULL) {
    here = is_absent(args[2]) &&
        is_absent(args[5]) &&
        is_absent(args[6]) &&
        is_absent(args[7]) &&
        is_absent(args[4]);
  } else if (here) {
    here = read_input(args[1], &storage[1], &tensor[1]) &&
        read_input(args[2], &storage[2], &tensor[2]) &&
        read_int32(args[5], &arg_group_size) &&
        read_int32(args[6], &arg_bits) &&
        read_mode(args[7], &arg_mode) &&
        read_input(args[4], &storage[4], &tensor[4]);
  }
  if (!here) return finish(false, handle, parts, results, 1, args[8]);
  const thinbit_quantized_tensor record = {
      .struct_size = sizeof(thinbit_quantized_tensor),
      .packed = tensor[1],
      .scales = tensor[2],
      .biases = 0,
      .global_scale = tensor[4],
      .mode = arg_mode,
      .group_size = arg_group_size,
      .bits = arg_bits,
      .reserved = 0,
      .prepared = 0,
  };
  thinbit_qqmm_params params = {
      .struct_size = sizeof(thinbit_qqmm_params),
      .x = tensor[0],
      .global_scale_x = tensor[3],
      .w = parts != NULL ? &parts->record : &record,
      .out = tensor[5],
  };
  if (args[8] == Py_None) {
    thinbit_tensor_info infos[1];
    here = thinbit_qqmm_infer(&params, infos, NULL) == THINBIT_OK &&
           make_results(infos, 1, &storage[5], &tensor[5], results);
  } else {
    here = read_output(args[8], &storage[5], &tensor[5]);
  }
  if (here) {
    params.out = tensor[5];
    thinbit_status status;
    lock_handle(handle);
    Py_BEGIN_ALLOW_THREADS;
    status = thinbit_qqmm(handle->native, &params, NULL);
    Py_END_ALLOW_THREADS;
    unlock_handle(handle);
    here = status == THINBIT_OK;
  }
  return finish(here, handle, parts, results, 1, args[8]);
}

static PyObject *call_qqaddmm(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 13) return wrong_count("qqaddmm", 13, count);
  operand storage[7];
  const thinbit_tensor *tensor[7] = {NULL};
  PyObject *results[1] = {NULL};
  int32_t arg_group_size = 0;
  int32_t arg_bits = 0;
  int32_t arg_mode = 0;
  float arg_alpha = 0.0f;
  float arg_beta = 0.0f;
  prepared *const parts = prepared_of(args[2]);
  context_handle *const handle = handle_of(args[12]);
  bool here = handle != NULL &&
      read_input(args[0], &storage[0], &tensor[0]) &&
      read_input(args[1], &storage[1], &tensor[1]) &&
      read_input(args[4], &storage[4], &tensor[4]) &&
      read_float32(args[9], &arg_alpha) &&
      read_float32(args[10], &arg_beta);
  if (here && parts != NULL) {
    here = is_absent(args[3]) &&
        is_absent(args[6]) &&
        is_absent(args[7]) &&
        is_absent(args[8]) &&
        is_absent(args[5]);
  } else if (here) {
    here = read_input(args[2], &storage[2], &tensor[2]) &&
        read_input(args[3], &storage[3], &tensor[3]) &&
        read_int32(args[6], &arg_group_size) &&
        read_int32(args[7], &arg_bits) &&
        read_mode(args[8], &arg_mode) &&
        read_input(args[5], &storage[5], &tensor[5]);
  }
  if (!here) return finish(false, handle, parts, results, 1, args[11]);
  const thinbit_quantized_tensor record = {
      .struct_size = sizeof(thinbit_quantized_tensor),
      .packed = tensor[2],
      .scales = tensor[3],
      .biases = 0,
      .global_scale = tensor[5],
      .mode = arg_mode,
      .group_size = arg_group_size,
      .bits = arg_bits,
      .reserved = 0,
      .prepared = 0,
  };
  thinbit_qqaddmm_params params = {
      .struct_size = sizeof(thinbit_qqaddmm_params),
      .c = tensor[0],
      .x = tensor[1],
      .global_scale_x = tensor[4],
      .w = parts != NULL ? &parts->record : &record,
      .alpha = arg_alpha,
      .beta = arg_beta,
      .out = tensor[6],
  };
  if (args[11] == Py_None) {
    thinbit_tensor_info infos[1];
    here = thinbit_qqaddmm_infer(&params, infos, NULL) == THINBIT_OK &&
           make_results(infos, 1, &storage[6], &tensor[6], results);
  } else {
    here = read_output(args[11], &storage[6], &tensor[6]);
  }
  if (here) {
    params.out = tensor[6];
    thinbit_status status;
    lock_handle(handle);
    Py_BEGIN_ALLOW_THREADS;
    status = thinbit_qqaddmm(handle->native, &params, NULL);
    Py_END_ALLOW_THREADS;
    unlock_handle(handle);
    here = status == THINBIT_OK;
  }
  return finish(here, handle, parts, results, 1, args[11]);
}

static PyObject *call_gather_qqmm(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 13) return wrong_count("gather_qqmm", 13, count);
  operand storage[8];
  const thinbit_tensor *tensor[8] = {NULL};
  PyObject *results[1] = {NULL};
  int32_t arg_group_size = 0;
  int32_t arg_bits = 0;
  int32_t arg_mode = 0;
  int32_t arg_sorted_indices = 0;
  prepared *const parts = prepared_of(args[1]);
  context_handle *const handle = handle_of(args[12]);
  bool here = handle != NULL &&
      read_input(args[0], &storage[0], &tensor[0]) &&
      read_input(args[3], &storage[3], &tensor[3]) &&
      read_input(args[4], &storage[4], &tensor[4]) &&
      read_input(args[5], &storage[5], &tensor[5]) &&
      read_bool(args[10], &arg_sorted_indices);
  if (here && parts != NULL) {
    here = is_absent(args[2]) &&
        is_absent(args[7]) &&
        is_absent(args[8]) &&
        is_absent(args[9]) &&
        is_absent(args[6]);
  } else if (here) {
    here = read_input(args[1], &storage[1], &tensor[1]) &&
        read_input(args[2], &storage[2], &tensor[2]) &&
        read_int32(args[7], &arg_group_size) &&
        read_int32(args[8], &arg_bits) &&
        read_mode(args[9], &arg_mode) &&
        read_input(args[6], &storage[6], &tensor[6]);
  }
  if (!here) return finish(false, handle, parts, results, 1, args[11]);
  const thinbit_quantized_tensor record = {
      .struct_size = sizeof(thinbit_quantized_tensor),
      .packed = tensor[1],
      .scales = tensor[2],
      .biases = 0,
      .global_scale = tensor[6],
      .mode = arg_mode,
      .group_size = arg_group_size,
      .bits = arg_bits,
      .reserved = 0,
      .prepared = 0,
  };
  thinbit_gather_qqmm_params params = {
      .struct_size = sizeof(thinbit_gather_qqmm_params),
      .x = tensor[0],
      .global_scale_x = tensor[5],
      .w = parts != NULL ? &parts->record : &record,
      .lhs_indices = tensor[3],
      .rhs_indices = tensor[4],
      .sorted_indices = arg_sorted_indices,
      .reserved = 0,
      .out = tensor[7],
  };
  if (args[11] == Py_None) {
    thinbit_tensor_info infos[1];
    here = thinbit_gather_qqmm_infer(&params, infos, NULL) == THINBIT_OK &&
           make_results(infos, 1, &storage[7], &tensor[7], results);
  } else {
    here = read_output(args[11], &storage[7], &tensor[7]);
  }
  if (here) {
    params.out = tensor[7];
    thinbit_status status;
    lock_handle(handle);
    Py_BEGIN_ALLOW_THREADS;
    status = thinbit_gather_qqmm(handle->native, &params, NULL);
    Py_END_ALLOW_THREADS;
    unlock_handle(handle);
    here = status == THINBIT_OK;
  }
  return finish(here, handle, parts, results, 1, args[11]);
}

static PyObject *call_to_fp8(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 3) return wrong_count("to_fp8", 3, count);
  operand storage[2];
  const thinbit_tensor *tensor[2] = {NULL};
  PyObject *results[1] = {NULL};
  prepared *const parts = NULL;
  context_handle *const handle = handle_of(args[2]);
  bool here = handle != NULL &&
      read_input(args[0], &storage[0], &tensor[0]);
  if (!here) return finish(false, handle, parts, results, 1, args[1]);
  thinbit_to_fp8_params params = {
      .struct_size = sizeof(thinbit_to_fp8_params),
      .x = tensor[0],
      .out = tensor[1],
  };
  if (args[1] == Py_None) {
    thinbit_tensor_info infos[1];
    here = thinbit_to_fp8_infer(&params, infos, NULL) == THINBIT_OK &&
           make_results(infos, 1, &storage[1], &tensor[1], results);
  } else {
    here = read_output(args[1], &storage[1], &tensor[1]);
  }
  if (here) {
    params.out = tensor[1];
    thinbit_status status;
    lock_handle(handle);
    Py_BEGIN_ALLOW_THREADS;
    status = thinbit_to_fp8(handle->native, &params, NULL);
    Py_END_ALLOW_THREADS;
    unlock_handle(handle);
    here = status == THINBIT_OK;
  }
  return finish(here, handle, parts, results, 1, args[1]);
}

static PyObject *call_from_fp8(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 4) return wrong_count("from_fp8", 4, count);
  operand storage[2];
  const thinbit_tensor *tensor[2] = {NULL};
  PyObject *results[1] = {NULL};
  int32_t arg_dtype = 0;
  prepared *const parts = NULL;
  context_handle *const handle = handle_of(args[3]);
  bool here = handle != NULL &&
      read_input(args[0], &storage[0], &tensor[0]) &&
      read_dtype(args[1], &arg_dtype);
  if (!here) return finish(false, handle, parts, results, 1, args[2]);
  thinbit_from_fp8_params params = {
      .struct_size = sizeof(thinbit_from_fp8_params),
      .x = tensor[0],
      .dtype = arg_dtype,
      .reserved = 0,
      .out = tensor[1],
  };
  if (args[2] == Py_None) {
    thinbit_tensor_info infos[1];
    here = thinbit_from_fp8_infer(&params, infos, NULL) == THINBIT_OK &&
           make_results(infos, 1, &storage[1], &tensor[1], results);
  } else {
    here = read_output(args[2], &storage[1], &tensor[1]);
  }
  if (here) {
    params.out = tensor[1];
    thinbit_status status;
    lock_handle(handle);
    Py_BEGIN_ALLOW_THREADS;
    status = thinbit_from_fp8(handle->native, &params, NULL);
    Py_END_ALLOW_THREADS;
    unlock_handle(handle);
    here = status == THINBIT_OK;
  }
  return finish(here, handle, parts, results, 1, args[2]);
}

static PyObject *prepare_quantized_tensor(PyObject *module, PyObject *const *args, Py_ssize_t count) {
  (void)module;
  if (count != 7) return wrong_count("prepare_quantized_tensor", 7, count);
  const thinbit_tensor *tensor[4] = {NULL};
  int32_t arg_mode = 0;
  int32_t arg_group_size = 0;
  int32_t arg_bits = 0;
  _Static_assert(4 <= kMostParts, "a prepared record has more parts");
  prepared *const parts = new_prepared();
  if (parts == NULL) return NULL;
  if (read_input(args[0], &parts->storage[0], &tensor[0]) &&
      read_input(args[1], &parts->storage[1], &tensor[1]) &&
      read_input(args[2], &parts->storage[2], &tensor[2]) &&
      read_input(args[3], &parts->storage[3], &tensor[3]) &&
      read_mode(args[4], &arg_mode) &&
      read_int32(args[5], &arg_group_size) &&
      read_int32(args[6], &arg_bits)) {
    parts->record = (thinbit_quantized_tensor){
        .struct_size = sizeof(thinbit_quantized_tensor),
        .packed = tensor[0],
        .scales = tensor[1],
        .biases = tensor[2],
        .global_scale = tensor[3],
        .mode = arg_mode,
        .group_size = arg_group_size,
        .bits = arg_bits,
    };
    return keep_arrays(parts, args, 4);
  }
  Py_DECREF(parts);
  return Py_NewRef(Py_None);
}

PyMethodDef thinbit_numpy_calls[] = {
    {"quantize", (PyCFunction)(void (*)(void))call_quantize, METH_FASTCALL, NULL},
    {"dequantize", (PyCFunction)(void (*)(void))call_dequantize, METH_FASTCALL, NULL},
    {"quantized_matmul", (PyCFunction)(void (*)(void))call_quantized_matmul, METH_FASTCALL, NULL},
    {"quantized_addmm", (PyCFunction)(void (*)(void))call_quantized_addmm, METH_FASTCALL, NULL},
    {"gather_qmm", (PyCFunction)(void (*)(void))call_gather_qmm, METH_FASTCALL, NULL},
    {"qqmm", (PyCFunction)(void (*)(void))call_qqmm, METH_FASTCALL, NULL},
    {"qqaddmm", (PyCFunction)(void (*)(void))call_qqaddmm, METH_FASTCALL, NULL},
    {"gather_qqmm", (PyCFunction)(void (*)(void))call_gather_qqmm, METH_FASTCALL, NULL},
    {"to_fp8", (PyCFunction)(void (*)(void))call_to_fp8, METH_FASTCALL, NULL},
    {"from_fp8", (PyCFunction)(void (*)(void))call_from_fp8, METH_FASTCALL, NULL},
    {"prepare_quantized_tensor", (PyCFunction)(void (*)(void))prepare_quantized_tensor, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};
