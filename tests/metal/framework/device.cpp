// MTLDevice, MTLBuffer, MTLLibrary, MTLFunction and MTLComputePipelineState.

#include <atomic>
#include <cstring>
#include <new>

#include "resources.h"

using metal_emulation::Class;
using metal_emulation::Object;
using metal_emulation::Selector;

METAL_EMULATION_CLASS(MTLCompileOptions, &class_NSObject, &meta_NSObject)
METAL_EMULATION_CLASS(MTLFunctionConstantValues, &class_NSObject, &meta_NSObject)
METAL_EMULATION_CLASS(EmulatedDevice, &class_NSObject, &meta_NSObject)
METAL_EMULATION_CLASS(EmulatedBuffer, &class_NSObject, &meta_NSObject)
METAL_EMULATION_CLASS(EmulatedLibrary, &class_NSObject, &meta_NSObject)
METAL_EMULATION_CLASS(EmulatedFunction, &class_NSObject, &meta_NSObject)
METAL_EMULATION_CLASS(EmulatedPipeline, &class_NSObject, &meta_NSObject)

namespace metal_emulation {
namespace {

constexpr unsigned long kFloat = 3, kInt = 29, kUInt = 33, kBool = 53;  // MTLDataType
constexpr long kApple7 = 1007, kMetal3 = 5001;                          // MTLGPUFamily
constexpr long kMathModeSafe = 0;
constexpr unsigned long kFirstWithBfloat = (3 << 16) + 1;
constexpr size_t kMaxBufferBytes = size_t{1} << 32;

std::atomic<unsigned long> buffers_in_place{0};

// What memory holds that nobody has written: NaN in every float format.
constexpr int kPoison = 0xFF;

Buffer* make_buffer(unsigned long bytes) {
  if (bytes == 0) refuse("newBufferWithLength: of zero bytes");
  if (bytes > kMaxBufferBytes) return nullptr;
  auto* buffer = make<Buffer>(class_EmulatedBuffer);
  buffer->bytes = bytes;
  buffer->owned = (bytes + kPage - 1) / kPage * kPage;
  buffer->data = static_cast<std::byte*>(::operator new(buffer->owned, std::align_val_t{kPage}));
  std::memset(buffer->data, kPoison, buffer->owned);
  return buffer;
}

Buffer* wrap_memory(void* memory, unsigned long bytes) {
  if (reinterpret_cast<uintptr_t>(memory) % kPage != 0 || bytes % kPage != 0 || bytes == 0) {
    refuse("newBufferWithBytesNoCopy: %p and %lu must be multiples of the page, %zu", memory, bytes,
           kPage);
  }
  auto* buffer = make<Buffer>(class_EmulatedBuffer);
  buffer->data = static_cast<std::byte*>(memory);
  ++buffers_in_place;
  buffer->bytes = bytes;
  return buffer;
}

Object* make_library(String* source, CompileOptions* options, Object** error) {
  if (options == nullptr || options->math_mode != kMathModeSafe) {
    refuse("kernels whose bytes are promised need MTLMathModeSafe");
  }
  if (options->language_version < kFirstWithBfloat) {
    set_error(error, "bfloat needs Metal 3.1");
    return nullptr;
  }
  std::string problem;
  const emulation_module* const module = compile(text_of(source), problem);
  if (module == nullptr) {
    set_error(error, problem);
    return nullptr;
  }
  auto* library = make<Library>(class_EmulatedLibrary);
  library->module = module;
  return library;
}

// The bytes of a constant in C, by MTLDataType; 0 for a type that kernels here do not use.
size_t constant_bytes(unsigned long type) {
  if (type == kBool) return 1;
  return type == kFloat || type == kInt || type == kUInt ? 4 : 0;
}

Object* make_function(Library* library, Object* name, FunctionConstantValues* values,
                      Object** error) {
  const emulation_module& module = *library->module;
  for (int i = 0; i < module.constant_count; ++i) {
    const emulation_constant& constant = module.constants[i];
    const auto found = values->values.find(static_cast<unsigned long>(constant.index));
    if (found == values->values.end()) {
      set_error(error, std::string("the function constant ") + constant.name + " is not set");
      return nullptr;
    }
    if (found->second.size() != static_cast<size_t>(constant.size)) {
      refuse("the function constant %s has %d bytes, and was set with %zu", constant.name,
             constant.size, found->second.size());
    }
  }
  for (int i = 0; i < module.kernel_count; ++i) {
    if (std::string(module.kernels[i].name) != text_of(name)) continue;
    auto* function = make<Function>(class_EmulatedFunction);
    function->library = Reference<Library>(library);
    function->kernel = &module.kernels[i];
    function->constants = values->values;
    return function;
  }
  set_error(error, std::string("there is no function ") + text_of(name));
  return nullptr;
}

Object* make_pipeline(Function* function, Object** error) {
  if (function == nullptr) {
    set_error(error, "newComputePipelineStateWithFunction: nil");
    return nullptr;
  }
  auto* pipeline = make<Pipeline>(class_EmulatedPipeline);
  pipeline->function = Reference<Function>(function);
  return pipeline;
}

const bool ready = [] {
  method(meta_MTLCompileOptions, "alloc",
         [](Class*, Selector) { return make<CompileOptions>(class_MTLCompileOptions); });
  method(class_MTLCompileOptions,
         "setMathMode:", [](CompileOptions* self, Selector, long mode) { self->math_mode = mode; });
  method(class_MTLCompileOptions, "setFastMathEnabled:",
         [](CompileOptions* self, Selector, signed char fast) { self->math_mode = fast ? 2 : 0; });
  method(class_MTLCompileOptions,
         "setLanguageVersion:", [](CompileOptions* self, Selector, unsigned long version) {
           self->language_version = version;
         });
  method(meta_MTLFunctionConstantValues, "alloc", [](Class*, Selector) {
    return make<FunctionConstantValues>(class_MTLFunctionConstantValues);
  });
  method(class_MTLFunctionConstantValues, "setConstantValue:type:atIndex:",
         [](FunctionConstantValues* self, Selector, const uint8_t* value, unsigned long type,
            unsigned long index) {
           const size_t bytes = constant_bytes(type);
           if (bytes == 0) refuse("setConstantValue: of type %lu", type);
           self->values[index].assign(value, value + bytes);
         });
  method(class_EmulatedDevice, "name",
         [](Device*, Selector) { return autorelease(make_string("Emulated GPU")); });
  method(class_EmulatedDevice, "maxBufferLength",
         [](Device*, Selector) { return static_cast<unsigned long>(kMaxBufferBytes); });
  method(class_EmulatedDevice, "supportsFamily:", [](Device*, Selector, long family) {
    return static_cast<signed char>(family <= kApple7 || family == kMetal3);
  });
  method(class_EmulatedDevice, "newCommandQueue", [](Device*, Selector) { return make_queue(); });
  method(class_EmulatedDevice, "newBufferWithLength:options:",
         [](Device*, Selector, unsigned long bytes, unsigned long) { return make_buffer(bytes); });
  method(class_EmulatedDevice, "newBufferWithBytesNoCopy:length:options:deallocator:",
         [](Device*, Selector, void* memory, unsigned long bytes, unsigned long, void* block) {
           if (block != nullptr) refuse("newBufferWithBytesNoCopy: with a deallocator");
           return wrap_memory(memory, bytes);
         });
  method(class_EmulatedDevice, "newLibraryWithSource:options:error:",
         [](Device*, Selector, String* source, CompileOptions* options, Object** error) {
           return make_library(source, options, error);
         });
  method(class_EmulatedDevice, "newComputePipelineStateWithFunction:error:",
         [](Device*, Selector, Function* function, Object** error) {
           return make_pipeline(function, error);
         });
  method(class_EmulatedLibrary, "newFunctionWithName:constantValues:error:",
         [](Library* self, Selector, Object* name, FunctionConstantValues* values, Object** error) {
           return make_function(self, name, values, error);
         });
  method(class_EmulatedPipeline, "maxTotalThreadsPerThreadgroup", [](Pipeline* self, Selector) {
    const int limit = self->function->kernel->max_threads;
    return static_cast<unsigned long>(limit > 0 ? limit : static_cast<int>(kMaxThreads));
  });
  method(class_EmulatedPipeline, "threadExecutionWidth", [](Pipeline*, Selector) { return 32ul; });
  method(class_EmulatedBuffer, "contents", [](Buffer* self, Selector) { return self->data; });
  method(class_EmulatedBuffer, "length", [](Buffer* self, Selector) { return self->bytes; });
  return true;
}();

}  // namespace

Buffer::~Buffer() {
  if (owned > 0) ::operator delete(data, std::align_val_t{kPage});
}

}  // namespace metal_emulation

// How many buffers were made of memory as it lay, without a copy.
extern "C" unsigned long metal_emulation_buffers_in_place() {
  return metal_emulation::buffers_in_place;
}

extern "C" Object* MTLCreateSystemDefaultDevice() {
  return metal_emulation::make<metal_emulation::Device>(class_EmulatedDevice);
}
