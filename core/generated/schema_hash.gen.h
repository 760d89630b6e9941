// generated from codegen/schema/thinbit.yaml: do not edit
#pragma once

namespace thinbit {

// Of the schema that this build was generated from.
inline constexpr char kSchemaHash[] =
    "268edafc5ef563dba444f7c526c558072aeb617d8ca930eed8bb16cc1b9179b0";

}  // namespace thinbit
