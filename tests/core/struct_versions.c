/* Clients that were compiled against an older or a newer header. */

#include <stddef.h>
#include <stdlib.h>

#include "expect.h"

#define ROWS 2
#define COLUMNS 64
#define GROUPS 2

/* A weight in mxfp4, quantized by the library. */
static float weights[ROWS * COLUMNS];
static uint32_t words[ROWS * COLUMNS / 8];
static uint8_t scale_bytes[ROWS * GROUPS];
static int64_t weight_shape[2] = {ROWS, COLUMNS};
static int64_t word_shape[2] = {ROWS, COLUMNS / 8};
static int64_t scale_shape[2] = {ROWS, GROUPS};
static thinbit_tensor w, wq, scales;
static thinbit_context* context = NULL;

static thinbit_quantize_params quantize_call(void) {
  thinbit_quantize_params params = THINBIT_QUANTIZE_PARAMS_INIT;
  params.w = &w;
  params.mode = THINBIT_MODE_MXFP4;
  params.wq = &wq;
  params.scales = &scales;
  return params;
}

/* A copy in memory that ends where the struct ends, so that a sanitizer sees a read beyond it. */
static void* exact_copy(const void* from, size_t size) {
  void* copy = malloc(size);
  memcpy(copy, from, size);
  return copy;
}

static void an_older_client_passes_shorter_params(void) {
  thinbit_error error = THINBIT_ERROR_INIT;
  thinbit_quantize_params params = quantize_call();
  const size_t size = offsetof(thinbit_quantize_params, biases);
  params.struct_size = size;
  params.biases = (const thinbit_tensor*)&params; /* beyond the struct: not to be looked at */
  thinbit_quantize_params* older = (thinbit_quantize_params*)exact_copy(&params, size);
  EXPECT(thinbit_quantize(context, older, &error) == THINBIT_OK);
  EXPECT(words[0] != 0);
  free(older);
}

static void an_older_client_passes_a_shorter_record(void) {
  thinbit_error error = THINBIT_ERROR_INIT;
  float values[ROWS * COLUMNS] = {0};
  thinbit_tensor out = float32_tensor(values, 2, weight_shape);
  thinbit_quantized_tensor record = THINBIT_QUANTIZED_TENSOR_INIT;
  thinbit_dequantize_params params = THINBIT_DEQUANTIZE_PARAMS_INIT;
  const size_t size = offsetof(thinbit_quantized_tensor, prepared);
  record.struct_size = size;
  record.packed = &wq;
  record.scales = &scales;
  record.mode = THINBIT_MODE_MXFP4;
  thinbit_quantized_tensor* older = (thinbit_quantized_tensor*)exact_copy(&record, size);
  params.w = older;
  params.out = &out;
  EXPECT(thinbit_dequantize(context, &params, &error) == THINBIT_OK);
  EXPECT(values[1] == 0.5f && values[ROWS * COLUMNS - 1] == weights[ROWS * COLUMNS - 1]);
  free(older);
}

static void an_older_client_passes_shorter_options(void) {
  thinbit_error error = THINBIT_ERROR_INIT;
  thinbit_context* made = NULL;
  thinbit_context_options options = THINBIT_CONTEXT_OPTIONS_INIT;
  const size_t size = offsetof(thinbit_context_options, num_threads);
  options.struct_size = size;
  thinbit_context_options* older = (thinbit_context_options*)exact_copy(&options, size);
  EXPECT(thinbit_context_create(older, &made, &error) == THINBIT_OK);
  thinbit_context_destroy(made);
  free(older);
}

typedef struct newer_params {
  thinbit_quantize_params known;
  uint64_t appended[2];
} newer_params;

static void a_newer_client_leaves_its_tail_zero(void) {
  thinbit_error error = THINBIT_ERROR_INIT;
  newer_params params;
  memset(&params, 0, sizeof params);
  params.known = quantize_call();
  params.known.struct_size = sizeof params;
  EXPECT(thinbit_quantize(context, &params.known, &error) == THINBIT_OK);
}

static void a_newer_client_sets_what_is_not_known(void) {
  thinbit_error error = THINBIT_ERROR_INIT;
  newer_params params;
  memset(&params, 0, sizeof params);
  params.known = quantize_call();
  params.known.struct_size = sizeof params;
  params.appended[1] = 1;
  EXPECT(thinbit_quantize(context, &params.known, &error) == THINBIT_UNSUPPORTED);
  EXPECT(error.status == THINBIT_UNSUPPORTED);
  EXPECT_TEXT(error.rule, "quantize.params.tail");
  EXPECT_TEXT(error.argument, "params");
}

static void a_newer_record_with_a_set_tail_is_unsupported(void) {
  struct {
    thinbit_quantized_tensor known;
    uint64_t appended;
  } record;
  thinbit_error error = THINBIT_ERROR_INIT;
  thinbit_tensor_info info[THINBIT_DEQUANTIZE_OUTPUTS];
  thinbit_dequantize_params params = THINBIT_DEQUANTIZE_PARAMS_INIT;
  memset(&record, 0, sizeof record);
  record.known.struct_size = sizeof record;
  record.known.packed = &wq;
  record.known.scales = &scales;
  record.known.mode = THINBIT_MODE_MXFP4;
  params.w = &record.known;
  EXPECT(thinbit_dequantize_infer(&params, info, &error) == THINBIT_OK);
  record.appended = 1;
  EXPECT(thinbit_dequantize_infer(&params, info, &error) == THINBIT_UNSUPPORTED);
  EXPECT_TEXT(error.rule, "dequantize.w.tail");
}

static void newer_options_with_a_set_tail_are_unsupported(void) {
  struct {
    thinbit_context_options known;
    uint64_t appended;
  } options;
  thinbit_error error = THINBIT_ERROR_INIT;
  thinbit_context* made = NULL;
  memset(&options, 0, sizeof options);
  options.known.struct_size = sizeof options;
  EXPECT(thinbit_context_create(&options.known, &made, &error) == THINBIT_OK);
  thinbit_context_destroy(made);
  options.appended = 1;
  EXPECT(thinbit_context_create(&options.known, &made, &error) == THINBIT_UNSUPPORTED);
  EXPECT_TEXT(error.rule, "context_create.options.tail");
  EXPECT(made == NULL);
}

static void a_struct_without_a_size_is_refused(void) {
  thinbit_error error = THINBIT_ERROR_INIT;
  thinbit_quantize_params params = quantize_call();
  params.struct_size = 0;
  EXPECT(thinbit_quantize(context, &params, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "quantize.params.struct_size");
  params.struct_size = sizeof params - 1;
  EXPECT(thinbit_quantize(context, &params, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "quantize.params.struct_size");
}

static void what_is_missing_is_named(void) {
  thinbit_error error = THINBIT_ERROR_INIT;
  thinbit_tensor_info infos[THINBIT_QUANTIZE_OUTPUTS];
  thinbit_quantize_params params = quantize_call();
  EXPECT(thinbit_quantize(context, NULL, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "quantize.params.required");
  EXPECT(thinbit_quantize_infer(NULL, infos, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "quantize.params.required");
  EXPECT(thinbit_quantize(NULL, &params, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "quantize.context.required");
  EXPECT(thinbit_quantize_supports(NULL, &params, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "quantize.context.required");
  params.w = NULL;
  EXPECT(thinbit_quantize(context, &params, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "quantize.w.required");
  params = quantize_call();
  params.scales = NULL;
  EXPECT(thinbit_quantize(context, &params, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "quantize.scales.required");
}

static void reserved_fields_are_zero(void) {
  thinbit_error error = THINBIT_ERROR_INIT;
  thinbit_quantize_params params = quantize_call();
  params.reserved = 7;
  EXPECT(thinbit_quantize(context, &params, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "quantize.reserved.reserved");
}

static void init_macros_carry_the_schemas_defaults(void) {
  thinbit_quantized_addmm_params addmm = THINBIT_QUANTIZED_ADDMM_PARAMS_INIT;
  thinbit_gather_qmm_params gather = THINBIT_GATHER_QMM_PARAMS_INIT;
  thinbit_error error = THINBIT_ERROR_INIT;
  EXPECT(addmm.struct_size == sizeof addmm);
  EXPECT(addmm.transpose == 1 && addmm.alpha == 1.0f && addmm.beta == 1.0f);
  EXPECT(addmm.c == NULL && addmm.x == NULL && addmm.w == NULL && addmm.out == NULL);
  EXPECT(gather.struct_size == sizeof gather);
  EXPECT(gather.transpose == 1 && gather.sorted_indices == 0);
  EXPECT(error.struct_size == sizeof error && error.status == THINBIT_OK && error.message[0] == 0);
}

int main(void) {
  for (int i = 0; i < ROWS * COLUMNS; ++i) weights[i] = (float)(i % 4) * 0.5f;
  w = float32_tensor(weights, 2, weight_shape);
  wq = uint32_tensor(words, 2, word_shape);
  scales = uint8_tensor(scale_bytes, 2, scale_shape);
  EXPECT(thinbit_context_create(NULL, &context, NULL) == THINBIT_OK);
  RUN(an_older_client_passes_shorter_params);
  RUN(an_older_client_passes_a_shorter_record);
  RUN(an_older_client_passes_shorter_options);
  RUN(a_newer_client_leaves_its_tail_zero);
  RUN(a_newer_client_sets_what_is_not_known);
  RUN(a_newer_record_with_a_set_tail_is_unsupported);
  RUN(newer_options_with_a_set_tail_are_unsupported);
  RUN(a_struct_without_a_size_is_refused);
  RUN(what_is_missing_is_named);
  RUN(reserved_fields_are_zero);
  RUN(init_macros_carry_the_schemas_defaults);
  thinbit_context_destroy(context);
  return REPORT();
}
