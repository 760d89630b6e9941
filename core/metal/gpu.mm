#include "metal/presence.h"

#if THINBIT_HAS_METAL

#include "generated/metal_source.gen.h"
#include "metal/gpu.h"

namespace thinbit::metal {
namespace {

// "quantize_affine_4": a kernel template's instantiation as the host finds it.
std::string host_name(const std::string& kernel, Mode mode, int32_t bits) {
  return kernel + "_" + mode_info(mode).name + "_" + std::to_string(bits);
}

std::string instantiation(const std::string& kernel, Mode mode, int32_t bits, bool takes_bits) {
  std::string function = kernel + "<" + std::to_string(static_cast<int32_t>(mode));
  if (takes_bits) function += ", " + std::to_string(bits);
  function += ">";
  return "template [[host_name(\"" + host_name(kernel, mode, bits) + "\")]] [[kernel]] decltype(" +
         function + ") " + function + ";\n";
}

// What is appended to the kernels' text: the instantiations of one family.
std::string instantiations(Family family, Mode mode, int32_t bits) {
  std::string text = "namespace thinbit {\n";
  if (family == Family::kConversion) {
    text += instantiation("quantize", mode, bits, true);
    text += instantiation("dequantize", mode, bits, true);
    if (mode != Mode::kAffine) text += instantiation("quantized_values", mode, bits, false);
  } else if (family == Family::kProduct) {
    text += instantiation("qmv", mode, bits, true);
    text += instantiation("qmm", mode, bits, true);
  }
  return text + "}\n";
}

std::string description(NSError* error) {
  return error == nil ? "no reason is given" : error.localizedDescription.UTF8String;
}

MTLFunctionConstantValues* constants_of(const Specialisation& specialisation) {
  MTLFunctionConstantValues* values = [MTLFunctionConstantValues new];
  const Specialisation& s = specialisation;
  const int32_t numbers[] = {s.group_size, s.input_format, s.scale_format, s.output_format,
                             s.addend_format};
  NSUInteger index = 0;
  for (const int32_t& number : numbers) {
    [values setConstantValue:&number type:MTLDataTypeInt atIndex:index++];
  }
  [values setConstantValue:&s.transposed type:MTLDataTypeBool atIndex:index++];
  [values setConstantValue:&s.vectors type:MTLDataTypeInt atIndex:index];
  return values;
}

std::string key_of(const Specialisation& s) {
  std::string key;
  for (const int32_t number : {s.group_size, s.input_format, s.scale_format, s.output_format,
                               s.addend_format, int32_t{s.transposed}, s.vectors}) {
    key += " " + std::to_string(number);
  }
  return key;
}

// The default device; null, and why, where its kind is too old for the kernels.
Gpu* find(Gpu* (*make)(id<MTLDevice>), const char*& absence) {
  id<MTLDevice> device = MTLCreateSystemDefaultDevice();
  if (device == nil) {
    absence = "Metal finds no GPU on this system";
  } else if (![device supportsFamily:MTLGPUFamilyApple7]) {
    absence = "the kernels need an Apple GPU of family 7 or later (M1, A14)";
  } else {
    return make(device);
  }
  return nullptr;
}

const char* absence_found = nullptr;

}  // namespace

Gpu* Gpu::shared() {
  static Gpu* const gpu = find([](id<MTLDevice> device) { return new Gpu(device); }, absence_found);
  return gpu;
}

const char* Gpu::absence() {
  shared();
  return absence_found;
}

id<MTLLibrary> Gpu::library(Family family, Mode mode, int32_t bits) {
  const std::string appended = instantiations(family, mode, bits);
  const auto found = libraries_.find(appended);
  if (found != libraries_.end()) return found->second;
  MTLCompileOptions* options = [MTLCompileOptions new];
  options.languageVersion = MTLLanguageVersion3_1;
  // IEEE division and no reassociation: the contract promises bytes. (`mathMode` is newer than the
  // oldest system that the kernels run on.)
  options.fastMathEnabled = NO;
  NSError* error = nil;
  NSString* source = [NSString stringWithUTF8String:(std::string(kMetalSource) + appended).c_str()];
  id<MTLLibrary> library = [device_ newLibraryWithSource:source options:options error:&error];
  if (library == nil) throw DeviceError{"the kernels do not compile: " + description(error)};
  libraries_[appended] = library;
  return library;
}

id<MTLComputePipelineState> Gpu::pipeline(Family family, const std::string& kernel, Mode mode,
                                          int32_t bits, const Specialisation& specialisation) {
  const std::string name = family == Family::kFp8 ? kernel : host_name(kernel, mode, bits);
  const std::string key = name + key_of(specialisation);
  const std::lock_guard<std::mutex> guard(lock_);
  const auto found = pipelines_.find(key);
  if (found != pipelines_.end()) return found->second;
  NSError* error = nil;
  id<MTLFunction> function =
      [library(family, mode, bits) newFunctionWithName:[NSString stringWithUTF8String:name.c_str()]
                                        constantValues:constants_of(specialisation)
                                                 error:&error];
  if (function == nil) throw DeviceError{"no kernel " + name + ": " + description(error)};
  id<MTLComputePipelineState> pipeline = [device_ newComputePipelineStateWithFunction:function
                                                                                error:&error];
  if (pipeline == nil) throw DeviceError{"no pipeline for " + name + ": " + description(error)};
  pipelines_[key] = pipeline;
  return pipeline;
}

}  // namespace thinbit::metal

#endif
