#ifndef THINBIT_PYTHON_CONTEXT_HANDLE_H
#define THINBIT_PYTHON_CONTEXT_HANDLE_H

#include <Python.h>

#include "thinbit/thinbit.h"

/* A thinbit_context and its lock, which is taken again by a thread that has it: the collector may
 * run finalizers that call thinbit. In Python, `with handle:` holds the lock. */
typedef struct context_handle {
  PyObject_HEAD thinbit_context* native;
  PyObject* owner; /* what keeps `native` alive */
  /* The lock. The GIL guards these, so that a free lock costs nothing to take; who waits for
   * another thread waits at `released`, without the GIL, and looks again. */
  unsigned long thread;
  int depth;
  int waiting;
  PyThread_type_lock released;
} context_handle;

/* The handle of a context that Python made, or for None that of this thread; a new reference. NULL,
 * and no error, where there is none. */
context_handle* handle_of(PyObject* context);

/* Both want the GIL; the first waits without it. */
void lock_handle(context_handle* handle);
void unlock_handle(context_handle* handle);

/* Adds the type, what sets the handle of this thread, and the class of contexts. 0, or -1 with an
 * error. */
int add_context_handle(PyObject* module);

#endif
