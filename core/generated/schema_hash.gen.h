// generated from codegen/schema/thinbit.yaml: do not edit
#pragma once

namespace thinbit {

// Of the schema that this build was generated from.
inline constexpr char kSchemaHash[] =
    "adebae9516f8d671556846652d9b3d5b3461a42940ed0c6283693898edb12691";

}  // namespace thinbit
