#include "vector_check.h"

#include <cmath>
#include <cstring>
#include <sstream>

namespace thinbit_test {
namespace {

double float16_value(uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const double fraction = bits & 1023;
  const double magnitude = exponent == 31  ? (fraction == 0 ? HUGE_VAL : std::nan(""))
                           : exponent == 0 ? std::ldexp(fraction, -24)
                                           : std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

double float_value(thinbit_dtype dtype, const unsigned char* element) {
  if (dtype == THINBIT_DTYPE_FLOAT32) {
    float value;
    std::memcpy(&value, element, sizeof value);
    return value;
  }
  uint16_t bits;
  std::memcpy(&bits, element, sizeof bits);
  if (dtype == THINBIT_DTYPE_FLOAT16) return float16_value(bits);
  const uint32_t wide = static_cast<uint32_t>(bits) << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::ostringstream text;
  text << "(";
  for (size_t i = 0; i < shape.size(); ++i) text << (i > 0 ? ", " : "") << shape[i];
  text << ")";
  return text.str();
}

std::string first_unequal_byte(const std::vector<unsigned char>& got,
                               const ExpectedOutput& expected) {
  for (size_t i = 0; i < got.size(); ++i) {
    if (got[i] == expected.bytes[i]) continue;
    std::ostringstream text;
    text << "element " << i / dtype_bytes(expected.dtype) << ": byte " << i << " is 0x" << std::hex
         << int{got[i]} << ", expected 0x" << int{expected.bytes[i]};
    return text.str();
  }
  return "";
}

// Within the contract's bound: NaN exactly where the reference has NaN, infinity where it has
// infinity.
bool within(double value, double reference, double sum, const ExpectedOutput& expected) {
  if (std::isnan(reference) || std::isnan(value)) return std::isnan(reference) && std::isnan(value);
  if (std::isinf(reference) || std::isinf(value)) return value == reference;
  return std::fabs(value - reference) <=
         expected.relative * std::fabs(reference) + expected.of_sum * sum;
}

std::string first_out_of_bounds(const std::vector<unsigned char>& got,
                                const ExpectedOutput& expected) {
  for (size_t i = 0; i < expected.reference.size(); ++i) {
    const double value = float_value(expected.dtype, got.data() + i * dtype_bytes(expected.dtype));
    if (within(value, expected.reference[i], expected.sum[i], expected)) continue;
    std::ostringstream text;
    text.precision(10);
    text << "element " << i << " is " << value << ", and the reference " << expected.reference[i]
         << " with sum of magnitudes " << expected.sum[i];
    return text.str();
  }
  return "";
}

std::string output_difference(const ExpectedOutput& expected, const VectorOutput& output) {
  if (output.info.dtype != expected.dtype) {
    return "dtype is " + std::to_string(output.info.dtype) + ", expected " +
           std::to_string(expected.dtype);
  }
  if (expected.dtype == 0) return "";
  if (output.memory.shape != expected.shape) {
    return "shape is " + shape_text(output.memory.shape) + ", expected " +
           shape_text(expected.shape);
  }
  if (!output.gaps_untouched()) return "memory between the elements was written";
  const std::vector<unsigned char> got = output.contiguous();
  return expected.exact ? first_unequal_byte(got, expected) : first_out_of_bounds(got, expected);
}

void check_error(const VectorCase& vector_case, const thinbit_error& error, const char* call,
                 std::vector<std::string>& problems) {
  const auto compare = [&](const char* what, const std::string& got, const std::string& expected) {
    if (got != expected) {
      problems.push_back(std::string(call) + ": " + what + " is \"" + got + "\", expected \"" +
                         expected + "\"");
    }
  };
  compare("status", thinbit_status_name(error.status), vector_case.status);
  compare("rule", error.rule, vector_case.rule);
  compare("argument", error.argument, vector_case.argument);
  compare("op", error.op, vector_case.op);
  if (std::string(error.message).rfind(vector_case.op + ": ", 0) != 0) {
    problems.push_back(std::string(call) +
                       ": the message does not begin with the op: " + error.message);
  }
}

}  // namespace

std::vector<std::string> differences(const VectorCase& vector_case, const VectorResult& result) {
  std::vector<std::string> problems;
  if (!vector_case.succeeds) {
    // What only the values tell is found by the call; the rest already when the shapes are asked
    // for.
    if (result.infer_status != THINBIT_OK) {
      check_error(vector_case, result.infer_error, "infer", problems);
    }
    check_error(vector_case, result.error, "call", problems);
    if (result.status != result.error.status)
      problems.push_back("the status is not that of the error");
    return problems;
  }
  if (result.infer_status != THINBIT_OK) {
    return {std::string("infer: ") + result.infer_error.rule + ": " + result.infer_error.message};
  }
  if (result.status != THINBIT_OK) {
    return {std::string("call: ") + result.error.rule + ": " + result.error.message};
  }
  if (result.supports_status != THINBIT_OK)
    problems.push_back("supports says no, and the call works");
  if (result.outputs.size() != vector_case.outputs.size()) {
    problems.push_back("there are " + std::to_string(result.outputs.size()) +
                       " outputs, expected " + std::to_string(vector_case.outputs.size()));
    return problems;
  }
  for (size_t i = 0; i < result.outputs.size(); ++i) {
    const ExpectedOutput& expected = vector_case.outputs[i];
    if (result.outputs[i].name != expected.name) {
      problems.push_back("output " + std::to_string(i) + " is " + result.outputs[i].name +
                         ", expected " + expected.name);
      continue;
    }
    const std::string difference = output_difference(expected, result.outputs[i]);
    if (!difference.empty()) problems.push_back(expected.name + ": " + difference);
  }
  return problems;
}

}  // namespace thinbit_test
