// host_bugs NAME: host code with one bug, which the emulated Metal is to refuse. `host_bugs` alone
// lists the names, each with what is said of it: on the standard error where the process is ended,
// as Metal's validation layer does, else on the standard output.

#import <Metal/Metal.h>

#include <cmath>
#include <cstdio>
#include <cstring>

namespace {

const char* const kSource = R"(#include <metal_stdlib>
using namespace metal;
constant int kFactor [[function_constant(0)]];
[[kernel]] void scale(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
                      uint index [[thread_position_in_grid]]) {
  out[index] = in[index] * (float)kFactor;
})";
constexpr NSUInteger kThreads = 32;
constexpr NSUInteger kBytes = kThreads * sizeof(float);

// Everything for one dispatch of `scale`; the bugs change a part of it.
struct Host {
  id<MTLDevice> device = MTLCreateSystemDefaultDevice();
  id<MTLCommandQueue> queue = [device newCommandQueue];
  id<MTLBuffer> out = [device newBufferWithLength:kBytes options:MTLResourceStorageModeShared];
  id<MTLBuffer> in = [device newBufferWithLength:kBytes options:MTLResourceStorageModeShared];
  id<MTLCommandBuffer> commands = [queue commandBuffer];

  Host() {
    for (NSUInteger i = 0; i < kThreads; ++i) static_cast<float*>([in contents])[i] = 1;
  }

  float first() const { return static_cast<float*>([out contents])[0]; }

  id<MTLLibrary> library(const char* source, bool safe, NSError* __autoreleasing* error) const {
    MTLCompileOptions* options = [MTLCompileOptions new];
    options.languageVersion = MTLLanguageVersion3_1;
    options.fastMathEnabled = safe ? NO : YES;
    return [device newLibraryWithSource:[NSString stringWithUTF8String:source]
                                options:options
                                  error:error];
  }

  id<MTLComputePipelineState> pipeline() const {
    MTLFunctionConstantValues* values = [MTLFunctionConstantValues new];
    const int factor = 2;
    [values setConstantValue:&factor type:MTLDataTypeInt atIndex:0];
    NSError* error = nil;
    id<MTLFunction> function = [library(kSource, true, &error) newFunctionWithName:@"scale"
                                                                    constantValues:values
                                                                             error:&error];
    return [device newComputePipelineStateWithFunction:function error:&error];
  }

  id<MTLComputeCommandEncoder> encoder() const {
    id<MTLComputeCommandEncoder> encoder = [commands computeCommandEncoder];
    [encoder setComputePipelineState:pipeline()];
    [encoder setBuffer:out offset:0 atIndex:0];
    [encoder setBuffer:in offset:0 atIndex:1];
    return encoder;
  }

  static void dispatch(id<MTLComputeCommandEncoder> encoder, NSUInteger groups = 1,
                       NSUInteger threads = kThreads) {
    [encoder dispatchThreadgroups:MTLSizeMake(groups, 1, 1)
            threadsPerThreadgroup:MTLSizeMake(threads, 1, 1)];
  }

  void encode() const {
    id<MTLComputeCommandEncoder> open = encoder();
    dispatch(open);
    [open endEncoding];
  }

  void finish() const {
    [commands commit];
    [commands waitUntilCompleted];
  }
};

struct Bug {
  const char* name;
  const char* said;
  void (*run)(Host&);
};

const Bug kBugs[] = {
    {"no_bug", "2 after the wait",
     [](Host& host) {
       host.encode();
       host.finish();
       std::printf("%g after the wait\n", host.first());
     }},
    {"no_wait", "nan without a wait",
     [](Host& host) {
       host.encode();
       [host.commands commit];
       std::printf("%g without a wait\n", std::fabs(host.first()));
     }},
    {"wait_before_commit", "before commit",
     [](Host& host) {
       host.encode();
       [host.commands waitUntilCompleted];
     }},
    {"commit_twice", "committed twice",
     [](Host& host) {
       host.encode();
       [host.commands commit];
       [host.commands commit];
     }},
    {"commit_with_open_encoder", "open encoder",
     [](Host& host) {
       id<MTLComputeCommandEncoder> open = host.encoder();
       [host.commands commit];
       [open endEncoding];
     }},
    {"two_encoders", "two encoders",
     [](Host& host) {
       id<MTLComputeCommandEncoder> first = host.encoder();
       [[host.commands computeCommandEncoder] endEncoding];
       [first endEncoding];
     }},
    {"encoder_never_ended", "without endEncoding", [](Host& host) { (void)host.encoder(); }},
    {"dispatch_after_end", "has ended",
     [](Host& host) {
       id<MTLComputeCommandEncoder> open = host.encoder();
       [open endEncoding];
       Host::dispatch(open);
     }},
    {"no_pipeline", "without a pipeline",
     [](Host& host) { Host::dispatch([host.commands computeCommandEncoder]); }},
    {"empty_grid", "empty grid", [](Host& host) { Host::dispatch(host.encoder(), 0); }},
    {"too_many_threads", "at most 1024",
     [](Host& host) { Host::dispatch(host.encoder(), 1, 1025); }},
    {"buffer_not_set", "buffer 1 is not set",
     [](Host& host) {
       id<MTLComputeCommandEncoder> open = host.encoder();
       [open setBuffer:nil offset:0 atIndex:1];
       Host::dispatch(open);
     }},
    {"buffer_index", "at index 31",
     [](Host& host) { [host.encoder() setBuffer:host.in offset:0 atIndex:31]; }},
    {"offset_past_the_end", "offset 128",
     [](Host& host) { [host.encoder() setBuffer:host.in offset:kBytes atIndex:1]; }},
    {"writes_to_bytes", "set with setBytes",
     [](Host& host) {
       id<MTLComputeCommandEncoder> open = host.encoder();
       const float bytes[kThreads] = {};
       [open setBytes:bytes length:sizeof bytes atIndex:0];
       Host::dispatch(open);
     }},
    {"too_many_bytes", "4097 bytes",
     [](Host& host) {
       static const char bytes[4097] = {};
       [host.encoder() setBytes:bytes length:sizeof bytes atIndex:1];
     }},
    {"no_copy_off_a_page", "multiples of the page",
     [](Host& host) {
       (void)[host.device newBufferWithBytesNoCopy:static_cast<char*>([host.in contents]) + 4096
                                            length:16384
                                           options:MTLResourceStorageModeShared
                                       deallocator:nil];
     }},
    {"empty_buffer", "zero bytes",
     [](Host& host) {
       (void)[host.device newBufferWithLength:0 options:MTLResourceStorageModeShared];
     }},
    {"fast_math", "MTLMathModeSafe",
     [](Host& host) {
       NSError* error = nil;
       (void)host.library(kSource, false, &error);
     }},
    {"constant_not_set", "kFactor is not set",
     [](Host& host) {
       NSError* error = nil;
       (void)[host.library(kSource, true, &error)
           newFunctionWithName:@"scale"
                constantValues:[MTLFunctionConstantValues new]
                         error:&error];
       std::printf("%s\n", error.localizedDescription.UTF8String);
     }},
    {"no_such_kernel", "there is no function shrink",
     [](Host& host) {
       MTLFunctionConstantValues* values = [MTLFunctionConstantValues new];
       const int factor = 2;
       [values setConstantValue:&factor type:MTLDataTypeInt atIndex:0];
       NSError* error = nil;
       (void)[host.library(kSource, true, &error) newFunctionWithName:@"shrink"
                                                       constantValues:values
                                                                error:&error];
       std::printf("%s\n", error.localizedDescription.UTF8String);
     }},
    {"source_does_not_compile", "undeclared identifier",
     [](Host& host) {
       NSError* error = nil;
       id<MTLLibrary> library = host.library(
           "[[kernel]] void bug(device float* out [[buffer(0)]]) { out[0] = nothing; }", true,
           &error);
       std::printf("%s\n", library == nil ? error.localizedDescription.UTF8String : "compiled");
     }},
    {"kernel_leaves_its_buffer", "failed: scale: out of bounds",
     [](Host& host) {
       id<MTLComputeCommandEncoder> open = host.encoder();
       Host::dispatch(open, 2);
       [open endEncoding];
       host.finish();
       const bool failed = host.commands.status == MTLCommandBufferStatusError;
       std::printf("%s: %s\n", failed ? "failed" : "completed",
                   host.commands.error.localizedDescription.UTF8String);
     }},
};

}  // namespace

int main(int argc, char** argv) {
  for (const Bug& bug : kBugs) {
    if (argc < 2) {
      std::printf("%s: %s\n", bug.name, bug.said);
    } else if (std::strcmp(argv[1], bug.name) == 0) {
      @autoreleasepool {
        Host host;
        bug.run(host);
      }
    }
  }
  return 0;
}
