/* What a context can be made of, and what is refused. */

#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>

#include "expect.h"

static thinbit_error error;

static thinbit_status create(thinbit_context_options options) {
  thinbit_context* context = (thinbit_context*)&error; /* not to survive a failure */
  const thinbit_status status = thinbit_context_create(&options, &context, &error);
  if (status != THINBIT_OK) EXPECT(context == NULL);
  if (status == THINBIT_OK) thinbit_context_destroy(context);
  return status;
}

static const thinbit_context_options defaults = THINBIT_CONTEXT_OPTIONS_INIT;

static void defaults_make_a_cpu_context(void) {
  thinbit_context* context = NULL;
  EXPECT(create(defaults) == THINBIT_OK);
  EXPECT(thinbit_context_create(NULL, &context, NULL) == THINBIT_OK);
  EXPECT(thinbit_context_sync(context, NULL) == THINBIT_OK);
  thinbit_context_destroy(context);
  thinbit_context_destroy(NULL);
}

static void a_place_for_the_context_is_required(void) {
  EXPECT(thinbit_context_create(NULL, NULL, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "context_create.context.required");
}

static void a_backend_that_is_not_there_says_why(void) {
  thinbit_context_options options = defaults;
  options.backend = THINBIT_BACKEND_CPU;
  EXPECT(create(options) == THINBIT_OK);
  options.backend = THINBIT_BACKEND_CUDA;
  EXPECT(create(options) == THINBIT_UNSUPPORTED);
  EXPECT_TEXT(error.rule, "context_create.backend.unsupported");
  EXPECT(strstr(error.message, "CUDA") != NULL);
  options.backend = THINBIT_BACKEND_METAL;
  EXPECT(create(options) == THINBIT_UNSUPPORTED);
  EXPECT(strstr(error.message, "Metal") != NULL);
  options.backend = 99;
  EXPECT(create(options) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "context_create.backend.choice");
  EXPECT(strstr(error.message, "cpu (1), cuda (2), metal (3)") != NULL);
}

static void the_cpu_has_one_device_and_no_stream(void) {
  thinbit_context_options options = defaults;
  options.device_id = 1;
  EXPECT(create(options) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "context_create.device_id.range");
  options = defaults;
  options.stream = &error;
  EXPECT(create(options) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "context_create.stream.forbidden");
}

static void reserved_is_zero(void) {
  thinbit_context_options options = defaults;
  options.reserved = 1;
  EXPECT(create(options) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "context_create.reserved.reserved");
}

static void the_number_of_threads_is_checked(void) {
  thinbit_context_options options = defaults;
  options.num_threads = 3;
  EXPECT(create(options) == THINBIT_OK);
  options.num_threads = -1;
  EXPECT(create(options) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "context_create.num_threads.range");
  options.num_threads = 1000000;
  EXPECT(create(options) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "context_create.num_threads.range");
}

static void a_bad_environment_is_an_error_and_not_ignored(void) {
  static const char* const bad[] = {"0", "-2", "four", "2x", " 2", "1e3", "99999999999999999999"};
  thinbit_context_options options = defaults;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    setenv("THINBIT_NUM_THREADS", bad[i], 1);
    EXPECT(create(defaults) == THINBIT_INVALID_ARGUMENT);
    EXPECT_TEXT(error.rule, "context_create.num_threads.range");
    EXPECT(strstr(error.message, "THINBIT_NUM_THREADS") != NULL);
    EXPECT(strstr(error.message, bad[i]) != NULL);
  }
  options.num_threads = 2; /* the environment is not asked */
  EXPECT(create(options) == THINBIT_OK);
  setenv("THINBIT_NUM_THREADS", "3", 1);
  EXPECT(create(defaults) == THINBIT_OK);
  setenv("THINBIT_NUM_THREADS", "", 1);
  EXPECT(create(defaults) == THINBIT_OK);
  unsetenv("THINBIT_NUM_THREADS");
}

static void a_strange_environment_is_shown_safely(void) {
  setenv("THINBIT_NUM_THREADS", "%s%n\x1b[31m\xff and so on and so on and so on", 1);
  EXPECT(create(defaults) == THINBIT_INVALID_ARGUMENT);
  EXPECT(strstr(error.message, "\"%s%n?[31m? and so on and...\"") != NULL);
  unsetenv("THINBIT_NUM_THREADS");
}

int main(void) {
  memset(&error, 0, sizeof error);
  error.struct_size = sizeof error;
  unsetenv("THINBIT_NUM_THREADS");
  RUN(defaults_make_a_cpu_context);
  RUN(a_place_for_the_context_is_required);
  RUN(a_backend_that_is_not_there_says_why);
  RUN(the_cpu_has_one_device_and_no_stream);
  RUN(reserved_is_zero);
  RUN(the_number_of_threads_is_checked);
  RUN(a_bad_environment_is_an_error_and_not_ignored);
  RUN(a_strange_environment_is_shown_safely);
  return REPORT();
}
