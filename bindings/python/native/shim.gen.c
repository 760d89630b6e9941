/* generated from codegen/schema/thinbit.yaml: do not edit */
#include "shim.gen.h"

#include <stddef.h>

#include "capsules.h"

const int64_t thinbit_python_layout[140] = {
    sizeof(thinbit_device),
    offsetof(thinbit_device, device_type),
    offsetof(thinbit_device, device_id),
    sizeof(thinbit_dlpack_type),
    offsetof(thinbit_dlpack_type, code),
    offsetof(thinbit_dlpack_type, bits),
    offsetof(thinbit_dlpack_type, lanes),
    sizeof(thinbit_tensor),
    offsetof(thinbit_tensor, data),
    offsetof(thinbit_tensor, device),
    offsetof(thinbit_tensor, ndim),
    offsetof(thinbit_tensor, dtype),
    offsetof(thinbit_tensor, shape),
    offsetof(thinbit_tensor, strides),
    offsetof(thinbit_tensor, byte_offset),
    sizeof(thinbit_tensor_info),
    offsetof(thinbit_tensor_info, dtype),
    offsetof(thinbit_tensor_info, ndim),
    offsetof(thinbit_tensor_info, shape),
    sizeof(thinbit_error),
    offsetof(thinbit_error, struct_size),
    offsetof(thinbit_error, status),
    offsetof(thinbit_error, reserved),
    offsetof(thinbit_error, op),
    offsetof(thinbit_error, argument),
    offsetof(thinbit_error, rule),
    offsetof(thinbit_error, message),
    sizeof(thinbit_context_options),
    offsetof(thinbit_context_options, struct_size),
    offsetof(thinbit_context_options, backend),
    offsetof(thinbit_context_options, device_id),
    offsetof(thinbit_context_options, stream),
    offsetof(thinbit_context_options, num_threads),
    offsetof(thinbit_context_options, reserved),
    sizeof(thinbit_comm_options),
    offsetof(thinbit_comm_options, struct_size),
    offsetof(thinbit_comm_options, library),
    offsetof(thinbit_comm_options, folder),
    sizeof(thinbit_quantized_tensor),
    offsetof(thinbit_quantized_tensor, struct_size),
    offsetof(thinbit_quantized_tensor, packed),
    offsetof(thinbit_quantized_tensor, scales),
    offsetof(thinbit_quantized_tensor, biases),
    offsetof(thinbit_quantized_tensor, global_scale),
    offsetof(thinbit_quantized_tensor, mode),
    offsetof(thinbit_quantized_tensor, group_size),
    offsetof(thinbit_quantized_tensor, bits),
    offsetof(thinbit_quantized_tensor, reserved),
    offsetof(thinbit_quantized_tensor, prepared),
    sizeof(thinbit_info),
    offsetof(thinbit_info, struct_size),
    offsetof(thinbit_info, version),
    offsetof(thinbit_info, abi_version),
    offsetof(thinbit_info, schema_hash),
    offsetof(thinbit_info, backend),
    offsetof(thinbit_info, cpu_level),
    offsetof(thinbit_info, cpu_level_reason),
    offsetof(thinbit_info, cpu_levels),
    offsetof(thinbit_info, cpu_levels_missing),
    offsetof(thinbit_info, cpu_extensions),
    offsetof(thinbit_info, num_threads),
    offsetof(thinbit_info, num_threads_reason),
    sizeof(thinbit_quantize_params),
    offsetof(thinbit_quantize_params, struct_size),
    offsetof(thinbit_quantize_params, w),
    offsetof(thinbit_quantize_params, global_scale),
    offsetof(thinbit_quantize_params, mode),
    offsetof(thinbit_quantize_params, group_size),
    offsetof(thinbit_quantize_params, bits),
    offsetof(thinbit_quantize_params, reserved),
    offsetof(thinbit_quantize_params, wq),
    offsetof(thinbit_quantize_params, scales),
    offsetof(thinbit_quantize_params, biases),
    sizeof(thinbit_dequantize_params),
    offsetof(thinbit_dequantize_params, struct_size),
    offsetof(thinbit_dequantize_params, w),
    offsetof(thinbit_dequantize_params, dtype),
    offsetof(thinbit_dequantize_params, reserved),
    offsetof(thinbit_dequantize_params, out),
    sizeof(thinbit_quantized_matmul_params),
    offsetof(thinbit_quantized_matmul_params, struct_size),
    offsetof(thinbit_quantized_matmul_params, x),
    offsetof(thinbit_quantized_matmul_params, w),
    offsetof(thinbit_quantized_matmul_params, transpose),
    offsetof(thinbit_quantized_matmul_params, reserved),
    offsetof(thinbit_quantized_matmul_params, out),
    sizeof(thinbit_quantized_addmm_params),
    offsetof(thinbit_quantized_addmm_params, struct_size),
    offsetof(thinbit_quantized_addmm_params, c),
    offsetof(thinbit_quantized_addmm_params, x),
    offsetof(thinbit_quantized_addmm_params, w),
    offsetof(thinbit_quantized_addmm_params, alpha),
    offsetof(thinbit_quantized_addmm_params, beta),
    offsetof(thinbit_quantized_addmm_params, transpose),
    offsetof(thinbit_quantized_addmm_params, reserved),
    offsetof(thinbit_quantized_addmm_params, out),
    sizeof(thinbit_gather_qmm_params),
    offsetof(thinbit_gather_qmm_params, struct_size),
    offsetof(thinbit_gather_qmm_params, x),
    offsetof(thinbit_gather_qmm_params, w),
    offsetof(thinbit_gather_qmm_params, lhs_indices),
    offsetof(thinbit_gather_qmm_params, rhs_indices),
    offsetof(thinbit_gather_qmm_params, transpose),
    offsetof(thinbit_gather_qmm_params, sorted_indices),
    offsetof(thinbit_gather_qmm_params, out),
    sizeof(thinbit_qqmm_params),
    offsetof(thinbit_qqmm_params, struct_size),
    offsetof(thinbit_qqmm_params, x),
    offsetof(thinbit_qqmm_params, global_scale_x),
    offsetof(thinbit_qqmm_params, w),
    offsetof(thinbit_qqmm_params, out),
    sizeof(thinbit_qqaddmm_params),
    offsetof(thinbit_qqaddmm_params, struct_size),
    offsetof(thinbit_qqaddmm_params, c),
    offsetof(thinbit_qqaddmm_params, x),
    offsetof(thinbit_qqaddmm_params, global_scale_x),
    offsetof(thinbit_qqaddmm_params, w),
    offsetof(thinbit_qqaddmm_params, alpha),
    offsetof(thinbit_qqaddmm_params, beta),
    offsetof(thinbit_qqaddmm_params, out),
    sizeof(thinbit_gather_qqmm_params),
    offsetof(thinbit_gather_qqmm_params, struct_size),
    offsetof(thinbit_gather_qqmm_params, x),
    offsetof(thinbit_gather_qqmm_params, global_scale_x),
    offsetof(thinbit_gather_qqmm_params, w),
    offsetof(thinbit_gather_qqmm_params, lhs_indices),
    offsetof(thinbit_gather_qqmm_params, rhs_indices),
    offsetof(thinbit_gather_qqmm_params, sorted_indices),
    offsetof(thinbit_gather_qqmm_params, reserved),
    offsetof(thinbit_gather_qqmm_params, out),
    sizeof(thinbit_to_fp8_params),
    offsetof(thinbit_to_fp8_params, struct_size),
    offsetof(thinbit_to_fp8_params, x),
    offsetof(thinbit_to_fp8_params, out),
    sizeof(thinbit_from_fp8_params),
    offsetof(thinbit_from_fp8_params, struct_size),
    offsetof(thinbit_from_fp8_params, x),
    offsetof(thinbit_from_fp8_params, dtype),
    offsetof(thinbit_from_fp8_params, reserved),
    offsetof(thinbit_from_fp8_params, out),
};

const thinbit_dlpack_type thinbit_python_dtypes[] = {
    [1] = {2, 32, 1},
    [2] = {2, 16, 1},
    [3] = {4, 16, 1},
    [4] = {1, 8, 1},
    [5] = {1, 32, 1},
    [6] = {0, 32, 1},
    [7] = {0, 64, 1},
};

thinbit_status thinbit_python_quantize(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, thinbit_error *error) {
  static const char *const names[] = {
      "w",
      "global_scale",
      "wq",
      "scales",
      "biases",
  };
  static const operand_list operands = {"quantize", names, 2, 5};
  thinbit_tensor storage[5];
  const thinbit_tensor *tensor[5];
  const thinbit_status loaded = load_capsules(&operands, capsules, dtypes, storage, tensor, error);
  if (loaded != THINBIT_OK) return loaded;
  const thinbit_quantize_params params = {
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
  if (outputs != NULL) return thinbit_quantize_infer(&params, outputs, error);
  return thinbit_quantize(context, &params, error);
}

thinbit_status thinbit_python_dequantize(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, int32_t arg_dtype, thinbit_error *error) {
  static const char *const names[] = {
      "w",
      "scales",
      "biases",
      "global_scale",
      "out",
  };
  static const operand_list operands = {"dequantize", names, 4, 5};
  thinbit_tensor storage[5];
  const thinbit_tensor *tensor[5];
  const thinbit_status loaded = load_capsules(&operands, capsules, dtypes, storage, tensor, error);
  if (loaded != THINBIT_OK) return loaded;
  const thinbit_quantized_tensor record_w = {
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
  const thinbit_dequantize_params params = {
      .struct_size = sizeof(thinbit_dequantize_params),
      .w = &record_w,
      .dtype = arg_dtype,
      .reserved = 0,
      .out = tensor[4],
  };
  if (outputs != NULL) return thinbit_dequantize_infer(&params, outputs, error);
  return thinbit_dequantize(context, &params, error);
}

thinbit_status thinbit_python_quantized_matmul(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_transpose, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, thinbit_error *error) {
  static const char *const names[] = {
      "x",
      "w",
      "scales",
      "biases",
      "global_scale",
      "out",
  };
  static const operand_list operands = {"quantized_matmul", names, 5, 6};
  thinbit_tensor storage[6];
  const thinbit_tensor *tensor[6];
  const thinbit_status loaded = load_capsules(&operands, capsules, dtypes, storage, tensor, error);
  if (loaded != THINBIT_OK) return loaded;
  const thinbit_quantized_tensor record_w = {
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
  const thinbit_quantized_matmul_params params = {
      .struct_size = sizeof(thinbit_quantized_matmul_params),
      .x = tensor[0],
      .w = &record_w,
      .transpose = arg_transpose,
      .reserved = 0,
      .out = tensor[5],
  };
  if (outputs != NULL) return thinbit_quantized_matmul_infer(&params, outputs, error);
  return thinbit_quantized_matmul(context, &params, error);
}

thinbit_status thinbit_python_quantized_addmm(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_transpose, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, float arg_alpha, float arg_beta, thinbit_error *error) {
  static const char *const names[] = {
      "c",
      "x",
      "w",
      "scales",
      "biases",
      "global_scale",
      "out",
  };
  static const operand_list operands = {"quantized_addmm", names, 6, 7};
  thinbit_tensor storage[7];
  const thinbit_tensor *tensor[7];
  const thinbit_status loaded = load_capsules(&operands, capsules, dtypes, storage, tensor, error);
  if (loaded != THINBIT_OK) return loaded;
  const thinbit_quantized_tensor record_w = {
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
  const thinbit_quantized_addmm_params params = {
      .struct_size = sizeof(thinbit_quantized_addmm_params),
      .c = tensor[0],
      .x = tensor[1],
      .w = &record_w,
      .alpha = arg_alpha,
      .beta = arg_beta,
      .transpose = arg_transpose,
      .reserved = 0,
      .out = tensor[6],
  };
  if (outputs != NULL) return thinbit_quantized_addmm_infer(&params, outputs, error);
  return thinbit_quantized_addmm(context, &params, error);
}

thinbit_status thinbit_python_gather_qmm(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_transpose, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, int32_t arg_sorted_indices, thinbit_error *error) {
  static const char *const names[] = {
      "x",
      "w",
      "scales",
      "biases",
      "lhs_indices",
      "rhs_indices",
      "global_scale",
      "out",
  };
  static const operand_list operands = {"gather_qmm", names, 7, 8};
  thinbit_tensor storage[8];
  const thinbit_tensor *tensor[8];
  const thinbit_status loaded = load_capsules(&operands, capsules, dtypes, storage, tensor, error);
  if (loaded != THINBIT_OK) return loaded;
  const thinbit_quantized_tensor record_w = {
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
  const thinbit_gather_qmm_params params = {
      .struct_size = sizeof(thinbit_gather_qmm_params),
      .x = tensor[0],
      .w = &record_w,
      .lhs_indices = tensor[4],
      .rhs_indices = tensor[5],
      .transpose = arg_transpose,
      .sorted_indices = arg_sorted_indices,
      .out = tensor[7],
  };
  if (outputs != NULL) return thinbit_gather_qmm_infer(&params, outputs, error);
  return thinbit_gather_qmm(context, &params, error);
}

thinbit_status thinbit_python_qqmm(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, thinbit_error *error) {
  static const char *const names[] = {
      "x",
      "w",
      "scales",
      "global_scale_x",
      "global_scale_w",
      "out",
  };
  static const operand_list operands = {"qqmm", names, 5, 6};
  thinbit_tensor storage[6];
  const thinbit_tensor *tensor[6];
  const thinbit_status loaded = load_capsules(&operands, capsules, dtypes, storage, tensor, error);
  if (loaded != THINBIT_OK) return loaded;
  const thinbit_quantized_tensor record_w = {
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
  const thinbit_qqmm_params params = {
      .struct_size = sizeof(thinbit_qqmm_params),
      .x = tensor[0],
      .global_scale_x = tensor[3],
      .w = &record_w,
      .out = tensor[5],
  };
  if (outputs != NULL) return thinbit_qqmm_infer(&params, outputs, error);
  return thinbit_qqmm(context, &params, error);
}

thinbit_status thinbit_python_qqaddmm(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, float arg_alpha, float arg_beta, thinbit_error *error) {
  static const char *const names[] = {
      "c",
      "x",
      "w",
      "scales",
      "global_scale_x",
      "global_scale_w",
      "out",
  };
  static const operand_list operands = {"qqaddmm", names, 6, 7};
  thinbit_tensor storage[7];
  const thinbit_tensor *tensor[7];
  const thinbit_status loaded = load_capsules(&operands, capsules, dtypes, storage, tensor, error);
  if (loaded != THINBIT_OK) return loaded;
  const thinbit_quantized_tensor record_w = {
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
  const thinbit_qqaddmm_params params = {
      .struct_size = sizeof(thinbit_qqaddmm_params),
      .c = tensor[0],
      .x = tensor[1],
      .global_scale_x = tensor[4],
      .w = &record_w,
      .alpha = arg_alpha,
      .beta = arg_beta,
      .out = tensor[6],
  };
  if (outputs != NULL) return thinbit_qqaddmm_infer(&params, outputs, error);
  return thinbit_qqaddmm(context, &params, error);
}

thinbit_status thinbit_python_gather_qqmm(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, int32_t arg_sorted_indices, thinbit_error *error) {
  static const char *const names[] = {
      "x",
      "w",
      "scales",
      "lhs_indices",
      "rhs_indices",
      "global_scale_x",
      "global_scale_w",
      "out",
  };
  static const operand_list operands = {"gather_qqmm", names, 7, 8};
  thinbit_tensor storage[8];
  const thinbit_tensor *tensor[8];
  const thinbit_status loaded = load_capsules(&operands, capsules, dtypes, storage, tensor, error);
  if (loaded != THINBIT_OK) return loaded;
  const thinbit_quantized_tensor record_w = {
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
  const thinbit_gather_qqmm_params params = {
      .struct_size = sizeof(thinbit_gather_qqmm_params),
      .x = tensor[0],
      .global_scale_x = tensor[5],
      .w = &record_w,
      .lhs_indices = tensor[3],
      .rhs_indices = tensor[4],
      .sorted_indices = arg_sorted_indices,
      .reserved = 0,
      .out = tensor[7],
  };
  if (outputs != NULL) return thinbit_gather_qqmm_infer(&params, outputs, error);
  return thinbit_gather_qqmm(context, &params, error);
}

thinbit_status thinbit_python_to_fp8(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, thinbit_error *error) {
  static const char *const names[] = {
      "x",
      "out",
  };
  static const operand_list operands = {"to_fp8", names, 1, 2};
  thinbit_tensor storage[2];
  const thinbit_tensor *tensor[2];
  const thinbit_status loaded = load_capsules(&operands, capsules, dtypes, storage, tensor, error);
  if (loaded != THINBIT_OK) return loaded;
  const thinbit_to_fp8_params params = {
      .struct_size = sizeof(thinbit_to_fp8_params),
      .x = tensor[0],
      .out = tensor[1],
  };
  if (outputs != NULL) return thinbit_to_fp8_infer(&params, outputs, error);
  return thinbit_to_fp8(context, &params, error);
}

thinbit_status thinbit_python_from_fp8(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_dtype, thinbit_error *error) {
  static const char *const names[] = {
      "x",
      "out",
  };
  static const operand_list operands = {"from_fp8", names, 1, 2};
  thinbit_tensor storage[2];
  const thinbit_tensor *tensor[2];
  const thinbit_status loaded = load_capsules(&operands, capsules, dtypes, storage, tensor, error);
  if (loaded != THINBIT_OK) return loaded;
  const thinbit_from_fp8_params params = {
      .struct_size = sizeof(thinbit_from_fp8_params),
      .x = tensor[0],
      .dtype = arg_dtype,
      .reserved = 0,
      .out = tensor[1],
  };
  if (outputs != NULL) return thinbit_from_fp8_infer(&params, outputs, error);
  return thinbit_from_fp8(context, &params, error);
}

thinbit_status thinbit_python_comm_all_sum(thinbit_comm *comm, const uintptr_t *capsules, const int32_t *dtypes, thinbit_error *error) {
  static const char *const names[] = {"x", "out"};
  static const operand_list operands = {"comm_all_sum", names, 1, 2};
  thinbit_tensor storage[2];
  const thinbit_tensor *tensor[2];
  const thinbit_status loaded = load_capsules(&operands, capsules, dtypes, storage, tensor, error);
  if (loaded != THINBIT_OK) return loaded;
  return thinbit_comm_all_sum(comm, tensor[0], &storage[1], error);
}

thinbit_status thinbit_python_comm_all_gather(thinbit_comm *comm, const uintptr_t *capsules, const int32_t *dtypes, thinbit_error *error) {
  static const char *const names[] = {"x", "out"};
  static const operand_list operands = {"comm_all_gather", names, 1, 2};
  thinbit_tensor storage[2];
  const thinbit_tensor *tensor[2];
  const thinbit_status loaded = load_capsules(&operands, capsules, dtypes, storage, tensor, error);
  if (loaded != THINBIT_OK) return loaded;
  return thinbit_comm_all_gather(comm, tensor[0], &storage[1], error);
}
