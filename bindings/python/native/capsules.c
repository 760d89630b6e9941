#include "capsules.h"

#include <Python.h>
#include <stdio.h>
#include <string.h>

/* DLPack's DLManagedTensor and DLManagedTensorVersioned, as far as a reader needs them. */
typedef struct managed_tensor {
  thinbit_tensor tensor;
} managed_tensor;

typedef struct versioned_tensor {
  uint32_t major;
  uint32_t minor;
  void* manager;
  void (*deleter)(void*);
  uint64_t flags;
  thinbit_tensor tensor;
} versioned_tensor;

enum { kMajor = 1, kReadOnly = 1, kHost = 1, kCudaHost = 3, kRocmHost = 11 };

static thinbit_status refuse(thinbit_error* error, const char* op, const char* name,
                             const char* text) {
  error->status = THINBIT_INVALID_ARGUMENT;
  snprintf(error->op, sizeof error->op, "%s", op);
  snprintf(error->argument, sizeof error->argument, "%s", name);
  snprintf(error->rule, sizeof error->rule, "%s.%s.layout", op, name);
  snprintf(error->message, sizeof error->message, "%s: %s %s", op, name, text);
  return error->status;
}

/* NULL, or what is wrong with the capsule. */
static const char* load(PyObject* capsule, int writable, thinbit_tensor* tensor) {
  if (PyCapsule_IsValid(capsule, "dltensor_versioned")) {
    const versioned_tensor* given = PyCapsule_GetPointer(capsule, "dltensor_versioned");
    if (given->major != kMajor) return "comes in a version of DLPack other than 1";
    if (writable && (given->flags & kReadOnly)) return "is read-only, and is to be written";
    *tensor = given->tensor;
    return NULL;
  }
  if (PyCapsule_IsValid(capsule, "dltensor")) {
    const managed_tensor* given = PyCapsule_GetPointer(capsule, "dltensor");
    *tensor = given->tensor;
    return NULL;
  }
  return "has a __dlpack__ that returns no DLPack capsule";
}

thinbit_status load_capsules(const operand_list* operands, const uintptr_t* capsules,
                             const int32_t* dtypes, thinbit_tensor* storage,
                             const thinbit_tensor** tensor, thinbit_error* error) {
  const char* problem = NULL;
  int index = 0;
  const PyGILState_STATE gil = PyGILState_Ensure();
  for (; index < operands->count; ++index) {
    tensor[index] = NULL;
    if (capsules[index] == 0) continue;
    problem = load((PyObject*)capsules[index], index >= operands->inputs, &storage[index]);
    if (problem != NULL) break;
    tensor[index] = &storage[index];
    /* Pinned memory is memory of the host. */
    const int32_t device = storage[index].device.device_type;
    if (device == kCudaHost || device == kRocmHost) {
      storage[index].device.device_type = kHost;
      storage[index].device.device_id = 0;
    }
    if (dtypes != NULL && dtypes[index] != 0) {
      storage[index].dtype = thinbit_python_dtypes[dtypes[index]];
    }
  }
  PyGILState_Release(gil);
  if (problem == NULL) return THINBIT_OK;
  return refuse(error, operands->op, operands->names[index], problem);
}
