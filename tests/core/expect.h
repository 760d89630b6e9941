#pragma once

#include <stdio.h>
#include <string.h>

#include "thinbit/thinbit.h"

/* Checks for test programs in C and C++. A test is a function without arguments; a program lists
 * its tests in main: RUN(test); ...; return REPORT(). */

static int failed_checks = 0;

#define EXPECT(condition)                                             \
  do {                                                                \
    if (!(condition)) {                                               \
      ++failed_checks;                                                \
      printf("%s:%d: expected %s\n", __FILE__, __LINE__, #condition); \
    }                                                                 \
  } while (0)

#define EXPECT_TEXT(got, expected)                                                               \
  do {                                                                                           \
    if (strcmp((got), (expected)) != 0) {                                                        \
      ++failed_checks;                                                                           \
      printf("%s:%d: %s is \"%s\", expected \"%s\"\n", __FILE__, __LINE__, #got, got, expected); \
    }                                                                                            \
  } while (0)

#define RUN(test)                                                            \
  do {                                                                       \
    const int before = failed_checks;                                        \
    test();                                                                  \
    printf("%s %s\n", failed_checks == before ? "passed" : "FAILED", #test); \
  } while (0)

#define REPORT() (failed_checks == 0 ? 0 : 1)

/* A row-major tensor in the host's memory. */
static inline thinbit_tensor tensor_of(void* data, uint8_t code, uint8_t bits, int32_t ndim,
                                       int64_t* shape) {
  thinbit_tensor tensor;
  memset(&tensor, 0, sizeof tensor);
  tensor.data = data;
  tensor.device.device_type = 1;
  tensor.ndim = ndim;
  tensor.dtype.code = code;
  tensor.dtype.bits = bits;
  tensor.dtype.lanes = 1;
  tensor.shape = shape;
  return tensor;
}

static inline thinbit_tensor float32_tensor(float* data, int32_t ndim, int64_t* shape) {
  return tensor_of(data, 2, 32, ndim, shape);
}

static inline thinbit_tensor uint8_tensor(uint8_t* data, int32_t ndim, int64_t* shape) {
  return tensor_of(data, 1, 8, ndim, shape);
}

static inline thinbit_tensor uint32_tensor(uint32_t* data, int32_t ndim, int64_t* shape) {
  return tensor_of(data, 1, 32, ndim, shape);
}
