/* generated from codegen/schema/thinbit.yaml: do not edit */
#ifndef THINBIT_PYTHON_SHIM_H
#define THINBIT_PYTHON_SHIM_H

#include "thinbit/thinbit.h"

/* Sizes and offsets of the structs of the header that this was compiled with. */
extern const int64_t thinbit_python_layout[140];

/* The op, or, where outputs is not NULL, the shape inference of it. `capsules` are the addresses of DLPack's capsules, 0 for
 * an absent tensor, outputs last; `dtypes`, where not NULL, holds a thinbit_dtype for each that replaces the capsule's, 0 for
 * none. */
thinbit_status thinbit_python_quantize(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, thinbit_error *error);
thinbit_status thinbit_python_dequantize(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, int32_t arg_dtype, thinbit_error *error);
thinbit_status thinbit_python_quantized_matmul(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_transpose, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, thinbit_error *error);
thinbit_status thinbit_python_quantized_addmm(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_transpose, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, float arg_alpha, float arg_beta, thinbit_error *error);
thinbit_status thinbit_python_gather_qmm(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_transpose, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, int32_t arg_sorted_indices, thinbit_error *error);
thinbit_status thinbit_python_qqmm(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, thinbit_error *error);
thinbit_status thinbit_python_qqaddmm(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, float arg_alpha, float arg_beta, thinbit_error *error);
thinbit_status thinbit_python_gather_qqmm(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, int32_t arg_sorted_indices, thinbit_error *error);
thinbit_status thinbit_python_to_fp8(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, thinbit_error *error);
thinbit_status thinbit_python_from_fp8(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_dtype, thinbit_error *error);

/* What all ranks of a group make of their x, in out; capsules and dtypes as above. */
thinbit_status thinbit_python_comm_all_sum(thinbit_comm *comm, const uintptr_t *capsules, const int32_t *dtypes, thinbit_error *error);
thinbit_status thinbit_python_comm_all_gather(thinbit_comm *comm, const uintptr_t *capsules, const int32_t *dtypes, thinbit_error *error);

#endif
