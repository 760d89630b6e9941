#pragma once

#include <cstdint>

#include "generated/backend.gen.h"

namespace thinbit::cuda {

// What the plugin has for each context on a GPU: a stream, memory, and what kernels reported.
class Session;

// The CUDA backend as the core sees it: a library that is opened at run time, so that the core
// needs no GPU, no driver and no toolkit. Core and plugin are of one schema; only plain structs
// pass between them.
struct Plugin {
  const char* schema_hash;  // thinbit_schema_hash() of the plugin's build

  // Why there is no GPU to work on; null where there is one. The text lives as long as the plugin.
  const char* (*absence)();

  int32_t (*device_count)();

  // A session on one of the devices; `stream` is a CUstream, null for the default one.
  Fault (*open)(int32_t device, void* stream, Session** session);
  void (*close)(Session* session);

  // Waits for the work of a session. Where something was wrong with it, `op` and `argument` say
  // with what: an op's name and the flat name of its argument.
  Fault (*sync)(Session& session, const char** op, const char** argument);

  const BackendOf<Session>* backend;
};

// The one symbol of the library.
using PluginEntry = const Plugin* (*)();
constexpr char kPluginEntry[] = "thinbit_cuda_plugin";
constexpr char kPluginLibrary[] = "libthinbit_cuda.so";

}  // namespace thinbit::cuda
