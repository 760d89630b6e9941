#ifndef THINBIT_PYTHON_CAPSULES_H
#define THINBIT_PYTHON_CAPSULES_H

#include <stdint.h>

#include "thinbit/thinbit.h"

/* DLPack's type of each thinbit_dtype. */
extern const thinbit_dlpack_type thinbit_python_dtypes[];

/* The tensors of an op: the inputs first, then the outputs. */
typedef struct operand_list {
  const char* op;
  const char* const* names;
  int inputs;
  int count;
} operand_list;

/* Reads the tensors of DLPack capsules, given by their addresses, which the caller keeps alive and
 * does not hand over. storage[i] gets the tensor, and tensor[i] points to it, or is NULL where
 * capsules[i] is 0. `dtypes` is NULL, or holds for each capsule 0, or the dtype of which it is a
 * view. Takes the GIL for as long as it lasts. */
thinbit_status load_capsules(const operand_list* operands, const uintptr_t* capsules,
                             const int32_t* dtypes, thinbit_tensor* storage,
                             const thinbit_tensor** tensor, thinbit_error* error);

#endif
