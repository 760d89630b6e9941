/* generated from codegen/schema/thinbit.yaml: do not edit */
typedef struct thinbit_context thinbit_context;
typedef struct thinbit_comm thinbit_comm;

typedef struct thinbit_device {
  int32_t device_type;
  int32_t device_id;
} thinbit_device;

typedef struct thinbit_dlpack_type {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
} thinbit_dlpack_type;

typedef struct thinbit_tensor {
  void *data;
  thinbit_device device;
  int32_t ndim;
  thinbit_dlpack_type dtype;
  int64_t *shape;
  int64_t *strides;
  uint64_t byte_offset;
} thinbit_tensor;

typedef struct thinbit_tensor_info {
  int32_t dtype;
  int32_t ndim;
  int64_t shape[8];
} thinbit_tensor_info;

typedef struct thinbit_error {
  uint64_t struct_size;
  int32_t status;
  int32_t reserved;
  char op[32];
  char argument[32];
  char rule[64];
  char message[512];
} thinbit_error;

typedef struct thinbit_context_options {
  uint64_t struct_size;
  int32_t backend;
  int32_t device_id;
  void *stream;
  int32_t num_threads;
  int32_t reserved;
} thinbit_context_options;

typedef struct thinbit_comm_options {
  uint64_t struct_size;
  const char *library;
  const char *folder;
} thinbit_comm_options;

typedef struct thinbit_info {
  uint64_t struct_size;
  const char *version;
  int64_t abi_version;
  const char *schema_hash;
  const char *backend;
  const char *cpu_level;
  const char *cpu_level_reason;
  const char *const *cpu_levels;
  const char *const *cpu_levels_missing;
  const char *const *cpu_extensions;
  int64_t num_threads;
  const char *num_threads_reason;
} thinbit_info;

int32_t thinbit_context_create(const thinbit_context_options *options, thinbit_context **context, thinbit_error *error);
void thinbit_context_destroy(thinbit_context *context);
int32_t thinbit_context_sync(thinbit_context *context, thinbit_error *error);
int32_t thinbit_comm_init(const thinbit_comm_options *options, thinbit_comm **comm, thinbit_error *error);
int32_t thinbit_comm_rank(const thinbit_comm *comm);
int32_t thinbit_comm_size(const thinbit_comm *comm);
int32_t thinbit_comm_barrier(thinbit_comm *comm, thinbit_error *error);
void thinbit_comm_free(thinbit_comm *comm);
uint32_t thinbit_abi_version(void);
const char *thinbit_schema_hash(void);
int32_t thinbit_get_info(thinbit_info *info, thinbit_error *error);

extern const int64_t thinbit_python_layout[140];

int32_t thinbit_python_quantize(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, thinbit_error *error);
int32_t thinbit_python_dequantize(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, int32_t arg_dtype, thinbit_error *error);
int32_t thinbit_python_quantized_matmul(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_transpose, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, thinbit_error *error);
int32_t thinbit_python_quantized_addmm(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_transpose, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, float arg_alpha, float arg_beta, thinbit_error *error);
int32_t thinbit_python_gather_qmm(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_transpose, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, int32_t arg_sorted_indices, thinbit_error *error);
int32_t thinbit_python_qqmm(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, thinbit_error *error);
int32_t thinbit_python_qqaddmm(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, float arg_alpha, float arg_beta, thinbit_error *error);
int32_t thinbit_python_gather_qqmm(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_group_size, int32_t arg_bits, int32_t arg_mode, int32_t arg_sorted_indices, thinbit_error *error);
int32_t thinbit_python_to_fp8(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, thinbit_error *error);
int32_t thinbit_python_from_fp8(thinbit_context *context, thinbit_tensor_info *outputs, const uintptr_t *capsules,
    const int32_t *dtypes, int32_t arg_dtype, thinbit_error *error);
int32_t thinbit_python_comm_all_sum(thinbit_comm *comm, const uintptr_t *capsules, const int32_t *dtypes, thinbit_error *error);
int32_t thinbit_python_comm_all_gather(thinbit_comm *comm, const uintptr_t *capsules, const int32_t *dtypes, thinbit_error *error);
