// The time of thinbit's C function itself, for a trivial matrix: what a binding's call is compared
// with.
#include <stdint.h>
#include <time.h>

#include "thinbit/thinbit.h"

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Seconds of `calls` affine products, x float32 (1, k), weight (n, k) of 4 bits; -1 where a call
// fails.
double bench_calls(float* x, uint32_t* packed, float* scales, float* biases, float* out, int64_t n,
                   int64_t k, int64_t calls) {
  const thinbit_dlpack_type f32 = {2, 32, 1}, u32 = {1, 32, 1};
  const thinbit_device cpu = {1, 0};
  int64_t x_shape[] = {1, k}, packed_shape[] = {n, k / 8}, group_shape[] = {n, k / 64},
          out_shape[] = {1, n};
  const thinbit_tensor tx = {.data = x, .device = cpu, .ndim = 2, .dtype = f32, .shape = x_shape};
  const thinbit_tensor tw = {
      .data = packed, .device = cpu, .ndim = 2, .dtype = u32, .shape = packed_shape};
  const thinbit_tensor ts = {
      .data = scales, .device = cpu, .ndim = 2, .dtype = f32, .shape = group_shape};
  const thinbit_tensor tb = {
      .data = biases, .device = cpu, .ndim = 2, .dtype = f32, .shape = group_shape};
  const thinbit_tensor to = {
      .data = out, .device = cpu, .ndim = 2, .dtype = f32, .shape = out_shape};
  const thinbit_quantized_tensor w = {.struct_size = sizeof w,
                                      .packed = &tw,
                                      .scales = &ts,
                                      .biases = &tb,
                                      .mode = THINBIT_MODE_AFFINE,
                                      .group_size = 64,
                                      .bits = 4};
  const thinbit_quantized_matmul_params params = {
      .struct_size = sizeof params, .x = &tx, .w = &w, .transpose = 1, .out = &to};
  thinbit_context* context = NULL;
  if (thinbit_context_create(NULL, &context, NULL) != THINBIT_OK) return -1;
  thinbit_status status = THINBIT_OK;
  const double start = now();
  for (int64_t i = 0; i < calls && status == THINBIT_OK; ++i) {
    status = thinbit_quantized_matmul(context, &params, NULL);
  }
  const double seconds = now() - start;
  thinbit_context_destroy(context);
  return status == THINBIT_OK ? seconds : -1;
}
