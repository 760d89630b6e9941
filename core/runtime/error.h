#pragma once

#include <exception>
#include <new>
#include <string_view>

#include "thinbit/thinbit.h"

namespace thinbit {

// Fills the caller's error, as far as its struct_size reaches, and returns `status`; `error` may be
// null. The rule is
// "<op>.<argument>.<kind>" ("<op>.<kind>" without an argument), the message "<op>: <message>".
// Texts that are too long are cut at a character of UTF-8, and always end in NUL.
thinbit_status report(thinbit_error* error, thinbit_status status, const char* op,
                      const char* argument, const char* rule_kind,
                      std::string_view message) noexcept;

// Makes the caller's error that of a call that succeeded; returns THINBIT_OK.
thinbit_status clear(thinbit_error* error) noexcept;

// The status of body(), which may throw: nothing is thrown through the C ABI.
template <class Body>
thinbit_status guarded(thinbit_error* error, const char* op, const Body& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return report(error, THINBIT_OUT_OF_MEMORY, op, "", "out_of_memory",
                  "there is not enough memory");
  } catch (const std::exception& failure) {
    return report(error, THINBIT_INTERNAL, op, "", "internal", failure.what());
  } catch (...) {
    return report(error, THINBIT_INTERNAL, op, "", "internal", "an unknown failure inside thinbit");
  }
}

}  // namespace thinbit
