#include "runtime/checker.h"

#include <algorithm>
#include <cmath>

#include "runtime/checks_text.h"
#include "runtime/context.h"
#include "runtime/error.h"

namespace thinbit {

bool Checker::fail(const char* argument, const char* kind, const std::string& message,
                   thinbit_status status) {
  status_ = report(error_, status, op_, argument, kind, message);
  return false;
}

bool Checker::struct_size(const char* argument, uint64_t given, uint64_t size) {
  constexpr uint64_t kLargest = 4096;
  if (given >= sizeof(given) && given <= kLargest && given % 8 == 0) return true;
  return fail(argument, "struct_size",
              std::string(argument) + ".struct_size is " + std::to_string(given) +
                  ", and must be the size of the struct as the caller was built: " +
                  std::to_string(size) + " in this version");
}

bool Checker::read_bytes(const char* argument, const void* given, void* copy, uint64_t size) {
  if (!required(argument, given)) return false;
  uint64_t given_size = 0;
  std::memcpy(&given_size, given, sizeof(given_size));
  if (!struct_size(argument, given_size, size)) return false;
  std::memcpy(copy, given, static_cast<size_t>(std::min(given_size, size)));
  const auto* bytes = static_cast<const unsigned char*>(given);
  for (uint64_t i = size; i < given_size; ++i) {
    if (bytes[i] != 0) {
      return fail(argument, "tail",
                  std::string(argument) + " has " + std::to_string(given_size) +
                      " bytes, and sets a field that this version does not know; it knows " +
                      std::to_string(size) + " bytes",
                  THINBIT_UNSUPPORTED);
    }
  }
  return true;
}

bool Checker::reserved(const char* argument, int32_t given) {
  if (given == 0) return true;
  return fail(argument, "reserved",
              std::string(argument) + " is " + std::to_string(given) + ", and must be 0");
}

bool Checker::boolean(const char* argument, int32_t given, bool& value) {
  value = given != 0;
  if (given == 0 || given == 1) return true;
  return fail(argument, "choice",
              std::string(argument) + " is " + std::to_string(given) + ", and must be 0 or 1");
}

bool Checker::finite(const char* argument, float given, float& value) {
  value = given;
  if (std::isfinite(given)) return true;
  return fail(argument, "finite",
              std::string(argument) + " is " + number_text(given) + ", and must be finite");
}

bool Checker::mode(const char* argument, int32_t given, Mode otherwise, ModeSet allowed,
                   Mode& value) {
  value = given == 0 ? otherwise : static_cast<Mode>(given);
  const bool known = std::any_of(std::begin(kModes), std::end(kModes),
                                 [&](const ModeInfo& mode) { return mode.mode == value; });
  if (known && (set_of(value) & allowed) != 0) return true;
  const std::string what = known ? mode_info(value).name : std::to_string(given);
  return fail(argument, "choice",
              std::string(argument) + " is " + what + ", and must be " + mode_names(allowed));
}

bool Checker::choice(const char* argument, int32_t given, int32_t otherwise, const Choices& allowed,
                     const ModeInfo& mode, int32_t& value) {
  value = given == 0 ? otherwise : given;
  const int32_t* end = allowed.values + allowed.count;
  if (std::find(allowed.values, end, value) != end) return true;
  return fail(argument, "choice",
              std::string(argument) + " is " + std::to_string(given) + ", and with mode " +
                  mode.name + " must be " + integers(allowed.values, allowed.count));
}

bool Checker::dtype(const char* argument, int32_t given, DType otherwise, DTypeSet allowed,
                    DType& value) {
  value = given == 0 ? otherwise : static_cast<DType>(given);
  const bool known = given >= 0 && given <= static_cast<int32_t>(std::size(kDTypes));
  if (known && (set_of(value) & allowed) != 0) return true;
  const std::string what = known ? dtype_name(value) : std::to_string(given);
  return fail(argument, "choice",
              std::string(argument) + " is " + what + ", and must be " + dtype_names(allowed));
}

bool Checker::no_handle(const char* argument, const void* given) {
  if (given == nullptr) return true;
  return fail(argument, "prepared",
              std::string(argument) + " is given, and no backend of this version makes one",
              THINBIT_UNSUPPORTED);
}

bool Checker::required(const char* argument, const void* given) {
  if (given != nullptr) return true;
  return fail(argument, "required", std::string(argument) + " is required");
}

bool Checker::required_by_mode(const char* argument, const void* given, const ModeInfo& mode,
                               bool has) {
  if (has == (given != nullptr)) return true;
  if (has) {
    return fail(argument, "required",
                std::string(argument) + " is required: mode " + mode.name + " has " + argument);
  }
  return fail(argument, "forbidden",
              std::string(argument) + " is given, and mode " + mode.name + " has none");
}

bool Checker::allowed_by_mode(const char* argument, const void* given, const ModeInfo& mode,
                              bool has) {
  return given == nullptr || has || required_by_mode(argument, given, mode, has);
}

bool Checker::paired(const char* argument, bool given, const char* other, bool other_given) {
  if (given == other_given) return true;
  return fail(argument, "paired",
              std::string(argument) + " is " + (given ? "given" : "missing") + " and " + other +
                  " is " + (other_given ? "given" : "missing") + ": give both or neither");
}

bool Checker::reads_values() const {
  return runs() && context_ != nullptr && context_->takes_host_memory();
}

}  // namespace thinbit
