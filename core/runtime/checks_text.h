#pragma once

#include <cstdint>
#include <string>

#include "generated/tables.gen.h"
#include "runtime/tensor_view.h"
#include "thinbit/thinbit.h"

namespace thinbit {

// Phrases for the messages of checks.

// "1, 2 or 3", with another word than "or" where one is given.
std::string integers(const int32_t* values, int count, const char* last = "or");
// "3", "-0.5", "1e-30", whatever the locale.
std::string number_text(float value);
// "affine or mxfp4".
std::string mode_names(ModeSet modes);
// "float32, float16 or bfloat16".
std::string dtype_names(DTypeSet dtypes);
// DLPack's type as its producers call it, such as "float64" or "int16".
std::string dlpack_name(const thinbit_dlpack_type& dtype);
// "(2, 64)".
std::string shape_text(const int64_t* shape, int ndim);
// "the last axis of w", "axis -2 of w".
std::string axis_name(const char* argument, int from_end);

}  // namespace thinbit
