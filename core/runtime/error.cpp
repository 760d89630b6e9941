#include "runtime/error.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>

namespace thinbit {
namespace {

struct TextField {
  size_t offset;
  size_t capacity;
};

constexpr TextField kOp{offsetof(thinbit_error, op), sizeof(thinbit_error::op)};
constexpr TextField kArgument{offsetof(thinbit_error, argument), sizeof(thinbit_error::argument)};
constexpr TextField kRule{offsetof(thinbit_error, rule), sizeof(thinbit_error::rule)};
constexpr TextField kMessage{offsetof(thinbit_error, message), sizeof(thinbit_error::message)};

// Writes into those bytes of a thinbit_error that the caller says are there.
class ErrorWriter {
 public:
  explicit ErrorWriter(thinbit_error* error) : error_(error) {}

  void set_status(thinbit_status status) {
    constexpr size_t end = offsetof(thinbit_error, status) + sizeof(error_->status);
    if (error_->struct_size >= end) error_->status = status;
  }

  void set_text(TextField field, std::initializer_list<std::string_view> parts) {
    if (error_->struct_size <= field.offset) return;
    const size_t room =
        static_cast<size_t>(std::min<uint64_t>(field.capacity, error_->struct_size - field.offset));
    char* const text = reinterpret_cast<char*>(error_) + field.offset;
    size_t used = 0;
    for (const std::string_view part : parts) {
      const size_t taken = std::min(part.size(), room - 1 - used);
      std::memcpy(text + used, part.data(), taken);
      used += taken;
      if (taken < part.size()) {
        used = character_end(text, used);
        break;
      }
    }
    text[used] = '\0';
  }

 private:
  // The length of text[0..used) without a UTF-8 sequence that is cut off at its end.
  static size_t character_end(const char* text, size_t used) {
    size_t start = used;
    while (start > 0 && (static_cast<unsigned char>(text[start - 1]) & 0xC0) == 0x80) --start;
    if (start == 0) return used;
    const unsigned char lead = static_cast<unsigned char>(text[start - 1]);
    const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return used - (start - 1) < length ? start - 1 : used;
  }

  thinbit_error* error_;
};

}  // namespace

thinbit_status report(thinbit_error* error, thinbit_status status, const char* op,
                      const char* argument, const char* rule_kind,
                      std::string_view message) noexcept {
  if (error == nullptr) return status;
  ErrorWriter writer(error);
  writer.set_status(status);
  writer.set_text(kOp, {op});
  writer.set_text(kArgument, {argument});
  writer.set_text(kRule, {op, ".", argument, *argument != '\0' ? "." : "", rule_kind});
  writer.set_text(kMessage, {op, ": ", message});
  return status;
}

thinbit_status clear(thinbit_error* error) noexcept {
  if (error == nullptr) return THINBIT_OK;
  ErrorWriter writer(error);
  writer.set_status(THINBIT_OK);
  writer.set_text(kOp, {});
  writer.set_text(kArgument, {});
  writer.set_text(kRule, {});
  writer.set_text(kMessage, {});
  return THINBIT_OK;
}

}  // namespace thinbit
