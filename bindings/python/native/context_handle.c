#include "context_handle.h"

static PyTypeObject* handle_type;
static PyObject* context_class;
static PyObject* handle_name; /* the attribute of a context */
static PyObject* handle_key;  /* of a thread's own, in its dictionary */

context_handle* handle_of(PyObject* context) {
  PyObject* found = NULL;
  if (context == Py_None) {
    PyObject* const state = PyThreadState_GetDict();
    found = state != NULL ? PyDict_GetItemWithError(state, handle_key) : NULL;
    Py_XINCREF(found);
  } else if (context_class != NULL && PyObject_TypeCheck(context, (PyTypeObject*)context_class)) {
    found = PyObject_GetAttr(context, handle_name);
  }
  if (found != NULL && Py_TYPE(found) == handle_type) return (context_handle*)found;
  Py_XDECREF(found);
  PyErr_Clear();
  return NULL;
}

void lock_handle(context_handle* handle) {
  const unsigned long self = PyThread_get_thread_ident();
  if (handle->depth > 0 && handle->thread == self) {
    ++handle->depth;
    return;
  }
  ++handle->waiting;
  while (handle->depth > 0) {
    Py_BEGIN_ALLOW_THREADS;
    PyThread_acquire_lock(handle->released, WAIT_LOCK);
    Py_END_ALLOW_THREADS;
  }
  --handle->waiting;
  handle->thread = self;
  handle->depth = 1;
}

void unlock_handle(context_handle* handle) {
  if (--handle->depth == 0 && handle->waiting > 0) PyThread_release_lock(handle->released);
}

static PyObject* new_handle(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  (void)keywords;
  unsigned long long address = 0;
  PyObject* owner = NULL;
  if (!PyArg_ParseTuple(args, "KO", &address, &owner)) return NULL;
  context_handle* const handle = (context_handle*)PyType_GenericAlloc(type, 0);
  if (handle == NULL) return NULL;
  handle->native = (thinbit_context*)(uintptr_t)address;
  handle->owner = Py_NewRef(owner);
  handle->released = PyThread_allocate_lock();
  if (handle->released == NULL) {
    Py_DECREF(handle);
    return PyErr_NoMemory();
  }
  PyThread_acquire_lock(handle->released, NOWAIT_LOCK);
  return (PyObject*)handle;
}

static void free_handle(PyObject* self) {
  context_handle* const handle = (context_handle*)self;
  PyTypeObject* const type = Py_TYPE(self);
  if (handle->released != NULL) PyThread_free_lock(handle->released);
  Py_XDECREF(handle->owner);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}

static PyObject* enter(PyObject* self, PyObject* unused) {
  (void)unused;
  lock_handle((context_handle*)self);
  return Py_NewRef(self);
}

static PyObject* leave(PyObject* self, PyObject* args) {
  (void)args;
  unlock_handle((context_handle*)self);
  return Py_NewRef(Py_None);
}

static PyMethodDef handle_methods[] = {
    {"__enter__", enter, METH_NOARGS, NULL},
    {"__exit__", leave, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot handle_slots[] = {
    {Py_tp_doc, "ContextHandle(address, owner): a native context, and its lock."},
    {Py_tp_new, (void*)new_handle},
    {Py_tp_dealloc, (void*)free_handle},
    {Py_tp_methods, handle_methods},
    {0, NULL},
};

static PyType_Spec handle_spec = {"thinbit._numpy_calls.ContextHandle", sizeof(context_handle), 0,
                                  Py_TPFLAGS_DEFAULT, handle_slots};

static PyObject* set_thread_handle(PyObject* module, PyObject* handle) {
  (void)module;
  PyObject* const state = PyThreadState_GetDict();
  if (state == NULL) return PyErr_NoMemory();
  if (PyDict_SetItem(state, handle_key, handle) != 0) return NULL;
  return Py_NewRef(Py_None);
}

static PyObject* set_context_class(PyObject* module, PyObject* class) {
  (void)module;
  Py_XDECREF(context_class);
  context_class = Py_NewRef(class);
  return Py_NewRef(Py_None);
}

static PyMethodDef functions[] = {
    {"set_thread_handle", set_thread_handle, METH_O,
     "Make this the handle of calls of this thread that name no context; None takes it away."},
    {"set_context_class", set_context_class, METH_O,
     "The class whose `handle` is taken for a call that names a context."},
    {NULL, NULL, 0, NULL},
};

int add_context_handle(PyObject* module) {
  handle_name = PyUnicode_InternFromString("handle");
  handle_key = PyUnicode_InternFromString("thinbit._numpy_calls.handle");
  handle_type = (PyTypeObject*)PyType_FromSpec(&handle_spec);
  if (handle_name == NULL || handle_key == NULL || handle_type == NULL) return -1;
  if (PyModule_AddObjectRef(module, "ContextHandle", (PyObject*)handle_type) != 0) return -1;
  return PyModule_AddFunctions(module, functions);
}
