/* Tensor structs that are not well formed: each is an error of the tensor, with the rule's name. */

#include "expect.h"

static float values[64];
static uint8_t bytes[64];
static int64_t shape[9] = {2, 32, 1, 1, 1, 1, 1, 1, 1};
static int64_t strides[2] = {32, 1};
static thinbit_tensor x, out;
static thinbit_context* context = NULL;
static thinbit_error error;

static void start(void) {
  shape[0] = 2;
  shape[1] = 32;
  strides[0] = 32;
  x = float32_tensor(values, 2, shape);
  out = uint8_tensor(bytes, 2, shape);
}

static thinbit_status call(void) {
  thinbit_to_fp8_params params = THINBIT_TO_FP8_PARAMS_INIT;
  params.x = &x;
  params.out = &out;
  return thinbit_to_fp8(context, &params, &error);
}

static void expect_rule(const char* rule) {
  EXPECT(call() == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, rule);
  start();
}

static void a_sound_tensor_is_taken(void) {
  start();
  EXPECT(call() == THINBIT_OK);
}

static void an_element_has_one_lane(void) {
  x.dtype.lanes = 2;
  expect_rule("to_fp8.x.layout");
  out.dtype.lanes = 0;
  expect_rule("to_fp8.out.layout");
}

static void a_tensor_has_zero_to_eight_axes(void) {
  x.ndim = -1;
  expect_rule("to_fp8.x.layout");
  x.ndim = 9;
  expect_rule("to_fp8.x.layout");
  x.shape = NULL;
  expect_rule("to_fp8.x.layout");
}

static void sizes_are_not_negative_and_have_a_limit(void) {
  shape[1] = -32;
  expect_rule("to_fp8.x.layout");
  shape[1] = INT64_MAX;
  expect_rule("to_fp8.x.layout");
  shape[0] = shape[1] = (int64_t)1 << 32; /* their product is 2^64, or 0 */
  expect_rule("to_fp8.x.layout");
}

static void strides_stay_in_the_address_space(void) {
  x.strides = strides;
  strides[0] = INT64_MIN;
  expect_rule("to_fp8.x.layout");
  x.strides = strides;
  strides[0] = INT64_MAX / 4;
  expect_rule("to_fp8.x.layout");
}

static void elements_have_memory_and_alignment(void) {
  x.data = NULL;
  expect_rule("to_fp8.x.layout");
  x.byte_offset = 2;
  expect_rule("to_fp8.x.layout");
}

static void a_tensor_lies_on_the_device_of_the_context(void) {
  x.device.device_type = 2;
  expect_rule("to_fp8.x.device");
  x.device.device_id = 1;
  expect_rule("to_fp8.x.device");
  out.device.device_id = -1;
  expect_rule("to_fp8.out.device");
}

static void an_unknown_type_is_a_wrong_dtype(void) {
  x.dtype.code = 255;
  expect_rule("to_fp8.x.dtype");
  x.dtype.bits = 64;
  expect_rule("to_fp8.x.dtype");
}

int main(void) {
  memset(&error, 0, sizeof error);
  error.struct_size = sizeof error;
  EXPECT(thinbit_context_create(NULL, &context, &error) == THINBIT_OK);
  RUN(a_sound_tensor_is_taken);
  RUN(an_element_has_one_lane);
  RUN(a_tensor_has_zero_to_eight_axes);
  RUN(sizes_are_not_negative_and_have_a_limit);
  RUN(strides_stay_in_the_address_space);
  RUN(elements_have_memory_and_alignment);
  RUN(a_tensor_lies_on_the_device_of_the_context);
  RUN(an_unknown_type_is_a_wrong_dtype);
  thinbit_context_destroy(context);
  return REPORT();
}
