// generated from codegen/schema/thinbit.yaml: do not edit
#include "vector_case.h"

namespace thinbit_test {

int32_t mode_value(std::string_view name) {
  if (name == "affine") return THINBIT_MODE_AFFINE;
  if (name == "mxfp4") return THINBIT_MODE_MXFP4;
  if (name == "mxfp8") return THINBIT_MODE_MXFP8;
  if (name == "nvfp4") return THINBIT_MODE_NVFP4;
  return -1;
}

int32_t dtype_value(std::string_view name) {
  if (name == "float32") return THINBIT_DTYPE_FLOAT32;
  if (name == "float16") return THINBIT_DTYPE_FLOAT16;
  if (name == "bfloat16") return THINBIT_DTYPE_BFLOAT16;
  if (name == "uint8") return THINBIT_DTYPE_UINT8;
  if (name == "uint32") return THINBIT_DTYPE_UINT32;
  if (name == "int32") return THINBIT_DTYPE_INT32;
  if (name == "int64") return THINBIT_DTYPE_INT64;
  return -1;
}

size_t dtype_bytes(thinbit_dtype dtype) {
  switch (dtype) {
    case THINBIT_DTYPE_FLOAT32:
      return 4;
    case THINBIT_DTYPE_FLOAT16:
      return 2;
    case THINBIT_DTYPE_BFLOAT16:
      return 2;
    case THINBIT_DTYPE_UINT8:
      return 1;
    case THINBIT_DTYPE_UINT32:
      return 4;
    case THINBIT_DTYPE_INT32:
      return 4;
    case THINBIT_DTYPE_INT64:
      return 8;
    default:
      return 0;
  }
}

thinbit_dlpack_type dlpack_type(thinbit_dtype dtype) {
  switch (dtype) {
    case THINBIT_DTYPE_FLOAT32:
      return {2, 32, 1};
    case THINBIT_DTYPE_FLOAT16:
      return {2, 16, 1};
    case THINBIT_DTYPE_BFLOAT16:
      return {4, 16, 1};
    case THINBIT_DTYPE_UINT8:
      return {1, 8, 1};
    case THINBIT_DTYPE_UINT32:
      return {1, 32, 1};
    case THINBIT_DTYPE_INT32:
      return {0, 32, 1};
    case THINBIT_DTYPE_INT64:
      return {0, 64, 1};
    default:
      return {0, 0, 0};
  }
}

namespace {

void run_quantize(VectorCase& vector_case, thinbit_context* context, VectorResult& result) {
  thinbit_quantize_params params = THINBIT_QUANTIZE_PARAMS_INIT;
  params.w = vector_case.tensor("w");
  params.global_scale = vector_case.tensor("global_scale");
  params.mode = vector_case.mode("mode", params.mode);
  params.group_size = vector_case.integer("group_size", params.group_size);
  params.bits = vector_case.integer("bits", params.bits);
  const OutputSlot slots[] = {{"wq", &params.wq}, {"scales", &params.scales}, {"biases",
      &params.biases}};
  call_op(context, params, slots, thinbit_quantize_infer, thinbit_quantize_supports,
      thinbit_quantize, result);
}

void run_dequantize(VectorCase& vector_case, thinbit_context* context, VectorResult& result) {
  thinbit_quantized_tensor w = THINBIT_QUANTIZED_TENSOR_INIT;
  w.packed = vector_case.tensor("w");
  w.scales = vector_case.tensor("scales");
  w.biases = vector_case.tensor("biases");
  w.global_scale = vector_case.tensor("global_scale");
  w.mode = vector_case.mode("mode", w.mode);
  w.group_size = vector_case.integer("group_size", w.group_size);
  w.bits = vector_case.integer("bits", w.bits);
  thinbit_dequantize_params params = THINBIT_DEQUANTIZE_PARAMS_INIT;
  params.w = &w;
  params.dtype = vector_case.dtype("dtype", params.dtype);
  const OutputSlot slots[] = {{"out", &params.out}};
  call_op(context, params, slots, thinbit_dequantize_infer, thinbit_dequantize_supports,
      thinbit_dequantize, result);
}

void run_quantized_matmul(VectorCase& vector_case, thinbit_context* context, VectorResult& result) {
  thinbit_quantized_tensor w = THINBIT_QUANTIZED_TENSOR_INIT;
  w.packed = vector_case.tensor("w");
  w.scales = vector_case.tensor("scales");
  w.biases = vector_case.tensor("biases");
  w.global_scale = vector_case.tensor("global_scale");
  w.mode = vector_case.mode("mode", w.mode);
  w.group_size = vector_case.integer("group_size", w.group_size);
  w.bits = vector_case.integer("bits", w.bits);
  thinbit_quantized_matmul_params params = THINBIT_QUANTIZED_MATMUL_PARAMS_INIT;
  params.x = vector_case.tensor("x");
  params.w = &w;
  params.transpose = vector_case.integer("transpose", params.transpose);
  const OutputSlot slots[] = {{"out", &params.out}};
  call_op(context, params, slots, thinbit_quantized_matmul_infer, thinbit_quantized_matmul_supports,
      thinbit_quantized_matmul, result);
}

void run_quantized_addmm(VectorCase& vector_case, thinbit_context* context, VectorResult& result) {
  thinbit_quantized_tensor w = THINBIT_QUANTIZED_TENSOR_INIT;
  w.packed = vector_case.tensor("w");
  w.scales = vector_case.tensor("scales");
  w.biases = vector_case.tensor("biases");
  w.global_scale = vector_case.tensor("global_scale");
  w.mode = vector_case.mode("mode", w.mode);
  w.group_size = vector_case.integer("group_size", w.group_size);
  w.bits = vector_case.integer("bits", w.bits);
  thinbit_quantized_addmm_params params = THINBIT_QUANTIZED_ADDMM_PARAMS_INIT;
  params.c = vector_case.tensor("c");
  params.x = vector_case.tensor("x");
  params.w = &w;
  params.alpha = vector_case.number("alpha", params.alpha);
  params.beta = vector_case.number("beta", params.beta);
  params.transpose = vector_case.integer("transpose", params.transpose);
  const OutputSlot slots[] = {{"out", &params.out}};
  call_op(context, params, slots, thinbit_quantized_addmm_infer, thinbit_quantized_addmm_supports,
      thinbit_quantized_addmm, result);
}

void run_gather_qmm(VectorCase& vector_case, thinbit_context* context, VectorResult& result) {
  thinbit_quantized_tensor w = THINBIT_QUANTIZED_TENSOR_INIT;
  w.packed = vector_case.tensor("w");
  w.scales = vector_case.tensor("scales");
  w.biases = vector_case.tensor("biases");
  w.global_scale = vector_case.tensor("global_scale");
  w.mode = vector_case.mode("mode", w.mode);
  w.group_size = vector_case.integer("group_size", w.group_size);
  w.bits = vector_case.integer("bits", w.bits);
  thinbit_gather_qmm_params params = THINBIT_GATHER_QMM_PARAMS_INIT;
  params.x = vector_case.tensor("x");
  params.w = &w;
  params.lhs_indices = vector_case.tensor("lhs_indices");
  params.rhs_indices = vector_case.tensor("rhs_indices");
  params.transpose = vector_case.integer("transpose", params.transpose);
  params.sorted_indices = vector_case.integer("sorted_indices", params.sorted_indices);
  const OutputSlot slots[] = {{"out", &params.out}};
  call_op(context, params, slots, thinbit_gather_qmm_infer, thinbit_gather_qmm_supports,
      thinbit_gather_qmm, result);
}

void run_qqmm(VectorCase& vector_case, thinbit_context* context, VectorResult& result) {
  thinbit_quantized_tensor w = THINBIT_QUANTIZED_TENSOR_INIT;
  w.packed = vector_case.tensor("w");
  w.scales = vector_case.tensor("scales");
  w.biases = vector_case.tensor("biases");
  w.global_scale = vector_case.tensor("global_scale_w");
  w.mode = vector_case.mode("mode", w.mode);
  w.group_size = vector_case.integer("group_size", w.group_size);
  w.bits = vector_case.integer("bits", w.bits);
  thinbit_qqmm_params params = THINBIT_QQMM_PARAMS_INIT;
  params.x = vector_case.tensor("x");
  params.global_scale_x = vector_case.tensor("global_scale_x");
  params.w = &w;
  const OutputSlot slots[] = {{"out", &params.out}};
  call_op(context, params, slots, thinbit_qqmm_infer, thinbit_qqmm_supports, thinbit_qqmm, result);
}

void run_qqaddmm(VectorCase& vector_case, thinbit_context* context, VectorResult& result) {
  thinbit_quantized_tensor w = THINBIT_QUANTIZED_TENSOR_INIT;
  w.packed = vector_case.tensor("w");
  w.scales = vector_case.tensor("scales");
  w.biases = vector_case.tensor("biases");
  w.global_scale = vector_case.tensor("global_scale_w");
  w.mode = vector_case.mode("mode", w.mode);
  w.group_size = vector_case.integer("group_size", w.group_size);
  w.bits = vector_case.integer("bits", w.bits);
  thinbit_qqaddmm_params params = THINBIT_QQADDMM_PARAMS_INIT;
  params.c = vector_case.tensor("c");
  params.x = vector_case.tensor("x");
  params.global_scale_x = vector_case.tensor("global_scale_x");
  params.w = &w;
  params.alpha = vector_case.number("alpha", params.alpha);
  params.beta = vector_case.number("beta", params.beta);
  const OutputSlot slots[] = {{"out", &params.out}};
  call_op(context, params, slots, thinbit_qqaddmm_infer, thinbit_qqaddmm_supports, thinbit_qqaddmm,
      result);
}

void run_gather_qqmm(VectorCase& vector_case, thinbit_context* context, VectorResult& result) {
  thinbit_quantized_tensor w = THINBIT_QUANTIZED_TENSOR_INIT;
  w.packed = vector_case.tensor("w");
  w.scales = vector_case.tensor("scales");
  w.biases = vector_case.tensor("biases");
  w.global_scale = vector_case.tensor("global_scale_w");
  w.mode = vector_case.mode("mode", w.mode);
  w.group_size = vector_case.integer("group_size", w.group_size);
  w.bits = vector_case.integer("bits", w.bits);
  thinbit_gather_qqmm_params params = THINBIT_GATHER_QQMM_PARAMS_INIT;
  params.x = vector_case.tensor("x");
  params.global_scale_x = vector_case.tensor("global_scale_x");
  params.w = &w;
  params.lhs_indices = vector_case.tensor("lhs_indices");
  params.rhs_indices = vector_case.tensor("rhs_indices");
  params.sorted_indices = vector_case.integer("sorted_indices", params.sorted_indices);
  const OutputSlot slots[] = {{"out", &params.out}};
  call_op(context, params, slots, thinbit_gather_qqmm_infer, thinbit_gather_qqmm_supports,
      thinbit_gather_qqmm, result);
}

void run_to_fp8(VectorCase& vector_case, thinbit_context* context, VectorResult& result) {
  thinbit_to_fp8_params params = THINBIT_TO_FP8_PARAMS_INIT;
  params.x = vector_case.tensor("x");
  const OutputSlot slots[] = {{"out", &params.out}};
  call_op(context, params, slots, thinbit_to_fp8_infer, thinbit_to_fp8_supports, thinbit_to_fp8,
      result);
}

void run_from_fp8(VectorCase& vector_case, thinbit_context* context, VectorResult& result) {
  thinbit_from_fp8_params params = THINBIT_FROM_FP8_PARAMS_INIT;
  params.x = vector_case.tensor("x");
  params.dtype = vector_case.dtype("dtype", params.dtype);
  const OutputSlot slots[] = {{"out", &params.out}};
  call_op(context, params, slots, thinbit_from_fp8_infer, thinbit_from_fp8_supports,
      thinbit_from_fp8, result);
}

}  // namespace

bool run_vector_call(VectorCase& vector_case, thinbit_context* context, VectorResult& result) {
  if (vector_case.op == "quantize") {
    run_quantize(vector_case, context, result);
    return true;
  }
  if (vector_case.op == "dequantize") {
    run_dequantize(vector_case, context, result);
    return true;
  }
  if (vector_case.op == "quantized_matmul") {
    run_quantized_matmul(vector_case, context, result);
    return true;
  }
  if (vector_case.op == "quantized_addmm") {
    run_quantized_addmm(vector_case, context, result);
    return true;
  }
  if (vector_case.op == "gather_qmm") {
    run_gather_qmm(vector_case, context, result);
    return true;
  }
  if (vector_case.op == "qqmm") {
    run_qqmm(vector_case, context, result);
    return true;
  }
  if (vector_case.op == "qqaddmm") {
    run_qqaddmm(vector_case, context, result);
    return true;
  }
  if (vector_case.op == "gather_qqmm") {
    run_gather_qqmm(vector_case, context, result);
    return true;
  }
  if (vector_case.op == "to_fp8") {
    run_to_fp8(vector_case, context, result);
    return true;
  }
  if (vector_case.op == "from_fp8") {
    run_from_fp8(vector_case, context, result);
    return true;
  }
  return false;
}

}  // namespace thinbit_test
