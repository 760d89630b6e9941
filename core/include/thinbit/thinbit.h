/* generated from codegen/schema/thinbit.yaml: do not edit */
#ifndef THINBIT_THINBIT_H
#define THINBIT_THINBIT_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define THINBIT_API
#elif defined(__GNUC__)
#define THINBIT_API __attribute__((visibility("default")))
#else
#define THINBIT_API
#endif

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpragmas"
#pragma clang diagnostic ignored "-Wunknown-warning-option"
#pragma clang diagnostic ignored "-Wnullability-extension"
#pragma clang assume_nonnull begin
#define THINBIT_NULLABLE _Nullable
#else
#define THINBIT_NULLABLE
#endif

#ifdef __cplusplus
extern "C" {
#define THINBIT_NOEXCEPT noexcept
#else
#define THINBIT_NOEXCEPT
#endif

/* The version of the library that this header belongs to. */
#define THINBIT_VERSION "0.1.0"

/* Grows when a caller that was built against an older header could break. */
#define THINBIT_ABI_VERSION 1

/* The most axes that a tensor has. */
#define THINBIT_MAX_RANK 8

/* What a call returns. */
typedef int32_t thinbit_status;
/* The call did what it says. */
#define THINBIT_OK 0
/* An argument breaks a rule; nothing was written. */
#define THINBIT_INVALID_ARGUMENT 1
/* The call is legal, but this backend or this version cannot do it. */
#define THINBIT_UNSUPPORTED 2
/* A value to quantize is NaN or infinite, or its scale overflows; the outputs are unspecified. */
#define THINBIT_NON_FINITE 3
/* A workspace could not be allocated. */
#define THINBIT_OUT_OF_MEMORY 4
/* The device or its driver reported a fault. */
#define THINBIT_DEVICE 5
/* A defect of thinbit: please report it. */
#define THINBIT_INTERNAL 6

/* Where calls run. */
typedef int32_t thinbit_backend;
/* The host's processor, multi-threaded. */
#define THINBIT_BACKEND_CPU 1
/* NVIDIA GPUs, by a plugin library. */
#define THINBIT_BACKEND_CUDA 2
/* Apple GPUs, on the host's memory, which is theirs too. */
#define THINBIT_BACKEND_METAL 3

/* How values are encoded; 0 takes the default. */
typedef int32_t thinbit_mode;
/* Integer codes with a scale and a bias for each group. */
#define THINBIT_MODE_AFFINE 1
/* OCP microscaling with 4-bit elements. */
#define THINBIT_MODE_MXFP4 2
/* OCP microscaling with 8-bit elements. */
#define THINBIT_MODE_MXFP8 3
/* NVIDIA's 4-bit format: small groups, and an optional scale for the whole tensor. */
#define THINBIT_MODE_NVFP4 4

/* Element types; 0 takes the default. */
typedef int32_t thinbit_dtype;
/* IEEE 754 binary32. */
#define THINBIT_DTYPE_FLOAT32 1
/* IEEE 754 binary16. */
#define THINBIT_DTYPE_FLOAT16 2
/* The upper half of a binary32. */
#define THINBIT_DTYPE_BFLOAT16 3
/* Bytes: E4M3 elements, E8M0 or E4M3 scales. */
#define THINBIT_DTYPE_UINT8 4
/* Words of packed codes, and indices. */
#define THINBIT_DTYPE_UINT32 5
/* Indices. */
#define THINBIT_DTYPE_INT32 6
/* Indices. */
#define THINBIT_DTYPE_INT64 7

/* DLPack's DLDevice. */
typedef struct thinbit_device {
  int32_t device_type;
  int32_t device_id;
} thinbit_device;

/* DLPack's DLDataType. */
typedef struct thinbit_dlpack_type {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
} thinbit_dlpack_type;

/* A tensor with the layout of DLPack's DLTensor. Strides count elements; NULL means row-major. The first element lies
 * byte_offset bytes after data. NULL data means empty, never absent. */
typedef struct thinbit_tensor {
  void *THINBIT_NULLABLE data;
  thinbit_device device;
  int32_t ndim;
  thinbit_dlpack_type dtype;
  int64_t *THINBIT_NULLABLE shape;
  int64_t *THINBIT_NULLABLE strides;
  uint64_t byte_offset;
} thinbit_tensor;

/* The dtype and shape that an output has to have; dtype 0: this call has no such output. */
typedef struct thinbit_tensor_info {
  thinbit_dtype dtype;
  int32_t ndim;
  int64_t shape[THINBIT_MAX_RANK];
} thinbit_tensor_info;

/* What went wrong, owned by the caller. `rule` is `<op>.<argument>.<kind>` and stable; `message` is for people. */
typedef struct thinbit_error {
  uint64_t struct_size; /* sizeof(thinbit_error), set by the caller. */
  thinbit_status status;
  int32_t reserved;
  char op[32];
  char argument[32];
  char rule[64];
  char message[512];
} thinbit_error;
#define THINBIT_ERROR_INIT {sizeof(thinbit_error), 0, 0, {0}, {0}, {0}, {0}}

/* Device, threads and scratch memory of a sequence of calls. One thread at a time uses a context; different contexts run
 * in parallel. */
typedef struct thinbit_context thinbit_context;

typedef struct thinbit_prepared thinbit_prepared;

/* What a context is made for. */
typedef struct thinbit_context_options {
  uint64_t struct_size; /* sizeof(thinbit_context_options). */
  thinbit_backend backend; /* 0 is the CPU. */
  int32_t device_id;
  void *THINBIT_NULLABLE stream; /* The device's stream; NULL is its default. */
  int32_t num_threads; /* 0 takes THINBIT_NUM_THREADS, or as many as the process may use. */
  int32_t reserved; /* Must be 0. */
} thinbit_context_options;
#define THINBIT_CONTEXT_OPTIONS_INIT {sizeof(thinbit_context_options), 0, 0, 0, 0, 0}

/* Make a context; options NULL means the CPU with all defaults. */
THINBIT_API thinbit_status thinbit_context_create(const thinbit_context_options *THINBIT_NULLABLE options,
                                                  thinbit_context *THINBIT_NULLABLE *THINBIT_NULLABLE context,
                                                  thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* Wait for the work of a context and free it; NULL is legal. */
THINBIT_API void thinbit_context_destroy(thinbit_context *THINBIT_NULLABLE context) THINBIT_NOEXCEPT;

/* Wait for all work of a context; the error of asynchronous work comes out here. */
THINBIT_API thinbit_status thinbit_context_sync(thinbit_context *THINBIT_NULLABLE context,
                                                thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The processes of an MPI job, or this process alone. Groups of one process take turns: one call at a time is in MPI. */
typedef struct thinbit_comm thinbit_comm;

/* Where the MPI library is, which has the standard ABI of MPI 5 (libmpi_abi.so.1). */
typedef struct thinbit_comm_options {
  uint64_t struct_size; /* sizeof(thinbit_comm_options). */
  const char *THINBIT_NULLABLE library; /* Its path; NULL takes THINBIT_MPI_LIBRARY, or searches. */
  const char *THINBIT_NULLABLE folder; /* Searched first; NULL takes the active Python environment's lib. */
} thinbit_comm_options;
#define THINBIT_COMM_OPTIONS_INIT {sizeof(thinbit_comm_options), 0, 0}

/* Join the group of all processes that a launcher (mpiexec) started; every one of them has to call this. Outside a launcher
 * the group is this process alone, and no library is opened. Inside one, a library that cannot be opened is THINBIT_UNSUPPORTED,
 * and so is another MPI that the process has loaded. */
THINBIT_API thinbit_status thinbit_comm_init(const thinbit_comm_options *THINBIT_NULLABLE options,
                                             thinbit_comm *THINBIT_NULLABLE *THINBIT_NULLABLE comm,
                                             thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The number of this process in the group, from 0; 0 for NULL. */
THINBIT_API int32_t thinbit_comm_rank(const thinbit_comm *THINBIT_NULLABLE comm) THINBIT_NOEXCEPT;

/* How many processes the group has; 1 for NULL. */
THINBIT_API int32_t thinbit_comm_size(const thinbit_comm *THINBIT_NULLABLE comm) THINBIT_NOEXCEPT;

/* The sum of x over all ranks, the same bytes on each: float32, float16 or bfloat16 in the host's memory, row-major. Elements
 * of 16 bits are added as float32 and rounded once. out has x's dtype and shape, and may be x. */
THINBIT_API thinbit_status thinbit_comm_all_sum(thinbit_comm *THINBIT_NULLABLE comm,
                                                const thinbit_tensor *THINBIT_NULLABLE x,
                                                thinbit_tensor *THINBIT_NULLABLE out,
                                                thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The x of all ranks, one after another along the first axis: any dtype, in the host's memory, row-major, of the same shape
 * on every rank. */
THINBIT_API thinbit_status thinbit_comm_all_gather(thinbit_comm *THINBIT_NULLABLE comm,
                                                   const thinbit_tensor *THINBIT_NULLABLE x,
                                                   thinbit_tensor *THINBIT_NULLABLE out,
                                                   thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* Return when all ranks have called it. */
THINBIT_API thinbit_status thinbit_comm_barrier(thinbit_comm *THINBIT_NULLABLE comm,
                                                thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* Leave the group, which waits for the others to do so too; NULL is legal. A process that has failed leaves without this, with a
 * status that is not 0, and its launcher then ends the others. MPI ends with the last group, and cannot begin again; with glibc
 * it also ends where the process exits with status 0. */
THINBIT_API void thinbit_comm_free(thinbit_comm *THINBIT_NULLABLE comm) THINBIT_NOEXCEPT;

/* The THINBIT_ABI_VERSION that the library was built with. */
THINBIT_API uint32_t thinbit_abi_version(void) THINBIT_NOEXCEPT;

/* The sha256 of the schema that the library was generated from, in hexadecimal. */
THINBIT_API const char *thinbit_schema_hash(void) THINBIT_NOEXCEPT;

/* The name of a status, such as "invalid_argument"; "unknown" for a number that is none. */
THINBIT_API const char *thinbit_status_name(thinbit_status status) THINBIT_NOEXCEPT;

/* A quantized weight: what was packed, and everything that is needed to read it. Groups run along
 * the last axis. Where an op takes a float weight too, that is `packed`, and `scales` is absent. */
typedef struct thinbit_quantized_tensor {
  /* sizeof(thinbit_quantized_tensor). */
  uint64_t struct_size;
  /* Packed weight: each row is one little-endian stream of codes of `bits` bits, in 32-bit words.
   * [E..., rows, columns * bits / 32]; uint32. */
  const thinbit_tensor *packed;
  /* One scale for each group. [E..., rows, columns / group_size]; the dtype of the mode's scales. */
  const thinbit_tensor *THINBIT_NULLABLE scales;
  /* One bias for each group, in units of the weight. [E..., rows, columns / group_size]; the dtype
   * of scales; there exactly when the mode has biases. */
  const thinbit_tensor *THINBIT_NULLABLE biases;
  /* The largest magnitude of the whole tensor: one positive finite float32 (in dequantize and the
   * gather ops also one for each matrix of the leading axes). One element; float32; optional, and
   * only where the mode has a global scale. */
  const thinbit_tensor *THINBIT_NULLABLE global_scale;
  /* How values are encoded. */
  thinbit_mode mode;
  /* Elements that share a scale; the mode's default when not given. */
  int32_t group_size;
  /* Bits for each element; the mode's default when not given. */
  int32_t bits;
  /* Must be 0. */
  int32_t reserved;
  /* The weight in a backend's own layout, or NULL. No backend of this version makes one. Optional. */
  const thinbit_prepared *THINBIT_NULLABLE prepared;
} thinbit_quantized_tensor;
#define THINBIT_QUANTIZED_TENSOR_INIT \
  {sizeof(thinbit_quantized_tensor), 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* What this build of thinbit uses on this machine, and why: which library, which instruction sets,
 * how many threads. */
typedef struct thinbit_info {
  /* sizeof(thinbit_info). */
  uint64_t struct_size;
  /* The version of the library. */
  const char *THINBIT_NULLABLE version;
  /* The version of the C ABI. */
  int64_t abi_version;
  /* The sha256 of the schema that the library was generated from, in hexadecimal. */
  const char *THINBIT_NULLABLE schema_hash;
  /* Where calls run that name no device. */
  const char *THINBIT_NULLABLE backend;
  /* The level of instruction sets that the CPU's kernels use; empty where THINBIT_CPU cannot be
   * honoured. */
  const char *THINBIT_NULLABLE cpu_level;
  /* Why it is this one: THINBIT_CPU, or the best this machine runs; what is wrong with THINBIT_CPU
   * where it cannot be honoured. */
  const char *THINBIT_NULLABLE cpu_level_reason;
  /* The levels that this machine can run, from the plainest to the best. */
  const char *THINBIT_NULLABLE const *THINBIT_NULLABLE cpu_levels;
  /* The other levels of this build, each with what the processor or the operating system lacks. */
  const char *THINBIT_NULLABLE const *THINBIT_NULLABLE cpu_levels_missing;
  /* The instruction sets that the level in use takes on top of its own where it finds them, as
   * here. */
  const char *THINBIT_NULLABLE const *THINBIT_NULLABLE cpu_extensions;
  /* The threads of a context that asks for no number; 0 where THINBIT_NUM_THREADS cannot be
   * honoured. */
  int64_t num_threads;
  /* Where that number comes from; what is wrong with THINBIT_NUM_THREADS where it cannot be
   * honoured. */
  const char *THINBIT_NULLABLE num_threads_reason;
} thinbit_info;
#define THINBIT_INFO_INIT \
  {sizeof(thinbit_info), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* Fill in what the library uses, and why. Fields that an older library does not know are left as they are. Texts belong to
 * the library, and live as long as it is loaded; lists of them end with NULL. */
THINBIT_API thinbit_status thinbit_get_info(thinbit_info *THINBIT_NULLABLE info,
                                            thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The arguments of thinbit_quantize. */
typedef struct thinbit_quantize_params {
  /* sizeof(thinbit_quantize_params). */
  uint64_t struct_size;
  /* The float tensor to quantize: at least two axes, the last divisible by the group size. [E...,
   * N, K]; float32, float16 or bfloat16. */
  const thinbit_tensor *w;
  /* The largest magnitude of the whole tensor: one positive finite float32. One element; float32;
   * optional, and only where the mode has a global scale. */
  const thinbit_tensor *THINBIT_NULLABLE global_scale;
  /* How values are encoded. */
  thinbit_mode mode;
  /* Elements that share a scale; the mode's default when not given. */
  int32_t group_size;
  /* Bits for each element; the mode's default when not given. */
  int32_t bits;
  /* Must be 0. */
  int32_t reserved;
  /* Packed weight: each row is one little-endian stream of codes of `bits` bits, in 32-bit words.
   * [E..., N, K * bits / 32]; uint32. */
  const thinbit_tensor *THINBIT_NULLABLE wq;
  /* One scale for each group. [E..., N, K / group_size]; the dtype of w where the mode has biases,
   * else uint8. */
  const thinbit_tensor *THINBIT_NULLABLE scales;
  /* One bias for each group, in units of the weight. [E..., N, K / group_size]; the dtype of w;
   * there exactly when the mode has biases. */
  const thinbit_tensor *THINBIT_NULLABLE biases;
} thinbit_quantize_params;
#define THINBIT_QUANTIZE_PARAMS_INIT \
  {sizeof(thinbit_quantize_params), 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* The number of outputs of thinbit_quantize. */
#define THINBIT_QUANTIZE_OUTPUTS 3

/* Quantize a float tensor, group by group along its last axis. All arithmetic is float32 and the
 * same bytes come out of every backend. A group of nvfp4 whose largest magnitude is at most 6 *
 * 2^-10 becomes zero unless a global scale is given. */
THINBIT_API thinbit_status thinbit_quantize(thinbit_context *THINBIT_NULLABLE context,
                                                 const thinbit_quantize_params *THINBIT_NULLABLE params,
                                                 thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The dtype and shape of each output of thinbit_quantize; the params' outputs are not looked at. */
THINBIT_API thinbit_status thinbit_quantize_infer(const thinbit_quantize_params *THINBIT_NULLABLE params,
                                                       thinbit_tensor_info *THINBIT_NULLABLE outputs,
                                                       thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* THINBIT_OK when the call is legal and this context's backend can do it. Nothing runs; values are not looked at. */
THINBIT_API thinbit_status thinbit_quantize_supports(thinbit_context *THINBIT_NULLABLE context,
                                                          const thinbit_quantize_params *THINBIT_NULLABLE params,
                                                          thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The arguments of thinbit_dequantize. */
typedef struct thinbit_dequantize_params {
  /* sizeof(thinbit_dequantize_params). */
  uint64_t struct_size;
  /* The quantized tensor. */
  const thinbit_quantized_tensor *w;
  /* The dtype of the result: that of the scales for affine, float32 for the other modes, when not
   * given. */
  thinbit_dtype dtype;
  /* Must be 0. */
  int32_t reserved;
  /* The values. [E..., rows, columns]; dtype. */
  const thinbit_tensor *THINBIT_NULLABLE out;
} thinbit_dequantize_params;
#define THINBIT_DEQUANTIZE_PARAMS_INIT \
  {sizeof(thinbit_dequantize_params), 0, 0, 0, 0}

/* The number of outputs of thinbit_dequantize. */
#define THINBIT_DEQUANTIZE_OUTPUTS 1

/* The float tensor that a quantized one stands for. affine rounds twice, code * scale and then the
 * sum with the bias, to the dtype of the scales; the other modes multiply in float32 and round
 * once. */
THINBIT_API thinbit_status thinbit_dequantize(thinbit_context *THINBIT_NULLABLE context,
                                                 const thinbit_dequantize_params *THINBIT_NULLABLE params,
                                                 thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The dtype and shape of each output of thinbit_dequantize; the params' outputs are not looked at. */
THINBIT_API thinbit_status thinbit_dequantize_infer(const thinbit_dequantize_params *THINBIT_NULLABLE params,
                                                       thinbit_tensor_info *THINBIT_NULLABLE outputs,
                                                       thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* THINBIT_OK when the call is legal and this context's backend can do it. Nothing runs; values are not looked at. */
THINBIT_API thinbit_status thinbit_dequantize_supports(thinbit_context *THINBIT_NULLABLE context,
                                                          const thinbit_dequantize_params *THINBIT_NULLABLE params,
                                                          thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The arguments of thinbit_quantized_matmul. */
typedef struct thinbit_quantized_matmul_params {
  /* sizeof(thinbit_quantized_matmul_params). */
  uint64_t struct_size;
  /* The activations. [X..., M?, K]; float32, float16 or bfloat16. */
  const thinbit_tensor *x;
  /* The quantized weight: (N, K) when transposed, else (K, N). */
  const thinbit_quantized_tensor *w;
  /* Whether w is (N, K), and multiplied as its transpose; else it is (K, N). */
  int32_t transpose;
  /* Must be 0. */
  int32_t reserved;
  /* The product. [batch..., M?, N]; the dtype of x. */
  const thinbit_tensor *THINBIT_NULLABLE out;
} thinbit_quantized_matmul_params;
#define THINBIT_QUANTIZED_MATMUL_PARAMS_INIT \
  {sizeof(thinbit_quantized_matmul_params), 0, 0, 1, 0, 0}

/* The number of outputs of thinbit_quantized_matmul. */
#define THINBIT_QUANTIZED_MATMUL_OUTPUTS 1

/* Multiply a float matrix by a quantized one: x @ w^T, or x @ w. Sums are accumulated in float32
 * and rounded once to the dtype of x. Leading axes broadcast as in numpy's matmul; a one-
 * dimensional x is one row, and the result is one-dimensional. */
THINBIT_API thinbit_status thinbit_quantized_matmul(thinbit_context *THINBIT_NULLABLE context,
                                                 const thinbit_quantized_matmul_params *THINBIT_NULLABLE params,
                                                 thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The dtype and shape of each output of thinbit_quantized_matmul; the params' outputs are not looked at. */
THINBIT_API thinbit_status thinbit_quantized_matmul_infer(const thinbit_quantized_matmul_params *THINBIT_NULLABLE params,
                                                       thinbit_tensor_info *THINBIT_NULLABLE outputs,
                                                       thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* THINBIT_OK when the call is legal and this context's backend can do it. Nothing runs; values are not looked at. */
THINBIT_API thinbit_status thinbit_quantized_matmul_supports(thinbit_context *THINBIT_NULLABLE context,
                                                          const thinbit_quantized_matmul_params *THINBIT_NULLABLE params,
                                                          thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The arguments of thinbit_quantized_addmm. */
typedef struct thinbit_quantized_addmm_params {
  /* sizeof(thinbit_quantized_addmm_params). */
  uint64_t struct_size;
  /* What is added: a bias (N,), or anything that broadcasts to the result. Broadcastable(out);
   * float32, float16 or bfloat16. */
  const thinbit_tensor *c;
  /* The activations. [X..., M?, K]; float32, float16 or bfloat16. */
  const thinbit_tensor *x;
  /* The quantized weight: (N, K) when transposed, else (K, N). */
  const thinbit_quantized_tensor *w;
  /* Factor of the product. */
  float alpha;
  /* Factor of c. */
  float beta;
  /* Whether w is (N, K), and multiplied as its transpose; else it is (K, N). */
  int32_t transpose;
  /* Must be 0. */
  int32_t reserved;
  /* The sum. [batch..., M?, N]; the dtype of x. */
  const thinbit_tensor *THINBIT_NULLABLE out;
} thinbit_quantized_addmm_params;
#define THINBIT_QUANTIZED_ADDMM_PARAMS_INIT \
  {sizeof(thinbit_quantized_addmm_params), 0, 0, 0, 1.0f, 1.0f, 1, 0, 0}

/* The number of outputs of thinbit_quantized_addmm. */
#define THINBIT_QUANTIZED_ADDMM_OUTPUTS 1

/* A quantized product with a fused epilogue: beta * c + alpha * (x @ w^T). The sum is made in
 * float32, before the one rounding to the dtype of x. */
THINBIT_API thinbit_status thinbit_quantized_addmm(thinbit_context *THINBIT_NULLABLE context,
                                                 const thinbit_quantized_addmm_params *THINBIT_NULLABLE params,
                                                 thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The dtype and shape of each output of thinbit_quantized_addmm; the params' outputs are not looked at. */
THINBIT_API thinbit_status thinbit_quantized_addmm_infer(const thinbit_quantized_addmm_params *THINBIT_NULLABLE params,
                                                       thinbit_tensor_info *THINBIT_NULLABLE outputs,
                                                       thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* THINBIT_OK when the call is legal and this context's backend can do it. Nothing runs; values are not looked at. */
THINBIT_API thinbit_status thinbit_quantized_addmm_supports(thinbit_context *THINBIT_NULLABLE context,
                                                          const thinbit_quantized_addmm_params *THINBIT_NULLABLE params,
                                                          thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The arguments of thinbit_gather_qmm. */
typedef struct thinbit_gather_qmm_params {
  /* sizeof(thinbit_gather_qmm_params). */
  uint64_t struct_size;
  /* The activations. [X..., M?, K]; float32, float16 or bfloat16. */
  const thinbit_tensor *x;
  /* The quantized weights of the experts: (..., N, K) when transposed, else (..., K, N). */
  const thinbit_quantized_tensor *w;
  /* Which matrix of x: integers from 0; every one in order when not given. The indices' common
   * shape; int32, uint32 or int64; optional. */
  const thinbit_tensor *THINBIT_NULLABLE lhs_indices;
  /* Which matrix of w: integers from 0; every one in order when not given. The indices' common
   * shape; int32, uint32 or int64; optional. */
  const thinbit_tensor *THINBIT_NULLABLE rhs_indices;
  /* Whether the matrices of w are (N, K), and multiplied as their transposes; else they are (K, N). */
  int32_t transpose;
  /* A promise, which is checked, that the given indices ascend. */
  int32_t sorted_indices;
  /* The products. [batch..., M?, N]; the dtype of x. */
  const thinbit_tensor *THINBIT_NULLABLE out;
} thinbit_gather_qmm_params;
#define THINBIT_GATHER_QMM_PARAMS_INIT \
  {sizeof(thinbit_gather_qmm_params), 0, 0, 0, 0, 1, 0, 0}

/* The number of outputs of thinbit_gather_qmm. */
#define THINBIT_GATHER_QMM_OUTPUTS 1

/* Multiply matrices picked from x by quantized matrices picked from w, as a mixture of experts
 * does. An index counts the matrices of its operand, over all axes but the last two. The indices
 * broadcast together, and their shape is the batch shape of the result. A missing index picks every
 * matrix of its operand in order. */
THINBIT_API thinbit_status thinbit_gather_qmm(thinbit_context *THINBIT_NULLABLE context,
                                                 const thinbit_gather_qmm_params *THINBIT_NULLABLE params,
                                                 thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The dtype and shape of each output of thinbit_gather_qmm; the params' outputs are not looked at. */
THINBIT_API thinbit_status thinbit_gather_qmm_infer(const thinbit_gather_qmm_params *THINBIT_NULLABLE params,
                                                       thinbit_tensor_info *THINBIT_NULLABLE outputs,
                                                       thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* THINBIT_OK when the call is legal and this context's backend can do it. Nothing runs; values are not looked at. */
THINBIT_API thinbit_status thinbit_gather_qmm_supports(thinbit_context *THINBIT_NULLABLE context,
                                                          const thinbit_gather_qmm_params *THINBIT_NULLABLE params,
                                                          thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The arguments of thinbit_qqmm. */
typedef struct thinbit_qqmm_params {
  /* sizeof(thinbit_qqmm_params). */
  uint64_t struct_size;
  /* The activations, quantized by the call. [X..., M?, K]; float32, float16 or bfloat16. */
  const thinbit_tensor *x;
  /* The largest magnitude of x; there exactly when the weight's is. One element; float32; optional,
   * and only where the mode has a global scale. */
  const thinbit_tensor *THINBIT_NULLABLE global_scale_x;
  /* The weight (N, K): quantized, or float. */
  const thinbit_quantized_tensor *w;
  /* The product. [batch..., M?, N]; the dtype of x. */
  const thinbit_tensor *THINBIT_NULLABLE out;
} thinbit_qqmm_params;
#define THINBIT_QQMM_PARAMS_INIT \
  {sizeof(thinbit_qqmm_params), 0, 0, 0, 0}

/* The number of outputs of thinbit_qqmm. */
#define THINBIT_QQMM_OUTPUTS 1

/* Multiply with both sides quantized: x is quantized row by row with the mode and group size of w,
 * then x @ w^T. w is quantized already, or a float tensor that is quantized on the fly when no
 * scales are given. A row of x with NaN or infinity gives NaN in that row of the result, and
 * touches nothing else. */
THINBIT_API thinbit_status thinbit_qqmm(thinbit_context *THINBIT_NULLABLE context,
                                                 const thinbit_qqmm_params *THINBIT_NULLABLE params,
                                                 thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The dtype and shape of each output of thinbit_qqmm; the params' outputs are not looked at. */
THINBIT_API thinbit_status thinbit_qqmm_infer(const thinbit_qqmm_params *THINBIT_NULLABLE params,
                                                       thinbit_tensor_info *THINBIT_NULLABLE outputs,
                                                       thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* THINBIT_OK when the call is legal and this context's backend can do it. Nothing runs; values are not looked at. */
THINBIT_API thinbit_status thinbit_qqmm_supports(thinbit_context *THINBIT_NULLABLE context,
                                                          const thinbit_qqmm_params *THINBIT_NULLABLE params,
                                                          thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The arguments of thinbit_qqaddmm. */
typedef struct thinbit_qqaddmm_params {
  /* sizeof(thinbit_qqaddmm_params). */
  uint64_t struct_size;
  /* What is added: a bias (N,), or anything that broadcasts to the result. Broadcastable(out);
   * float32, float16 or bfloat16. */
  const thinbit_tensor *c;
  /* The activations, quantized by the call. [X..., M?, K]; float32, float16 or bfloat16. */
  const thinbit_tensor *x;
  /* The largest magnitude of x; there exactly when the weight's is. One element; float32; optional,
   * and only where the mode has a global scale. */
  const thinbit_tensor *THINBIT_NULLABLE global_scale_x;
  /* The weight (N, K): quantized, or float. */
  const thinbit_quantized_tensor *w;
  /* Factor of the product. */
  float alpha;
  /* Factor of c. */
  float beta;
  /* The sum. [batch..., M?, N]; the dtype of x. */
  const thinbit_tensor *THINBIT_NULLABLE out;
} thinbit_qqaddmm_params;
#define THINBIT_QQADDMM_PARAMS_INIT \
  {sizeof(thinbit_qqaddmm_params), 0, 0, 0, 0, 1.0f, 1.0f, 0}

/* The number of outputs of thinbit_qqaddmm. */
#define THINBIT_QQADDMM_OUTPUTS 1

/* Multiply with both sides quantized, and add: beta * c + alpha * (x @ w^T). The sum is made in
 * float32, before the one rounding to the dtype of x. */
THINBIT_API thinbit_status thinbit_qqaddmm(thinbit_context *THINBIT_NULLABLE context,
                                                 const thinbit_qqaddmm_params *THINBIT_NULLABLE params,
                                                 thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The dtype and shape of each output of thinbit_qqaddmm; the params' outputs are not looked at. */
THINBIT_API thinbit_status thinbit_qqaddmm_infer(const thinbit_qqaddmm_params *THINBIT_NULLABLE params,
                                                       thinbit_tensor_info *THINBIT_NULLABLE outputs,
                                                       thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* THINBIT_OK when the call is legal and this context's backend can do it. Nothing runs; values are not looked at. */
THINBIT_API thinbit_status thinbit_qqaddmm_supports(thinbit_context *THINBIT_NULLABLE context,
                                                          const thinbit_qqaddmm_params *THINBIT_NULLABLE params,
                                                          thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The arguments of thinbit_gather_qqmm. */
typedef struct thinbit_gather_qqmm_params {
  /* sizeof(thinbit_gather_qqmm_params). */
  uint64_t struct_size;
  /* The activations, quantized by the call. [X..., M?, K]; float32, float16 or bfloat16. */
  const thinbit_tensor *x;
  /* The largest magnitude of x; there exactly when the weight's is. One element; float32; optional,
   * and only where the mode has a global scale. */
  const thinbit_tensor *THINBIT_NULLABLE global_scale_x;
  /* The weights of the experts (..., N, K): quantized, or float. */
  const thinbit_quantized_tensor *w;
  /* Which matrix of x: integers from 0; every one in order when not given. The indices' common
   * shape; int32, uint32 or int64; optional. */
  const thinbit_tensor *THINBIT_NULLABLE lhs_indices;
  /* Which matrix of w: integers from 0; every one in order when not given. The indices' common
   * shape; int32, uint32 or int64; optional. */
  const thinbit_tensor *THINBIT_NULLABLE rhs_indices;
  /* A promise, which is checked, that the given indices ascend. */
  int32_t sorted_indices;
  /* Must be 0. */
  int32_t reserved;
  /* The products. [batch..., M?, N]; the dtype of x. */
  const thinbit_tensor *THINBIT_NULLABLE out;
} thinbit_gather_qqmm_params;
#define THINBIT_GATHER_QQMM_PARAMS_INIT \
  {sizeof(thinbit_gather_qqmm_params), 0, 0, 0, 0, 0, 0, 0, 0}

/* The number of outputs of thinbit_gather_qqmm. */
#define THINBIT_GATHER_QQMM_OUTPUTS 1

/* Multiply matrices picked from x by matrices picked from w, both sides quantized. Indices as in
 * gather_qmm, operands as in qqmm: x is quantized by the call, w is quantized already or a float
 * tensor. */
THINBIT_API thinbit_status thinbit_gather_qqmm(thinbit_context *THINBIT_NULLABLE context,
                                                 const thinbit_gather_qqmm_params *THINBIT_NULLABLE params,
                                                 thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The dtype and shape of each output of thinbit_gather_qqmm; the params' outputs are not looked at. */
THINBIT_API thinbit_status thinbit_gather_qqmm_infer(const thinbit_gather_qqmm_params *THINBIT_NULLABLE params,
                                                       thinbit_tensor_info *THINBIT_NULLABLE outputs,
                                                       thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* THINBIT_OK when the call is legal and this context's backend can do it. Nothing runs; values are not looked at. */
THINBIT_API thinbit_status thinbit_gather_qqmm_supports(thinbit_context *THINBIT_NULLABLE context,
                                                          const thinbit_gather_qqmm_params *THINBIT_NULLABLE params,
                                                          thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The arguments of thinbit_to_fp8. */
typedef struct thinbit_to_fp8_params {
  /* sizeof(thinbit_to_fp8_params). */
  uint64_t struct_size;
  /* The values. [S...]; float32, float16 or bfloat16. */
  const thinbit_tensor *x;
  /* The E4M3FN bytes. [S...]; uint8. */
  const thinbit_tensor *THINBIT_NULLABLE out;
} thinbit_to_fp8_params;
#define THINBIT_TO_FP8_PARAMS_INIT \
  {sizeof(thinbit_to_fp8_params), 0, 0}

/* The number of outputs of thinbit_to_fp8. */
#define THINBIT_TO_FP8_OUTPUTS 1

/* Round floats to E4M3FN bytes: half to even, saturating at 448; NaN gives 0x7F. */
THINBIT_API thinbit_status thinbit_to_fp8(thinbit_context *THINBIT_NULLABLE context,
                                                 const thinbit_to_fp8_params *THINBIT_NULLABLE params,
                                                 thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The dtype and shape of each output of thinbit_to_fp8; the params' outputs are not looked at. */
THINBIT_API thinbit_status thinbit_to_fp8_infer(const thinbit_to_fp8_params *THINBIT_NULLABLE params,
                                                       thinbit_tensor_info *THINBIT_NULLABLE outputs,
                                                       thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* THINBIT_OK when the call is legal and this context's backend can do it. Nothing runs; values are not looked at. */
THINBIT_API thinbit_status thinbit_to_fp8_supports(thinbit_context *THINBIT_NULLABLE context,
                                                          const thinbit_to_fp8_params *THINBIT_NULLABLE params,
                                                          thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The arguments of thinbit_from_fp8. */
typedef struct thinbit_from_fp8_params {
  /* sizeof(thinbit_from_fp8_params). */
  uint64_t struct_size;
  /* The E4M3FN bytes. [S...]; uint8. */
  const thinbit_tensor *x;
  /* The dtype of the result. */
  thinbit_dtype dtype;
  /* Must be 0. */
  int32_t reserved;
  /* The values. [S...]; dtype. */
  const thinbit_tensor *THINBIT_NULLABLE out;
} thinbit_from_fp8_params;
#define THINBIT_FROM_FP8_PARAMS_INIT \
  {sizeof(thinbit_from_fp8_params), 0, 0, 0, 0}

/* The number of outputs of thinbit_from_fp8. */
#define THINBIT_FROM_FP8_OUTPUTS 1

/* The exact values of E4M3FN bytes. */
THINBIT_API thinbit_status thinbit_from_fp8(thinbit_context *THINBIT_NULLABLE context,
                                                 const thinbit_from_fp8_params *THINBIT_NULLABLE params,
                                                 thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* The dtype and shape of each output of thinbit_from_fp8; the params' outputs are not looked at. */
THINBIT_API thinbit_status thinbit_from_fp8_infer(const thinbit_from_fp8_params *THINBIT_NULLABLE params,
                                                       thinbit_tensor_info *THINBIT_NULLABLE outputs,
                                                       thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

/* THINBIT_OK when the call is legal and this context's backend can do it. Nothing runs; values are not looked at. */
THINBIT_API thinbit_status thinbit_from_fp8_supports(thinbit_context *THINBIT_NULLABLE context,
                                                          const thinbit_from_fp8_params *THINBIT_NULLABLE params,
                                                          thinbit_error *THINBIT_NULLABLE error) THINBIT_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#pragma clang diagnostic pop
#endif

#endif
