/* The caller's error: of any size, or none. */

#include <stddef.h>
#include <stdlib.h>

#include "expect.h"

/* A call that fails with a known error. */
static thinbit_status fail(thinbit_error* error) { return thinbit_context_sync(NULL, error); }

static void an_error_names_op_argument_and_rule(void) {
  thinbit_error error = THINBIT_ERROR_INIT;
  EXPECT(fail(&error) == THINBIT_INVALID_ARGUMENT);
  EXPECT(error.status == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.op, "context_sync");
  EXPECT_TEXT(error.argument, "context");
  EXPECT_TEXT(error.rule, "context_sync.context.required");
  EXPECT(strncmp(error.message, "context_sync: context is NULL", 29) == 0);
}

static void no_error_is_needed(void) { EXPECT(fail(NULL) == THINBIT_INVALID_ARGUMENT); }

static void a_success_clears_the_error(void) {
  thinbit_error error = THINBIT_ERROR_INIT;
  thinbit_context* context = NULL;
  fail(&error);
  EXPECT(thinbit_context_create(NULL, &context, &error) == THINBIT_OK);
  EXPECT(error.status == THINBIT_OK);
  EXPECT_TEXT(error.rule, "");
  EXPECT_TEXT(error.message, "");
  fail(&error);
  EXPECT(thinbit_context_sync(context, &error) == THINBIT_OK);
  EXPECT(error.status == THINBIT_OK);
  thinbit_context_destroy(context);
}

/* Every size: nothing is written beyond it, and what is there is a text. */
static void a_shorter_error_is_filled_as_far_as_it_goes(void) {
  const size_t message_at = offsetof(thinbit_error, message);
  for (size_t size = 8; size <= sizeof(thinbit_error); ++size) {
    unsigned char* memory = (unsigned char*)malloc(size);
    thinbit_error* error = (thinbit_error*)memory;
    const uint64_t stated = size;
    memset(memory, 0xA5, size);
    memcpy(memory, &stated, sizeof stated);
    fail(error);
    EXPECT(memcmp(memory, &stated, sizeof stated) == 0);
    if (size >= 12) EXPECT(error->status == THINBIT_INVALID_ARGUMENT);
    if (size > message_at) {
      EXPECT(memchr(memory + message_at, 0, size - message_at) != NULL);
      EXPECT_TEXT(error->rule, "context_sync.context.required");
    }
    free(memory);
  }
}

static void an_error_of_no_size_is_left_alone(void) {
  thinbit_error error;
  thinbit_error before;
  memset(&error, 0xA5, sizeof error);
  error.struct_size = 0;
  before = error;
  fail(&error);
  EXPECT(memcmp(&error, &before, sizeof error) == 0);
}

static void a_longer_error_keeps_its_tail(void) {
  struct {
    thinbit_error known;
    unsigned char appended[64];
  } error;
  memset(&error, 0xA5, sizeof error);
  error.known.struct_size = sizeof error;
  fail(&error.known);
  EXPECT_TEXT(error.known.rule, "context_sync.context.required");
  for (size_t i = 0; i < sizeof error.appended; ++i) EXPECT(error.appended[i] == 0xA5);
}

static void statuses_have_names(void) {
  EXPECT_TEXT(thinbit_status_name(THINBIT_OK), "ok");
  EXPECT_TEXT(thinbit_status_name(THINBIT_OUT_OF_MEMORY), "out_of_memory");
  EXPECT_TEXT(thinbit_status_name(-1), "unknown");
  EXPECT_TEXT(thinbit_status_name(1000), "unknown");
}

static void the_library_says_what_it_is(void) {
  EXPECT(thinbit_abi_version() == THINBIT_ABI_VERSION);
  EXPECT(strlen(thinbit_schema_hash()) == 64);
}

int main(void) {
  RUN(an_error_names_op_argument_and_rule);
  RUN(no_error_is_needed);
  RUN(a_success_clears_the_error);
  RUN(a_shorter_error_is_filled_as_far_as_it_goes);
  RUN(an_error_of_no_size_is_left_alone);
  RUN(a_longer_error_keeps_its_tail);
  RUN(statuses_have_names);
  RUN(the_library_says_what_it_is);
  return REPORT();
}
