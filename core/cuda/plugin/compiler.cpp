#include "cuda/plugin/compiler.h"

#include <dlfcn.h>

#include "cuda/plugin/device_error.h"
#include "runtime/environment.h"

namespace thinbit::cuda {
namespace {

using Program = struct _nvrtcProgram*;

// The functions of libnvrtc that are used.
struct Compiler {
  int (*version)(int* major, int* minor);
  int (*create)(Program*, const char* source, const char* name, int headers, const char* const*,
                const char* const*);
  int (*compile)(Program, int options, const char* const*);
  int (*destroy)(Program*);
  int (*log_size)(Program, size_t*);
  int (*log)(Program, char*);
  int (*cubin_size)(Program, size_t*);
  int (*cubin)(Program, char*);
  bool complete = true;
};

template <class Function>
void find(void* library, const char* name, Function& function, bool& complete) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  complete = complete && function != nullptr;
}

void* open_library() {
  if (const char* named = environment("THINBIT_NVRTC_LIBRARY")) {
    return dlopen(named, RTLD_NOW | RTLD_LOCAL);
  }
  for (const char* name : {"libnvrtc.so.13", "libnvrtc.so.12"}) {
    void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) return library;
  }
  return nullptr;
}

const Compiler* load() {
  void* library = open_library();
  if (library == nullptr) return nullptr;
  static Compiler compiler;
  find(library, "nvrtcVersion", compiler.version, compiler.complete);
  find(library, "nvrtcCreateProgram", compiler.create, compiler.complete);
  find(library, "nvrtcCompileProgram", compiler.compile, compiler.complete);
  find(library, "nvrtcDestroyProgram", compiler.destroy, compiler.complete);
  find(library, "nvrtcGetProgramLogSize", compiler.log_size, compiler.complete);
  find(library, "nvrtcGetProgramLog", compiler.log, compiler.complete);
  find(library, "nvrtcGetCUBINSize", compiler.cubin_size, compiler.complete);
  find(library, "nvrtcGetCUBIN", compiler.cubin, compiler.complete);
  return compiler.complete ? &compiler : nullptr;
}

const Compiler* compiler() {
  static const Compiler* const loaded = load();
  return loaded;
}

class OwnedProgram {
 public:
  OwnedProgram(const Compiler& compiler, const ModuleInfo& module) : compiler_(compiler) {
    const std::string name = std::string(module.name) + ".cu";
    const std::string source = source_of(module);
    if (compiler.create(&program_, source.c_str(), name.c_str(), 0, nullptr, nullptr) != 0) {
      throw DeviceError{"libnvrtc does not take a source"};
    }
  }
  OwnedProgram(const OwnedProgram&) = delete;
  OwnedProgram& operator=(const OwnedProgram&) = delete;
  ~OwnedProgram() { compiler_.destroy(&program_); }

  int compile(const std::vector<std::string>& options) {
    std::vector<const char*> texts;
    for (const std::string& option : options) texts.push_back(option.c_str());
    return compiler_.compile(program_, static_cast<int>(texts.size()), texts.data());
  }

  std::string log() const { return read(compiler_.log_size, compiler_.log); }
  std::string cubin() const { return read(compiler_.cubin_size, compiler_.cubin); }

 private:
  std::string read(int (*size)(Program, size_t*), int (*content)(Program, char*)) const {
    size_t bytes = 0;
    if (size(program_, &bytes) != 0) return "";
    std::string text(bytes, '\0');
    if (content(program_, text.data()) != 0) return "";
    return text;
  }

  const Compiler& compiler_;
  Program program_ = nullptr;
};

}  // namespace

std::vector<std::string> compile_options(const ModuleInfo& module,
                                         const std::string& architecture) {
  std::vector<std::string> options = {"--gpu-architecture=" + architecture};
  for (const char* const* option = kCommonOptions; *option != nullptr; ++option) {
    options.emplace_back(*option);
  }
  for (const char* option : module.options) {
    if (option != nullptr) options.emplace_back(option);
  }
  return options;
}

bool has_compiler() { return compiler() != nullptr; }

std::string compiler_version() {
  int major = 0;
  int minor = 0;
  if (!has_compiler() || compiler()->version(&major, &minor) != 0) return "";
  return std::to_string(major) + "." + std::to_string(minor);
}

std::string compile(const ModuleInfo& module, const std::string& architecture) {
  if (!has_compiler()) {
    throw DeviceError{
        std::string("the kernels ") + module.name + " are not compiled for " + architecture +
        ", and there is no libnvrtc that could: install nvidia-cuda-nvrtc, or name the "
        "library in THINBIT_NVRTC_LIBRARY"};
  }
  OwnedProgram program(*compiler(), module);
  if (program.compile(compile_options(module, architecture)) != 0) {
    throw DeviceError{std::string("libnvrtc does not compile ") + module.name + " for " +
                      architecture + ": " + program.log()};
  }
  return program.cubin();
}

}  // namespace thinbit::cuda
