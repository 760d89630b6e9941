#include "runtime/checks_text.h"

#include <locale>
#include <sstream>

namespace thinbit {
namespace {

// Adds one word to a list that `left` more words will follow; `last` stands before the last.
void add_word(std::string& list, const std::string& word, int left, const char* last = "or") {
  if (!list.empty()) list += left == 0 ? std::string(" ") + last + " " : ", ";
  list += word;
}

template <class Table, class InSet>
std::string names(const Table& table, const InSet& in_set) {
  int left = 0;
  for (const auto& row : table) left += in_set(row) ? 1 : 0;
  std::string list;
  for (const auto& row : table) {
    if (in_set(row)) add_word(list, row.name, --left);
  }
  return list;
}

}  // namespace

std::string integers(const int32_t* values, int count, const char* last) {
  std::string list;
  for (int i = 0; i < count; ++i) add_word(list, std::to_string(values[i]), count - 1 - i, last);
  return list;
}

std::string number_text(float value) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << value;
  return text.str();
}

std::string mode_names(ModeSet modes) {
  return names(kModes, [&](const ModeInfo& row) { return (set_of(row.mode) & modes) != 0; });
}

std::string dtype_names(DTypeSet dtypes) {
  return names(kDTypes, [&](const DTypeInfo& row) { return (set_of(row.dtype) & dtypes) != 0; });
}

std::string dlpack_name(const thinbit_dlpack_type& dtype) {
  static constexpr const char* kFamilies[] = {"int",    "uint",    "float", "handle",
                                              "bfloat", "complex", "bool"};
  constexpr int kCount = sizeof(kFamilies) / sizeof(kFamilies[0]);
  if (dtype.code >= kCount) {
    return "DLPack type " + std::to_string(dtype.code) + " of " + std::to_string(dtype.bits) +
           " bits";
  }
  return kFamilies[dtype.code] + std::to_string(dtype.bits);
}

std::string shape_text(const int64_t* shape, int ndim) {
  std::string text = "(";
  for (int axis = 0; axis < ndim; ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(shape[axis]);
  }
  return text + (ndim == 1 ? ",)" : ")");
}

std::string axis_name(const char* argument, int from_end) {
  const std::string of = std::string(" of ") + argument;
  return from_end == 1 ? "the last axis" + of : "axis -" + std::to_string(from_end) + of;
}

}  // namespace thinbit
