// generated from codegen/schema/thinbit.yaml: do not edit
#pragma once

namespace thinbit {

// Of the schema that this build was generated from.
inline constexpr char kSchemaHash[] =
    "f584b6c852a21e1324c6c89813d22ab1dc87f527a52fa1580421a5831c4b5cf4";

}  // namespace thinbit
