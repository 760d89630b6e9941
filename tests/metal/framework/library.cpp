// Source text to kernels that run, by the translator, with what it made kept in a folder.

#include <dlfcn.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <sstream>

#include "resources.h"

extern char** environ;

namespace metal_emulation {
namespace {

std::string setting(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback;
}

std::string contents(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

uint64_t fnv1a(const std::string& text) {
  uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

// The run time that kernels are linked with: the library that this code is in.
std::string own_path() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&own_path), &info) == 0) refuse("dladdr failed");
  return info.dli_fname;
}

// Runs the translator with its output in a file; whether it succeeded.
bool translate(const std::string& source, const std::string& object, const std::string& log) {
  const std::string command = "cd '" METAL_EMULATION_TESTS "' && exec '" METAL_EMULATION_PYTHON
                              "' -m metal.translator \"$1\" \"$2\" --library \"$3\" "
                              ">\"$4\" 2>&1";
  const std::string library = own_path();
  const char* arguments[] = {"sh",           "-c",           command.c_str(), "sh",
                             source.c_str(), object.c_str(), library.c_str(), log.c_str(),
                             nullptr};
  pid_t child = 0;
  if (posix_spawn(&child, "/bin/sh", nullptr, nullptr, const_cast<char**>(arguments), environ) !=
      0) {
    refuse("the translator does not start");
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

const emulation_module* load(const std::string& object) {
  void* const library = dlopen(object.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) refuse("%s", dlerror());
  const auto* module = static_cast<const emulation_module*>(dlsym(library, "emulation_module"));
  if (module == nullptr) refuse("%s has no kernels", object.c_str());
  emulation::admit_constants_of(module);
  return module;
}

void set_constants(const emulation_module& module, const ConstantValues& values) {
  for (int i = 0; i < module.constant_count; ++i) {
    const emulation_constant& constant = module.constants[i];
    const auto& value = values.at(static_cast<unsigned long>(constant.index));
    *constant.defined = 1;
    std::memcpy(constant.value, value.data(), value.size());
  }
}

}  // namespace

const emulation_module* compile(const std::string& source, std::string& problem) {
  static std::mutex one_at_a_time;
  const std::lock_guard<std::mutex> lock(one_at_a_time);
  const std::string folder = setting("METAL_EMULATION_CACHE", METAL_EMULATION_KERNELS);
  char name[32];
  std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(fnv1a(source)));
  const std::string base = folder + "/" + name;
  const std::string object = base + ".so";
  if (access(object.c_str(), R_OK) == 0) {
    if (contents(base + ".metal") != source) refuse("two sources share the hash %s", name);
    return load(object);
  }
  for (size_t slash = folder.find('/', 1);; slash = folder.find('/', slash + 1)) {
    mkdir(folder.substr(0, slash).c_str(), 0777);
    if (slash == std::string::npos) break;
  }
  std::ofstream(base + ".metal") << source;
  if (translate(base + ".metal", object, base + ".log")) return load(object);
  problem = contents(base + ".log");
  return nullptr;
}

std::string execute(Dispatch& dispatch) {
  const Function& function = *dispatch.pipeline->function.get();
  set_constants(*function.library->module, function.constants);
  dispatch.launch.seed = std::strtoull(setting("METAL_EMULATION_SEED", "1").c_str(), nullptr, 10);
  dispatch.launch.flush_denormals = setting("METAL_EMULATION_FLUSH", "0") == "1";
  const auto entry = reinterpret_cast<KernelEntry>(function.kernel->entry);
  const std::string findings = emulation::run(entry, dispatch.launch);
  return findings.empty() ? "" : std::string(function.kernel->name) + ": " + findings;
}

}  // namespace metal_emulation
