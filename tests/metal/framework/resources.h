#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "../../emulation/launch.h"
#include "../../emulation/module.h"
#include "objects.h"

// What the objects of the emulated Metal hold.

namespace metal_emulation {

using emulation::Binding;
using emulation::KernelEntry;
using emulation::kMaxThreads;
using emulation::Launch;

constexpr size_t kPage = 16384;  // of Apple's processors

struct Device : Object {};

struct Buffer : Object {
  std::byte* data = nullptr;
  size_t bytes = 0;
  size_t owned = 0;  // bytes of memory of its own, whole pages; 0 where it is the caller's
  ~Buffer();
};

struct CompileOptions : Object {
  long math_mode = 2;  // fast, Metal's default
  unsigned long language_version = 0;
};

using ConstantValues = std::map<unsigned long, std::vector<uint8_t>>;

struct FunctionConstantValues : Object {
  ConstantValues values;
};

struct Library : Object {
  const emulation_module* module = nullptr;
};

struct Function : Object {
  Reference<Library> library;
  const emulation_kernel* kernel = nullptr;
  ConstantValues constants;
};

struct Pipeline : Object {
  Reference<Function> function;
};

// Compiles source text, or finds what was compiled before; null, and why, where it does not
// compile.
const emulation_module* compile(const std::string& source, std::string& problem);

// One dispatch as it was recorded. The command buffer keeps all of it alive.
struct Dispatch {
  Reference<Pipeline> pipeline;
  Launch launch;
  std::vector<Reference<Buffer>> buffers;
  std::vector<std::vector<std::byte>> bytes;
};

// Runs it; what the emulation finds wrong, empty where nothing is.
std::string execute(Dispatch& dispatch);

Object* make_queue();

}  // namespace metal_emulation
