// Contexts in threads, in forked children and with several numbers of threads: the same bytes each
// time.

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>
#include <vector>

#include "expect.h"

namespace {

constexpr int64_t kRows = 96;
constexpr int64_t kColumns = 512;
constexpr int64_t kGroupSize = 64;
constexpr int64_t kBatch = 17;

std::vector<float> numbers(int64_t count, uint32_t seed) {
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(seed >> 8) / 8388608.0f - 1.0f;
  }
  return values;
}

// What one model step leaves behind: a quantized weight and a product with it.
struct Step {
  std::vector<uint32_t> words;
  std::vector<float> scales;
  std::vector<float> biases;
  std::vector<float> product;

  bool operator==(const Step& other) const {
    return words == other.words && scales == other.scales && biases == other.biases &&
           product == other.product;
  }
};

// Empty where a call fails.
Step step(thinbit_context* context) {
  std::vector<float> weight = numbers(kRows * kColumns, 1);
  std::vector<float> x_values = numbers(kBatch * kColumns, 2);
  Step result{std::vector<uint32_t>(kRows * kColumns / 8),
              std::vector<float>(kRows * kColumns / kGroupSize),
              std::vector<float>(kRows * kColumns / kGroupSize),
              std::vector<float>(kBatch * kRows)};
  int64_t weight_shape[] = {kRows, kColumns};
  int64_t word_shape[] = {kRows, kColumns / 8};
  int64_t group_shape[] = {kRows, kColumns / kGroupSize};
  int64_t x_shape[] = {kBatch, kColumns};
  int64_t out_shape[] = {kBatch, kRows};
  const thinbit_tensor w = float32_tensor(weight.data(), 2, weight_shape);
  const thinbit_tensor packed = uint32_tensor(result.words.data(), 2, word_shape);
  const thinbit_tensor scales = float32_tensor(result.scales.data(), 2, group_shape);
  const thinbit_tensor biases = float32_tensor(result.biases.data(), 2, group_shape);
  const thinbit_tensor x = float32_tensor(x_values.data(), 2, x_shape);
  const thinbit_tensor out = float32_tensor(result.product.data(), 2, out_shape);

  thinbit_quantize_params quantize = THINBIT_QUANTIZE_PARAMS_INIT;
  quantize.w = &w;
  quantize.wq = &packed;
  quantize.scales = &scales;
  quantize.biases = &biases;
  if (thinbit_quantize(context, &quantize, nullptr) != THINBIT_OK) return {};
  thinbit_quantized_tensor record = THINBIT_QUANTIZED_TENSOR_INIT;
  record.packed = &packed;
  record.scales = &scales;
  record.biases = &biases;
  record.mode = THINBIT_MODE_AFFINE;
  thinbit_quantized_matmul_params matmul = THINBIT_QUANTIZED_MATMUL_PARAMS_INIT;
  matmul.x = &x;
  matmul.w = &record;
  matmul.out = &out;
  if (thinbit_quantized_matmul(context, &matmul, nullptr) != THINBIT_OK) return {};
  return result;
}

thinbit_context* context_of(int threads) {
  thinbit_context_options options = THINBIT_CONTEXT_OPTIONS_INIT;
  options.num_threads = threads;
  thinbit_context* context = nullptr;
  EXPECT(thinbit_context_create(&options, &context, nullptr) == THINBIT_OK);
  return context;
}

Step step_with(int threads) {
  thinbit_context* context = context_of(threads);
  Step result = step(context);
  thinbit_context_destroy(context);
  return result;
}

void any_number_of_threads_gives_the_same_bytes() {
  const Step expected = step_with(1);
  EXPECT(!expected.product.empty());
  for (const int threads : {2, 5, 64}) EXPECT(step_with(threads) == expected);
}

void contexts_run_in_parallel() {
  const Step expected = step_with(1);
  std::vector<Step> results(8);
  std::vector<std::thread> threads;
  for (Step& result : results) {
    threads.emplace_back([&result] {
      thinbit_context* context = context_of(2);
      for (int i = 0; i < 5; ++i) result = step(context);
      thinbit_context_destroy(context);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Step& result : results) EXPECT(result == expected);
}

// The exit status of a child that runs `body`, which says whether all is well; a child that hangs
// is killed.
template <class Body>
int in_child(const Body& body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    _exit(body() ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

[[maybe_unused]] void a_forked_child_uses_the_contexts_of_its_parent() {
  thinbit_context* context = context_of(4);
  const Step expected = step(context);  // its threads run now
  EXPECT(in_child([&] { return step(context) == expected && step(context) == expected; }) == 0);
  EXPECT(step(context) == expected);
  thinbit_context_destroy(context);
}

[[maybe_unused]] void a_forked_child_destroys_and_makes_contexts() {
  thinbit_context* context = context_of(4);
  const Step expected = step(context);
  EXPECT(in_child([&] {
           thinbit_context_destroy(context);
           return step_with(3) == expected;
         }) == 0);
  thinbit_context_destroy(context);
}

[[maybe_unused]] void children_of_children_work() {
  thinbit_context* context = context_of(3);
  const Step expected = step(context);
  EXPECT(in_child([&] {
           return step(context) == expected &&
                  in_child([&] { return step(context) == expected; }) == 0;
         }) == 0);
  thinbit_context_destroy(context);
}

}  // namespace

int main() {
  RUN(any_number_of_threads_gives_the_same_bytes);
  RUN(contexts_run_in_parallel);
#if !defined(__SANITIZE_THREAD__)  // TSan does not know threads that a forked child starts
  RUN(a_forked_child_uses_the_contexts_of_its_parent);
  RUN(a_forked_child_destroys_and_makes_contexts);
  RUN(children_of_children_work);
#endif
  return REPORT();
}
