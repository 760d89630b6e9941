/* What the library says that it uses, and why. */

#define _POSIX_C_SOURCE 200809L
#include <stddef.h>
#include <stdlib.h>

#include "expect.h"

static thinbit_error error = THINBIT_ERROR_INIT;

static thinbit_info ask(void) {
  thinbit_info info = THINBIT_INFO_INIT;
  EXPECT(thinbit_get_info(&info, &error) == THINBIT_OK);
  return info;
}

static void it_names_the_library(void) {
  const thinbit_info info = ask();
  EXPECT(info.struct_size == sizeof info);
  EXPECT_TEXT(info.version, THINBIT_VERSION);
  EXPECT(info.abi_version == THINBIT_ABI_VERSION);
  EXPECT_TEXT(info.schema_hash, thinbit_schema_hash());
  EXPECT_TEXT(info.backend, "cpu");
}

static void threads_have_a_number_and_a_source(void) {
  setenv("THINBIT_NUM_THREADS", "3", 1);
  EXPECT(ask().num_threads == 3);
  EXPECT_TEXT(ask().num_threads_reason, "THINBIT_NUM_THREADS");
  setenv("THINBIT_NUM_THREADS", "few", 1);
  EXPECT(ask().num_threads == 0);
  EXPECT(strstr(ask().num_threads_reason, "is \"few\", and must be") != NULL);
  unsetenv("THINBIT_NUM_THREADS");
  EXPECT(ask().num_threads >= 1);
  EXPECT(strncmp(ask().num_threads_reason, "the CPU", 7) == 0);
}

/* A level is chosen once, so these come first, in this order. */
static void a_level_that_is_none_is_explained_by_info_and_by_every_context(void) {
  thinbit_context* context = NULL;
  const char* expected = "THINBIT_CPU is avx1024, which is no level of this build: it has scalar";
  setenv("THINBIT_CPU", "avx1024", 1);
  EXPECT_TEXT(ask().cpu_level, "");
  EXPECT(strncmp(ask().cpu_level_reason, expected, strlen(expected)) == 0);
  EXPECT(ask().cpu_extensions[0] == NULL);
  EXPECT(thinbit_context_create(NULL, &context, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "context_create.backend.choice");
  EXPECT(strstr(error.message, expected) != NULL);
}

static void a_level_that_the_machine_runs_is_used(void) {
  setenv("THINBIT_CPU", "scalar", 1);
  const thinbit_info info = ask();
  EXPECT_TEXT(info.cpu_level, "scalar");
  EXPECT_TEXT(info.cpu_level_reason, "THINBIT_CPU");
  EXPECT_TEXT(info.cpu_levels[0], "scalar");
  EXPECT(info.cpu_extensions[0] == NULL);
  unsetenv("THINBIT_CPU");
  EXPECT_TEXT(ask().cpu_level_reason, "THINBIT_CPU"); /* it stays */
}

static void texts_stay_where_they_are(void) {
  const thinbit_info first = ask();
  const thinbit_info second = ask();
  EXPECT(first.cpu_level_reason == second.cpu_level_reason);
  EXPECT(first.cpu_levels == second.cpu_levels);
}

static void an_older_client_gets_the_fields_that_it_knows(void) {
  thinbit_info info = THINBIT_INFO_INIT;
  memset(&info, 1, sizeof info);
  info.struct_size = offsetof(thinbit_info, abi_version);
  EXPECT(thinbit_get_info(&info, &error) == THINBIT_OK);
  EXPECT(info.struct_size == offsetof(thinbit_info, abi_version));
  EXPECT_TEXT(info.version, THINBIT_VERSION);
  EXPECT(info.abi_version == 0x0101010101010101);
}

static void a_newer_client_keeps_what_this_library_does_not_know(void) {
  struct {
    thinbit_info known;
    const char* unknown;
  } newer = {THINBIT_INFO_INIT, "set by the client"};
  newer.known.struct_size = sizeof newer;
  EXPECT(thinbit_get_info(&newer.known, &error) == THINBIT_OK);
  EXPECT(newer.known.struct_size == sizeof newer);
  EXPECT_TEXT(newer.known.version, THINBIT_VERSION);
  EXPECT_TEXT(newer.unknown, "set by the client");
}

static void a_struct_that_is_none_is_refused(void) {
  thinbit_info info = THINBIT_INFO_INIT;
  EXPECT(thinbit_get_info(NULL, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "get_info.info.required");
  info.struct_size = 12;
  EXPECT(thinbit_get_info(&info, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "get_info.info.struct_size");
  EXPECT(info.version == NULL);
}

int main(void) {
  RUN(a_level_that_is_none_is_explained_by_info_and_by_every_context);
  RUN(a_level_that_the_machine_runs_is_used);
  RUN(it_names_the_library);
  RUN(threads_have_a_number_and_a_source);
  RUN(texts_stay_where_they_are);
  RUN(an_older_client_gets_the_fields_that_it_knows);
  RUN(a_newer_client_keeps_what_this_library_does_not_know);
  RUN(a_struct_that_is_none_is_refused);
  return REPORT();
}
