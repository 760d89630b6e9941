// What a GPU fails at: the call says so, and so does the context's next sync, through the C ABI.

#include <cstring>

#include "../core/expect.h"

extern "C" void metal_emulation_fail_next(const char* reason, int count);

namespace {

thinbit_context* metal_context() {
  thinbit_context_options options = THINBIT_CONTEXT_OPTIONS_INIT;
  options.backend = THINBIT_BACKEND_METAL;
  thinbit_context* context = nullptr;
  EXPECT(thinbit_context_create(&options, &context, nullptr) == THINBIT_OK);
  return context;
}

// to_fp8 of 1, whose byte is 0x38.
thinbit_status one_to_fp8(thinbit_context* context, uint8_t& byte, thinbit_error& error) {
  float one = 1.0f;
  int64_t shape[] = {1};
  const thinbit_tensor x = float32_tensor(&one, 1, shape);
  const thinbit_tensor out = uint8_tensor(&byte, 1, shape);
  thinbit_to_fp8_params params = THINBIT_TO_FP8_PARAMS_INIT;
  params.x = &x;
  params.out = &out;
  return thinbit_to_fp8(context, &params, &error);
}

void a_failure_is_the_error_of_its_call_and_of_the_next_sync() {
  thinbit_context* const context = metal_context();
  thinbit_error error = THINBIT_ERROR_INIT;
  uint8_t byte = 7;
  EXPECT(thinbit_context_sync(context, &error) == THINBIT_OK);  // nothing was ever done
  metal_emulation_fail_next("the GPU was reset", 1);
  EXPECT(one_to_fp8(context, byte, error) == THINBIT_DEVICE);
  EXPECT_TEXT(error.rule, "to_fp8.device");
  EXPECT(std::strstr(error.message, "the GPU was reset") != nullptr);
  EXPECT(byte == 7);

  // Calls that succeed in between do not hide it, and the first of two failures is the one told.
  EXPECT(one_to_fp8(context, byte, error) == THINBIT_OK);
  EXPECT(byte == 0x38);
  metal_emulation_fail_next("another failure", 1);
  EXPECT(one_to_fp8(context, byte, error) == THINBIT_DEVICE);
  EXPECT(thinbit_context_sync(context, &error) == THINBIT_DEVICE);
  EXPECT_TEXT(error.op, "context_sync");
  EXPECT(std::strstr(error.message, "the GPU was reset") != nullptr);
  EXPECT(thinbit_context_sync(context, &error) == THINBIT_OK);
  thinbit_context_destroy(context);
}

void a_failure_stays_with_its_context() {
  thinbit_context* const failing = metal_context();
  thinbit_context* const other = metal_context();
  thinbit_error error = THINBIT_ERROR_INIT;
  uint8_t byte = 0;
  EXPECT(one_to_fp8(other, byte, error) == THINBIT_OK);
  metal_emulation_fail_next("the GPU was reset", 1);
  EXPECT(one_to_fp8(failing, byte, error) == THINBIT_DEVICE);
  EXPECT(thinbit_context_sync(other, &error) == THINBIT_OK);
  EXPECT(thinbit_context_sync(failing, &error) == THINBIT_DEVICE);
  thinbit_context_destroy(failing);
  thinbit_context_destroy(other);
}

}  // namespace

int main() {
  RUN(a_failure_is_the_error_of_its_call_and_of_the_next_sync);
  RUN(a_failure_stays_with_its_context);
  return REPORT();
}
