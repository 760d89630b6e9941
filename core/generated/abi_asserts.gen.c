/* generated from codegen/schema/thinbit.yaml: do not edit */
#include <stddef.h>

#include "thinbit/thinbit.h"

_Static_assert(sizeof(thinbit_device) == 8, "thinbit_device has 8 bytes");
_Static_assert(offsetof(thinbit_device, device_type) == 0, "thinbit_device.device_type is at 0");
_Static_assert(offsetof(thinbit_device, device_id) == 4, "thinbit_device.device_id is at 4");

_Static_assert(sizeof(thinbit_dlpack_type) == 4, "thinbit_dlpack_type has 4 bytes");
_Static_assert(offsetof(thinbit_dlpack_type, code) == 0, "thinbit_dlpack_type.code is at 0");
_Static_assert(offsetof(thinbit_dlpack_type, bits) == 1, "thinbit_dlpack_type.bits is at 1");
_Static_assert(offsetof(thinbit_dlpack_type, lanes) == 2, "thinbit_dlpack_type.lanes is at 2");

_Static_assert(sizeof(thinbit_tensor) == 48, "thinbit_tensor has 48 bytes");
_Static_assert(offsetof(thinbit_tensor, data) == 0, "thinbit_tensor.data is at 0");
_Static_assert(offsetof(thinbit_tensor, device) == 8, "thinbit_tensor.device is at 8");
_Static_assert(offsetof(thinbit_tensor, ndim) == 16, "thinbit_tensor.ndim is at 16");
_Static_assert(offsetof(thinbit_tensor, dtype) == 20, "thinbit_tensor.dtype is at 20");
_Static_assert(offsetof(thinbit_tensor, shape) == 24, "thinbit_tensor.shape is at 24");
_Static_assert(offsetof(thinbit_tensor, strides) == 32, "thinbit_tensor.strides is at 32");
_Static_assert(offsetof(thinbit_tensor, byte_offset) == 40, "thinbit_tensor.byte_offset is at 40");

_Static_assert(sizeof(thinbit_tensor_info) == 72, "thinbit_tensor_info has 72 bytes");
_Static_assert(offsetof(thinbit_tensor_info, dtype) == 0, "thinbit_tensor_info.dtype is at 0");
_Static_assert(offsetof(thinbit_tensor_info, ndim) == 4, "thinbit_tensor_info.ndim is at 4");
_Static_assert(offsetof(thinbit_tensor_info, shape) == 8, "thinbit_tensor_info.shape is at 8");

_Static_assert(sizeof(thinbit_error) == 656, "thinbit_error has 656 bytes");
_Static_assert(offsetof(thinbit_error, struct_size) == 0, "thinbit_error.struct_size is at 0");
_Static_assert(offsetof(thinbit_error, status) == 8, "thinbit_error.status is at 8");
_Static_assert(offsetof(thinbit_error, reserved) == 12, "thinbit_error.reserved is at 12");
_Static_assert(offsetof(thinbit_error, op) == 16, "thinbit_error.op is at 16");
_Static_assert(offsetof(thinbit_error, argument) == 48, "thinbit_error.argument is at 48");
_Static_assert(offsetof(thinbit_error, rule) == 80, "thinbit_error.rule is at 80");
_Static_assert(offsetof(thinbit_error, message) == 144, "thinbit_error.message is at 144");

_Static_assert(sizeof(thinbit_context_options) == 32, "thinbit_context_options has 32 bytes");
_Static_assert(offsetof(thinbit_context_options, struct_size) == 0, "thinbit_context_options.struct_size is at 0");
_Static_assert(offsetof(thinbit_context_options, backend) == 8, "thinbit_context_options.backend is at 8");
_Static_assert(offsetof(thinbit_context_options, device_id) == 12, "thinbit_context_options.device_id is at 12");
_Static_assert(offsetof(thinbit_context_options, stream) == 16, "thinbit_context_options.stream is at 16");
_Static_assert(offsetof(thinbit_context_options, num_threads) == 24, "thinbit_context_options.num_threads is at 24");
_Static_assert(offsetof(thinbit_context_options, reserved) == 28, "thinbit_context_options.reserved is at 28");

_Static_assert(sizeof(thinbit_comm_options) == 24, "thinbit_comm_options has 24 bytes");
_Static_assert(offsetof(thinbit_comm_options, struct_size) == 0, "thinbit_comm_options.struct_size is at 0");
_Static_assert(offsetof(thinbit_comm_options, library) == 8, "thinbit_comm_options.library is at 8");
_Static_assert(offsetof(thinbit_comm_options, folder) == 16, "thinbit_comm_options.folder is at 16");

_Static_assert(sizeof(thinbit_quantized_tensor) == 64, "thinbit_quantized_tensor has 64 bytes");
_Static_assert(offsetof(thinbit_quantized_tensor, struct_size) == 0, "thinbit_quantized_tensor.struct_size is at 0");
_Static_assert(offsetof(thinbit_quantized_tensor, packed) == 8, "thinbit_quantized_tensor.packed is at 8");
_Static_assert(offsetof(thinbit_quantized_tensor, scales) == 16, "thinbit_quantized_tensor.scales is at 16");
_Static_assert(offsetof(thinbit_quantized_tensor, biases) == 24, "thinbit_quantized_tensor.biases is at 24");
_Static_assert(offsetof(thinbit_quantized_tensor, global_scale) == 32, "thinbit_quantized_tensor.global_scale is at 32");
_Static_assert(offsetof(thinbit_quantized_tensor, mode) == 40, "thinbit_quantized_tensor.mode is at 40");
_Static_assert(offsetof(thinbit_quantized_tensor, group_size) == 44, "thinbit_quantized_tensor.group_size is at 44");
_Static_assert(offsetof(thinbit_quantized_tensor, bits) == 48, "thinbit_quantized_tensor.bits is at 48");
_Static_assert(offsetof(thinbit_quantized_tensor, reserved) == 52, "thinbit_quantized_tensor.reserved is at 52");
_Static_assert(offsetof(thinbit_quantized_tensor, prepared) == 56, "thinbit_quantized_tensor.prepared is at 56");

_Static_assert(sizeof(thinbit_info) == 96, "thinbit_info has 96 bytes");
_Static_assert(offsetof(thinbit_info, struct_size) == 0, "thinbit_info.struct_size is at 0");
_Static_assert(offsetof(thinbit_info, version) == 8, "thinbit_info.version is at 8");
_Static_assert(offsetof(thinbit_info, abi_version) == 16, "thinbit_info.abi_version is at 16");
_Static_assert(offsetof(thinbit_info, schema_hash) == 24, "thinbit_info.schema_hash is at 24");
_Static_assert(offsetof(thinbit_info, backend) == 32, "thinbit_info.backend is at 32");
_Static_assert(offsetof(thinbit_info, cpu_level) == 40, "thinbit_info.cpu_level is at 40");
_Static_assert(offsetof(thinbit_info, cpu_level_reason) == 48, "thinbit_info.cpu_level_reason is at 48");
_Static_assert(offsetof(thinbit_info, cpu_levels) == 56, "thinbit_info.cpu_levels is at 56");
_Static_assert(offsetof(thinbit_info, cpu_levels_missing) == 64, "thinbit_info.cpu_levels_missing is at 64");
_Static_assert(offsetof(thinbit_info, cpu_extensions) == 72, "thinbit_info.cpu_extensions is at 72");
_Static_assert(offsetof(thinbit_info, num_threads) == 80, "thinbit_info.num_threads is at 80");
_Static_assert(offsetof(thinbit_info, num_threads_reason) == 88, "thinbit_info.num_threads_reason is at 88");

_Static_assert(sizeof(thinbit_quantize_params) == 64, "thinbit_quantize_params has 64 bytes");
_Static_assert(offsetof(thinbit_quantize_params, struct_size) == 0, "thinbit_quantize_params.struct_size is at 0");
_Static_assert(offsetof(thinbit_quantize_params, w) == 8, "thinbit_quantize_params.w is at 8");
_Static_assert(offsetof(thinbit_quantize_params, global_scale) == 16, "thinbit_quantize_params.global_scale is at 16");
_Static_assert(offsetof(thinbit_quantize_params, mode) == 24, "thinbit_quantize_params.mode is at 24");
_Static_assert(offsetof(thinbit_quantize_params, group_size) == 28, "thinbit_quantize_params.group_size is at 28");
_Static_assert(offsetof(thinbit_quantize_params, bits) == 32, "thinbit_quantize_params.bits is at 32");
_Static_assert(offsetof(thinbit_quantize_params, reserved) == 36, "thinbit_quantize_params.reserved is at 36");
_Static_assert(offsetof(thinbit_quantize_params, wq) == 40, "thinbit_quantize_params.wq is at 40");
_Static_assert(offsetof(thinbit_quantize_params, scales) == 48, "thinbit_quantize_params.scales is at 48");
_Static_assert(offsetof(thinbit_quantize_params, biases) == 56, "thinbit_quantize_params.biases is at 56");

_Static_assert(sizeof(thinbit_dequantize_params) == 32, "thinbit_dequantize_params has 32 bytes");
_Static_assert(offsetof(thinbit_dequantize_params, struct_size) == 0, "thinbit_dequantize_params.struct_size is at 0");
_Static_assert(offsetof(thinbit_dequantize_params, w) == 8, "thinbit_dequantize_params.w is at 8");
_Static_assert(offsetof(thinbit_dequantize_params, dtype) == 16, "thinbit_dequantize_params.dtype is at 16");
_Static_assert(offsetof(thinbit_dequantize_params, reserved) == 20, "thinbit_dequantize_params.reserved is at 20");
_Static_assert(offsetof(thinbit_dequantize_params, out) == 24, "thinbit_dequantize_params.out is at 24");

_Static_assert(sizeof(thinbit_quantized_matmul_params) == 40, "thinbit_quantized_matmul_params has 40 bytes");
_Static_assert(offsetof(thinbit_quantized_matmul_params, struct_size) == 0, "thinbit_quantized_matmul_params.struct_size is at 0");
_Static_assert(offsetof(thinbit_quantized_matmul_params, x) == 8, "thinbit_quantized_matmul_params.x is at 8");
_Static_assert(offsetof(thinbit_quantized_matmul_params, w) == 16, "thinbit_quantized_matmul_params.w is at 16");
_Static_assert(offsetof(thinbit_quantized_matmul_params, transpose) == 24, "thinbit_quantized_matmul_params.transpose is at 24");
_Static_assert(offsetof(thinbit_quantized_matmul_params, reserved) == 28, "thinbit_quantized_matmul_params.reserved is at 28");
_Static_assert(offsetof(thinbit_quantized_matmul_params, out) == 32, "thinbit_quantized_matmul_params.out is at 32");

_Static_assert(sizeof(thinbit_quantized_addmm_params) == 56, "thinbit_quantized_addmm_params has 56 bytes");
_Static_assert(offsetof(thinbit_quantized_addmm_params, struct_size) == 0, "thinbit_quantized_addmm_params.struct_size is at 0");
_Static_assert(offsetof(thinbit_quantized_addmm_params, c) == 8, "thinbit_quantized_addmm_params.c is at 8");
_Static_assert(offsetof(thinbit_quantized_addmm_params, x) == 16, "thinbit_quantized_addmm_params.x is at 16");
_Static_assert(offsetof(thinbit_quantized_addmm_params, w) == 24, "thinbit_quantized_addmm_params.w is at 24");
_Static_assert(offsetof(thinbit_quantized_addmm_params, alpha) == 32, "thinbit_quantized_addmm_params.alpha is at 32");
_Static_assert(offsetof(thinbit_quantized_addmm_params, beta) == 36, "thinbit_quantized_addmm_params.beta is at 36");
_Static_assert(offsetof(thinbit_quantized_addmm_params, transpose) == 40, "thinbit_quantized_addmm_params.transpose is at 40");
_Static_assert(offsetof(thinbit_quantized_addmm_params, reserved) == 44, "thinbit_quantized_addmm_params.reserved is at 44");
_Static_assert(offsetof(thinbit_quantized_addmm_params, out) == 48, "thinbit_quantized_addmm_params.out is at 48");

_Static_assert(sizeof(thinbit_gather_qmm_params) == 56, "thinbit_gather_qmm_params has 56 bytes");
_Static_assert(offsetof(thinbit_gather_qmm_params, struct_size) == 0, "thinbit_gather_qmm_params.struct_size is at 0");
_Static_assert(offsetof(thinbit_gather_qmm_params, x) == 8, "thinbit_gather_qmm_params.x is at 8");
_Static_assert(offsetof(thinbit_gather_qmm_params, w) == 16, "thinbit_gather_qmm_params.w is at 16");
_Static_assert(offsetof(thinbit_gather_qmm_params, lhs_indices) == 24, "thinbit_gather_qmm_params.lhs_indices is at 24");
_Static_assert(offsetof(thinbit_gather_qmm_params, rhs_indices) == 32, "thinbit_gather_qmm_params.rhs_indices is at 32");
_Static_assert(offsetof(thinbit_gather_qmm_params, transpose) == 40, "thinbit_gather_qmm_params.transpose is at 40");
_Static_assert(offsetof(thinbit_gather_qmm_params, sorted_indices) == 44, "thinbit_gather_qmm_params.sorted_indices is at 44");
_Static_assert(offsetof(thinbit_gather_qmm_params, out) == 48, "thinbit_gather_qmm_params.out is at 48");

_Static_assert(sizeof(thinbit_qqmm_params) == 40, "thinbit_qqmm_params has 40 bytes");
_Static_assert(offsetof(thinbit_qqmm_params, struct_size) == 0, "thinbit_qqmm_params.struct_size is at 0");
_Static_assert(offsetof(thinbit_qqmm_params, x) == 8, "thinbit_qqmm_params.x is at 8");
_Static_assert(offsetof(thinbit_qqmm_params, global_scale_x) == 16, "thinbit_qqmm_params.global_scale_x is at 16");
_Static_assert(offsetof(thinbit_qqmm_params, w) == 24, "thinbit_qqmm_params.w is at 24");
_Static_assert(offsetof(thinbit_qqmm_params, out) == 32, "thinbit_qqmm_params.out is at 32");

_Static_assert(sizeof(thinbit_qqaddmm_params) == 56, "thinbit_qqaddmm_params has 56 bytes");
_Static_assert(offsetof(thinbit_qqaddmm_params, struct_size) == 0, "thinbit_qqaddmm_params.struct_size is at 0");
_Static_assert(offsetof(thinbit_qqaddmm_params, c) == 8, "thinbit_qqaddmm_params.c is at 8");
_Static_assert(offsetof(thinbit_qqaddmm_params, x) == 16, "thinbit_qqaddmm_params.x is at 16");
_Static_assert(offsetof(thinbit_qqaddmm_params, global_scale_x) == 24, "thinbit_qqaddmm_params.global_scale_x is at 24");
_Static_assert(offsetof(thinbit_qqaddmm_params, w) == 32, "thinbit_qqaddmm_params.w is at 32");
_Static_assert(offsetof(thinbit_qqaddmm_params, alpha) == 40, "thinbit_qqaddmm_params.alpha is at 40");
_Static_assert(offsetof(thinbit_qqaddmm_params, beta) == 44, "thinbit_qqaddmm_params.beta is at 44");
_Static_assert(offsetof(thinbit_qqaddmm_params, out) == 48, "thinbit_qqaddmm_params.out is at 48");

_Static_assert(sizeof(thinbit_gather_qqmm_params) == 64, "thinbit_gather_qqmm_params has 64 bytes");
_Static_assert(offsetof(thinbit_gather_qqmm_params, struct_size) == 0, "thinbit_gather_qqmm_params.struct_size is at 0");
_Static_assert(offsetof(thinbit_gather_qqmm_params, x) == 8, "thinbit_gather_qqmm_params.x is at 8");
_Static_assert(offsetof(thinbit_gather_qqmm_params, global_scale_x) == 16, "thinbit_gather_qqmm_params.global_scale_x is at 16");
_Static_assert(offsetof(thinbit_gather_qqmm_params, w) == 24, "thinbit_gather_qqmm_params.w is at 24");
_Static_assert(offsetof(thinbit_gather_qqmm_params, lhs_indices) == 32, "thinbit_gather_qqmm_params.lhs_indices is at 32");
_Static_assert(offsetof(thinbit_gather_qqmm_params, rhs_indices) == 40, "thinbit_gather_qqmm_params.rhs_indices is at 40");
_Static_assert(offsetof(thinbit_gather_qqmm_params, sorted_indices) == 48, "thinbit_gather_qqmm_params.sorted_indices is at 48");
_Static_assert(offsetof(thinbit_gather_qqmm_params, reserved) == 52, "thinbit_gather_qqmm_params.reserved is at 52");
_Static_assert(offsetof(thinbit_gather_qqmm_params, out) == 56, "thinbit_gather_qqmm_params.out is at 56");

_Static_assert(sizeof(thinbit_to_fp8_params) == 24, "thinbit_to_fp8_params has 24 bytes");
_Static_assert(offsetof(thinbit_to_fp8_params, struct_size) == 0, "thinbit_to_fp8_params.struct_size is at 0");
_Static_assert(offsetof(thinbit_to_fp8_params, x) == 8, "thinbit_to_fp8_params.x is at 8");
_Static_assert(offsetof(thinbit_to_fp8_params, out) == 16, "thinbit_to_fp8_params.out is at 16");

_Static_assert(sizeof(thinbit_from_fp8_params) == 32, "thinbit_from_fp8_params has 32 bytes");
_Static_assert(offsetof(thinbit_from_fp8_params, struct_size) == 0, "thinbit_from_fp8_params.struct_size is at 0");
_Static_assert(offsetof(thinbit_from_fp8_params, x) == 8, "thinbit_from_fp8_params.x is at 8");
_Static_assert(offsetof(thinbit_from_fp8_params, dtype) == 16, "thinbit_from_fp8_params.dtype is at 16");
_Static_assert(offsetof(thinbit_from_fp8_params, reserved) == 20, "thinbit_from_fp8_params.reserved is at 20");
_Static_assert(offsetof(thinbit_from_fp8_params, out) == 24, "thinbit_from_fp8_params.out is at 24");

