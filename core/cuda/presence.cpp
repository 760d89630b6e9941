#include "cuda/presence.h"

#include <dlfcn.h>

#include <string>

#include "cuda/forward.h"
#include "cuda/plugin.h"
#include "generated/cuda_forwarding.gen.h"
#include "runtime/dispatch.h"
#include "runtime/environment.h"
#include "thinbit/thinbit.h"

namespace thinbit::cuda {
namespace {

// The session as the context keeps it.
class PluginSession final : public BackendState {
 public:
  PluginSession(const Plugin& plugin, Session* session) : plugin_(plugin), session_(session) {}
  PluginSession(const PluginSession&) = delete;
  PluginSession& operator=(const PluginSession&) = delete;
  ~PluginSession() override { plugin_.close(session_); }

  Session& session() { return *session_; }

  thinbit_status sync(thinbit_error* error) override {
    const char* op = "context_sync";
    const char* argument = "";
    const Fault fault = plugin_.sync(*session_, &op, &argument);
    return report_fault(error, op, argument, fault);
  }

 private:
  const Plugin& plugin_;
  Session* session_;
};

// The plugin, or why there is none.
struct Opened {
  const Plugin* plugin = nullptr;
  std::string absence;
};

std::string folder_of_this_library() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&folder_of_this_library), &info) == 0) return "";
  const std::string path = info.dli_fname;
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

// THINBIT_CUDA_LIBRARY alone where it is set; else beside this library, then by the loader's
// search.
void* open_library(std::string& problem) {
  const char* named = environment("THINBIT_CUDA_LIBRARY");
  if (named != nullptr) {
    void* library = dlopen(named, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      problem = std::string("THINBIT_CUDA_LIBRARY names no library that loads: ") + dlerror();
    }
    return library;
  }
  const std::string beside = folder_of_this_library() + kPluginLibrary;
  for (const std::string& path : {beside, std::string(kPluginLibrary)}) {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) return library;
  }
  problem = std::string("the plugin ") + kPluginLibrary +
            " is neither beside thinbit's library nor on the loader's path; THINBIT_CUDA_LIBRARY "
            "can name it";
  return nullptr;
}

Opened open_plugin() {
  Opened opened;
  void* library = open_library(opened.absence);
  if (library == nullptr) return opened;
  const auto entry = reinterpret_cast<PluginEntry>(dlsym(library, kPluginEntry));
  if (entry == nullptr) {
    opened.absence = std::string("the CUDA plugin has no function ") + kPluginEntry;
    return opened;
  }
  const Plugin* plugin = entry();
  if (std::string(plugin->schema_hash) != thinbit_schema_hash()) {
    opened.absence = "the CUDA plugin is of another version of thinbit";
  } else if (const char* reason = plugin->absence()) {
    opened.absence = reason;
  } else {
    opened.plugin = plugin;
  }
  return opened;
}

const Opened& opened() {
  static const Opened result = open_plugin();
  return result;
}

}  // namespace

const Backend* backend() { return opened().plugin != nullptr ? &kForwarding : nullptr; }

const char* absence() { return backend() != nullptr ? nullptr : opened().absence.c_str(); }

int32_t device_count() { return opened().plugin->device_count(); }

Fault open(Context& context, void* stream) {
  const Plugin& plugin = *opened().plugin;
  Session* session = nullptr;
  const Fault fault = plugin.open(context.device_id(), stream, &session);
  if (!fault) context.backend_state = std::make_unique<PluginSession>(plugin, session);
  return fault;
}

Session& session_of(Context& context) {
  return static_cast<PluginSession&>(*context.backend_state).session();
}

const BackendOf<Session>& plugin_backend() { return *opened().plugin->backend; }

}  // namespace thinbit::cuda
