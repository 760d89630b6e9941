// MTLCommandQueue, MTLCommandBuffer and MTLComputeCommandEncoder. Work is recorded, and done as
// late as possible: when somebody waits for it. Whoever reads a result without waiting reads what
// was there before.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <sstream>
#include <vector>

#include "resources.h"

using metal_emulation::Class;
using metal_emulation::Object;
using metal_emulation::Selector;

METAL_EMULATION_CLASS(EmulatedQueue, &class_NSObject, &meta_NSObject)
METAL_EMULATION_CLASS(EmulatedCommandBuffer, &class_NSObject, &meta_NSObject)
METAL_EMULATION_CLASS(EmulatedEncoder, &class_NSObject, &meta_NSObject)

namespace metal_emulation {
namespace {

constexpr unsigned long kMaxSetBytes = 4096;
constexpr unsigned long kOffsetAlignment = 4;

struct Size {  // MTLSize
  unsigned long width, height, depth;
};

enum Status : unsigned long { kNotEnqueued = 0, kCommitted = 2, kCompleted = 4, kFailed = 5 };

// Why, and how many of the next command buffers fail, where a test wants that.
std::atomic<const char*> failure_reason{nullptr};
std::atomic<int> failures_left{0};

struct CommandBuffer;

struct Queue : Object {
  std::vector<Reference<CommandBuffer>> committed;
};

struct CommandBuffer : Object {
  Reference<Queue> queue;
  std::deque<Dispatch> dispatches;  // never moved: launches point into them
  unsigned long status = kNotEnqueued;
  bool encoding = false;
  Reference<Error> error;

  void execute_all() {
    if (failures_left > 0) {
      --failures_left;
      fail(failure_reason.load());
      dispatches.clear();
      return;
    }
    for (Dispatch& dispatch : dispatches) {
      const std::string findings = execute(dispatch);
      if (findings.empty()) continue;
      std::fprintf(stderr, "Metal emulation: %s", findings.c_str());
      fail(findings);
      break;
    }
    dispatches.clear();
    if (status != kFailed) status = kCompleted;
  }

  void fail(const std::string& reason) {
    Error* const failure = make_error(reason);
    error = Reference<Error>(failure);
    release(failure);
    status = kFailed;
  }
};

// One slot of an encoder's argument table.
struct Argument {
  Reference<Buffer> buffer;
  std::vector<std::byte> bytes;
  size_t offset = 0;
};

struct Encoder : Object {
  Reference<CommandBuffer> commands;
  Reference<Pipeline> pipeline;
  Argument arguments[kEmulationBuffers];
  bool ended = false;

  ~Encoder() {
    if (!ended) refuse("an encoder was released without endEncoding");
  }

  void require_open() const {
    if (ended) refuse("the encoder has ended");
  }
};

// Fills one binding of a launch as the kernel's parameter "b2w" wants it.
void bind(Encoder& encoder, const std::string& parameter, Dispatch& dispatch) {
  const char* const kernel = encoder.pipeline->function->kernel->name;
  const int index = std::atoi(parameter.c_str() + 1);
  const bool writable = parameter.back() == 'w';
  if (parameter[0] == 't') refuse("%s: threadgroup memory is set by no method here", kernel);
  const Argument& argument = encoder.arguments[index];
  Binding& binding = dispatch.launch.buffers[index];
  if (argument.buffer) {
    binding = {argument.buffer->data + argument.offset, argument.buffer->bytes - argument.offset,
               writable};
    dispatch.buffers.push_back(argument.buffer);
  } else if (!argument.bytes.empty()) {
    if (writable) refuse("%s writes to buffer %d, which was set with setBytes", kernel, index);
    dispatch.bytes.push_back(argument.bytes);
    binding = {dispatch.bytes.back().data(), argument.bytes.size(), false};
  } else {
    refuse("%s: buffer %d is not set", kernel, index);
  }
}

void dispatch_threadgroups(Encoder* encoder, Size groups, Size threads) {
  encoder->require_open();
  if (!encoder->pipeline) refuse("a dispatch without a pipeline");
  const emulation_kernel& kernel = *encoder->pipeline->function->kernel;
  if (groups.width * groups.height * groups.depth == 0) refuse("%s: an empty grid", kernel.name);
  const unsigned long count = threads.width * threads.height * threads.depth;
  const unsigned long limit = kernel.max_threads > 0 ? kernel.max_threads : kMaxThreads;
  if (count == 0 || count > limit) {
    refuse("%s: %lu threads in a threadgroup, and at most %lu are allowed", kernel.name, count,
           limit);
  }
  Dispatch dispatch;
  dispatch.pipeline = encoder->pipeline;
  dispatch.bytes.reserve(kEmulationBuffers);
  std::istringstream parameters(kernel.parameters);
  for (std::string parameter; parameters >> parameter;) bind(*encoder, parameter, dispatch);
  const unsigned long per_group[3] = {threads.width, threads.height, threads.depth};
  const unsigned long grid[3] = {groups.width, groups.height, groups.depth};
  for (int axis = 0; axis < 3; ++axis) {
    dispatch.launch.threads_per_threadgroup[axis] = static_cast<uint32_t>(per_group[axis]);
    dispatch.launch.threads[axis] = static_cast<uint32_t>(per_group[axis] * grid[axis]);
  }
  encoder->commands->dispatches.push_back(std::move(dispatch));
}

Object* make_encoder(CommandBuffer* commands) {
  if (commands->encoding) refuse("two encoders of one command buffer are open");
  if (commands->status != kNotEnqueued) refuse("an encoder of a committed command buffer");
  auto* encoder = make<Encoder>(class_EmulatedEncoder);
  encoder->commands = Reference<CommandBuffer>(commands);
  commands->encoding = true;
  return autorelease(encoder);
}

void set_buffer(Encoder* encoder, Buffer* buffer, unsigned long offset, unsigned long index) {
  encoder->require_open();
  if (index >= kEmulationBuffers) refuse("setBuffer: at index %lu", index);
  if (buffer != nullptr && offset >= buffer->bytes) {
    refuse("setBuffer: offset %lu in a buffer of %zu bytes", offset, buffer->bytes);
  }
  if (offset % kOffsetAlignment != 0) refuse("setBuffer: offset %lu", offset);
  Argument& argument = encoder->arguments[index];
  argument.buffer = Reference<Buffer>(buffer);
  argument.offset = offset;
  argument.bytes.clear();
}

void set_bytes(Encoder* encoder, const std::byte* bytes, unsigned long count, unsigned long index) {
  encoder->require_open();
  if (index >= kEmulationBuffers || count == 0 || count > kMaxSetBytes) {
    refuse("setBytes: %lu bytes at index %lu", count, index);
  }
  encoder->arguments[index].buffer = {};
  encoder->arguments[index].bytes.assign(bytes, bytes + count);
}

void commit(CommandBuffer* commands) {
  if (commands->status != kNotEnqueued) refuse("a command buffer was committed twice");
  if (commands->encoding) refuse("a command buffer was committed with an open encoder");
  commands->status = kCommitted;
  commands->queue->committed.emplace_back(commands);
}

// Command buffers of a queue run in the order of their commits.
void wait_until_completed(CommandBuffer* commands) {
  if (commands->status == kNotEnqueued) refuse("waitUntilCompleted before commit");
  auto& committed = commands->queue->committed;
  while (commands->status == kCommitted) {
    const Reference<CommandBuffer> first = committed.front();
    committed.erase(committed.begin());
    first->execute_all();
  }
}

const bool ready = [] {
  method(class_EmulatedQueue, "commandBuffer", [](Queue* self, Selector) {
    auto* commands = make<CommandBuffer>(class_EmulatedCommandBuffer);
    commands->queue = Reference<Queue>(self);
    return autorelease(commands);
  });
  method(class_EmulatedCommandBuffer, "computeCommandEncoder",
         [](CommandBuffer* self, Selector) { return make_encoder(self); });
  method(class_EmulatedCommandBuffer, "commit",
         [](CommandBuffer* self, Selector) { commit(self); });
  method(class_EmulatedCommandBuffer, "waitUntilCompleted",
         [](CommandBuffer* self, Selector) { wait_until_completed(self); });
  method(class_EmulatedCommandBuffer, "status",
         [](CommandBuffer* self, Selector) { return self->status; });
  method(class_EmulatedCommandBuffer, "error",
         [](CommandBuffer* self, Selector) { return self->error.get(); });
  method(class_EmulatedEncoder,
         "setComputePipelineState:", [](Encoder* self, Selector, Pipeline* pipeline) {
           self->require_open();
           self->pipeline = Reference<Pipeline>(pipeline);
         });
  method(class_EmulatedEncoder, "setBuffer:offset:atIndex:",
         [](Encoder* self, Selector, Buffer* buffer, unsigned long offset, unsigned long index) {
           set_buffer(self, buffer, offset, index);
         });
  method(class_EmulatedEncoder, "setBytes:length:atIndex:",
         [](Encoder* self, Selector, const std::byte* bytes, unsigned long count,
            unsigned long index) { set_bytes(self, bytes, count, index); });
  method(class_EmulatedEncoder, "dispatchThreadgroups:threadsPerThreadgroup:",
         [](Encoder* self, Selector, Size groups, Size threads) {
           dispatch_threadgroups(self, groups, threads);
         });
  method(class_EmulatedEncoder, "endEncoding", [](Encoder* self, Selector) {
    self->require_open();
    self->ended = true;
    self->commands->encoding = false;
  });
  return true;
}();

}  // namespace

Object* make_queue() { return make<Queue>(class_EmulatedQueue); }

}  // namespace metal_emulation

// The next `count` command buffers fail with this text, which is kept by address, as a GPU's fault
// or reset makes one fail: none of their work is done.
extern "C" void metal_emulation_fail_next(const char* reason, int count) {
  metal_emulation::failure_reason = reason;
  metal_emulation::failures_left = count;
}
