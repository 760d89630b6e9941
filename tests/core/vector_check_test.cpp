// The judge of the vectors finds what is wrong: each test spoils one thing of a result that was
// right.

#include "vector_check.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "expect.h"

namespace {

using thinbit_test::differences;
using thinbit_test::ExpectedOutput;
using thinbit_test::OutputSlot;
using thinbit_test::VectorCase;
using thinbit_test::VectorOutput;
using thinbit_test::VectorResult;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

template <class Value>
std::vector<unsigned char> bytes_of(const std::vector<Value>& values) {
  std::vector<unsigned char> bytes(values.size() * sizeof(Value));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// A case with one float32 output of shape (2, 2), and a result that has these values.
struct Trial {
  VectorCase vector_case;
  VectorResult result;

  explicit Trial(const std::vector<float>& got, bool strided = false) {
    vector_case.op = "quantize";
    ExpectedOutput expected;
    expected.name = "out";
    expected.dtype = THINBIT_DTYPE_FLOAT32;
    expected.shape = {2, 2};
    expected.bytes = bytes_of<float>({1, 2, 3, 4});
    vector_case.outputs = {expected};
    thinbit_tensor_info info = {THINBIT_DTYPE_FLOAT32, 2, {2, 2}};
    const thinbit_tensor* field = nullptr;
    const OutputSlot slot = {"out", &field};
    result.strided_outputs = strided;
    result.allocate(&info, &slot, 1);
    const size_t step = strided ? 3 : 1;
    for (size_t i = 0; i < got.size(); ++i) std::memcpy(element(i * step), &got[i], sizeof got[i]);
  }

  unsigned char* element(size_t offset) {
    VectorOutput& output = result.outputs[0];
    return output.memory.bytes.data() + output.memory.byte_offset + offset * sizeof(float);
  }

  ExpectedOutput& expected() { return vector_case.outputs[0]; }

  void expect_bounded(const std::vector<double>& reference) {
    expected().exact = false;
    expected().relative = 0.01;
    expected().of_sum = 0.001;
    expected().reference = reference;
    expected().sum = {10, 10, 10, 10};
  }

  bool passes() const { return differences(vector_case, result).empty(); }
};

void the_expected_bytes_pass() {
  EXPECT(Trial({1, 2, 3, 4}).passes());
  EXPECT(Trial({1, 2, 3, 4}, true).passes());
}

void one_wrong_bit_fails() {
  Trial trial({1, 2, 3, 4});
  *trial.element(3) ^= 1;
  EXPECT(!trial.passes());
  EXPECT(!Trial({1, 2, 3, 5}, true).passes());
}

void minus_zero_is_not_zero() {
  Trial trial({0, 2, 3, 4});
  trial.expected().bytes = bytes_of<float>({-0.0f, 2, 3, 4});
  EXPECT(!trial.passes());
}

void writing_between_the_elements_fails() {
  Trial trial({1, 2, 3, 4}, true);
  *trial.element(1) = 0;
  EXPECT(!trial.passes());
}

void another_shape_dtype_or_number_of_outputs_fails() {
  Trial shape({1, 2, 3, 4});
  shape.expected().shape = {4};
  EXPECT(!shape.passes());
  Trial dtype({1, 2, 3, 4});
  dtype.expected().dtype = THINBIT_DTYPE_UINT32;
  EXPECT(!dtype.passes());
  Trial absent({1, 2, 3, 4});
  absent.expected().dtype = 0;
  EXPECT(!absent.passes());
  Trial count({1, 2, 3, 4});
  count.vector_case.outputs.push_back(count.expected());
  EXPECT(!count.passes());
  Trial name({1, 2, 3, 4});
  name.expected().name = "scales";
  EXPECT(!name.passes());
}

void bounds_are_relative_and_of_the_sum() {
  Trial inside({1, 2, 3, 4});
  inside.expect_bounded({1.019, 2.029, 3.039, 4.049});
  EXPECT(inside.passes());
  Trial outside({1, 2, 3, 4});
  outside.expect_bounded({1, 2, 3, 4.051});
  EXPECT(!outside.passes());
}

void nan_and_infinity_are_where_the_reference_has_them() {
  const double infinity = kInfinity;
  Trial right({kNaN, kInfinity, -kInfinity, 4});
  right.expect_bounded({std::nan(""), infinity, -infinity, 4});
  EXPECT(right.passes());
  const std::vector<float> wrong[] = {{1, 2, 3, kNaN}, {1, 2, 3, kInfinity}};
  for (const auto& got : wrong) {
    Trial trial(got);
    trial.expect_bounded({1, 2, 3, 4});
    EXPECT(!trial.passes());
  }
  const std::vector<double> unmet[] = {{std::nan(""), 2, 3, 4}, {1, infinity, 3, 4}};
  for (const auto& reference : unmet) {
    Trial trial({1, 2, 3, 4});
    trial.expect_bounded(reference);
    EXPECT(!trial.passes());
  }
  Trial sign({1, 2, 3, kInfinity});
  sign.expect_bounded({1, 2, 3, -infinity});
  EXPECT(!sign.passes());
}

void half_types_are_read_as_what_they_are() {
  struct Half {
    thinbit_dtype dtype;
    uint16_t bits;
    double value;
  };
  const Half halves[] = {
      {THINBIT_DTYPE_FLOAT16, 0x3C00, 1.0},       {THINBIT_DTYPE_FLOAT16, 0xC500, -5.0},
      {THINBIT_DTYPE_FLOAT16, 0x0001, 0x1p-24},   {THINBIT_DTYPE_FLOAT16, 0x7BFF, 65504.0},
      {THINBIT_DTYPE_FLOAT16, 0xFC00, -HUGE_VAL}, {THINBIT_DTYPE_BFLOAT16, 0x3F80, 1.0},
      {THINBIT_DTYPE_BFLOAT16, 0xC0A0, -5.0},     {THINBIT_DTYPE_BFLOAT16, 0x7F80, HUGE_VAL},
      {THINBIT_DTYPE_BFLOAT16, 0x4049, 3.140625},
  };
  for (const Half& half : halves) {
    Trial trial({});
    thinbit_tensor_info info = {half.dtype, 1, {1}};
    const thinbit_tensor* field = nullptr;
    const OutputSlot slot = {"out", &field};
    trial.result.allocate(&info, &slot, 1);
    std::memcpy(trial.result.outputs[0].memory.bytes.data(), &half.bits, sizeof half.bits);
    trial.expected().dtype = half.dtype;
    trial.expected().shape = {1};
    trial.expected().exact = false;
    trial.expected().reference = {half.value};
    trial.expected().sum = {0};
    EXPECT(trial.passes());
    trial.expected().reference = {std::isinf(half.value) ? 0 : half.value + 1};
    EXPECT(!trial.passes());
  }
}

void a_failed_call_is_a_difference() {
  Trial trial({1, 2, 3, 4});
  trial.result.status = THINBIT_INTERNAL;
  EXPECT(!trial.passes());
  trial.result.status = THINBIT_OK;
  trial.result.infer_status = THINBIT_INTERNAL;
  EXPECT(!trial.passes());
  trial.result.infer_status = THINBIT_OK;
  trial.result.supports_status = THINBIT_UNSUPPORTED;
  EXPECT(!trial.passes());
}

// A case that expects an error, and a result with just this error.
Trial refused() {
  Trial trial({});
  trial.vector_case.succeeds = false;
  trial.vector_case.status = "invalid_argument";
  trial.vector_case.rule = "quantize.w.rank";
  trial.vector_case.argument = "w";
  trial.result.status = trial.result.error.status = THINBIT_INVALID_ARGUMENT;
  std::strcpy(trial.result.error.op, "quantize");
  std::strcpy(trial.result.error.argument, "w");
  std::strcpy(trial.result.error.rule, "quantize.w.rank");
  std::strcpy(trial.result.error.message, "quantize: w has one axis");
  return trial;
}

void an_error_is_judged_by_all_its_fields() {
  EXPECT(refused().passes());
  Trial status = refused();
  status.result.status = THINBIT_OK;
  EXPECT(!status.passes());
  Trial rule = refused();
  std::strcpy(rule.result.error.rule, "quantize.w.dtype");
  EXPECT(!rule.passes());
  Trial argument = refused();
  std::strcpy(argument.result.error.argument, "scales");
  EXPECT(!argument.passes());
  Trial op = refused();
  std::strcpy(op.result.error.op, "dequantize");
  EXPECT(!op.passes());
  Trial message = refused();
  std::strcpy(message.result.error.message, "w has one axis");
  EXPECT(!message.passes());
  Trial inferred = refused();
  inferred.result.infer_status = THINBIT_INVALID_ARGUMENT;
  EXPECT(!inferred.passes());
  inferred.result.infer_error = inferred.result.error;
  EXPECT(inferred.passes());
  Trial none = refused();
  none.result.status = none.result.error.status = THINBIT_OK;
  EXPECT(!none.passes());
}

}  // namespace

int main() {
  RUN(the_expected_bytes_pass);
  RUN(one_wrong_bit_fails);
  RUN(minus_zero_is_not_zero);
  RUN(writing_between_the_elements_fails);
  RUN(another_shape_dtype_or_number_of_outputs_fails);
  RUN(bounds_are_relative_and_of_the_sum);
  RUN(nan_and_infinity_are_where_the_reference_has_them);
  RUN(half_types_are_read_as_what_they_are);
  RUN(a_failed_call_is_a_difference);
  RUN(an_error_is_judged_by_all_its_fields);
  return REPORT();
}
