// generated from codegen/schema/thinbit.yaml: do not edit
#pragma once

namespace thinbit {

// Of the schema that this build was generated from.
inline constexpr char kSchemaHash[] =
    "75b94cfaa138f1b5369d22692043e0fcee17fcde6cc7e51b113511b3bdda9bc0";

}  // namespace thinbit
