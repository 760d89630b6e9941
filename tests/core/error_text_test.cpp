// The writer of the caller's error from inside.

#include <new>
#include <stdexcept>
#include <string>

#include "expect.h"
#include "runtime/error.h"

namespace {

thinbit_error reported(const std::string& message) {
  thinbit_error error = THINBIT_ERROR_INIT;
  thinbit::report(&error, THINBIT_INTERNAL, "op", "x", "kind", message);
  return error;
}

void a_message_is_never_a_format() {
  EXPECT_TEXT(reported("100%n %s %d").message, "op: 100%n %s %d");
}

void a_long_text_is_cut_at_a_character() {
  constexpr size_t kRoom = sizeof(thinbit_error::message) - 1 - 4;  // without "op: " and the NUL
  const std::string characters[] = {"a", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x90\x8D"};
  for (const std::string& character : characters) {
    for (size_t lead = kRoom - 5; lead <= kRoom + 1; ++lead) {
      std::string message(lead, '.');
      while (message.size() < kRoom + 8) message += character;
      const thinbit_error error = reported(message);
      const std::string kept = std::string(error.message).substr(4);
      const size_t whole =
          lead >= kRoom ? kRoom : lead + (kRoom - lead) / character.size() * character.size();
      EXPECT(kept == message.substr(0, whole));
    }
  }
}

void a_text_that_just_fits_is_whole() {
  const std::string message(sizeof(thinbit_error::message) - 1 - 4, 'x');
  EXPECT(reported(message).message == "op: " + message);
}

void long_names_end_in_nul() {
  thinbit_error error = THINBIT_ERROR_INIT;
  const std::string name(200, 'n');
  thinbit::report(&error, THINBIT_INTERNAL, name.c_str(), name.c_str(), "kind", "");
  EXPECT(std::string(error.op) == name.substr(0, 31));
  EXPECT(std::string(error.argument) == name.substr(0, 31));
  EXPECT(std::string(error.rule) == name.substr(0, 63));
}

void nothing_is_thrown_through_the_abi() {
  thinbit_error error = THINBIT_ERROR_INIT;
  EXPECT(thinbit::guarded(&error, "op", []() -> thinbit_status { throw std::bad_alloc(); }) ==
         THINBIT_OUT_OF_MEMORY);
  EXPECT_TEXT(error.rule, "op.out_of_memory");
  EXPECT(thinbit::guarded(&error, "op", []() -> thinbit_status {
           throw std::runtime_error("50%n");
         }) == THINBIT_INTERNAL);
  EXPECT_TEXT(error.rule, "op.internal");
  EXPECT_TEXT(error.message, "op: 50%n");
  EXPECT(thinbit::guarded(nullptr, "op", []() -> thinbit_status { throw 1; }) == THINBIT_INTERNAL);
  EXPECT(thinbit::guarded(&error, "op", [] { return THINBIT_UNSUPPORTED; }) == THINBIT_UNSUPPORTED);
}

}  // namespace

int main() {
  RUN(a_message_is_never_a_format);
  RUN(a_long_text_is_cut_at_a_character);
  RUN(a_text_that_just_fits_is_whole);
  RUN(long_names_end_in_nul);
  RUN(nothing_is_thrown_through_the_abi);
  return REPORT();
}
