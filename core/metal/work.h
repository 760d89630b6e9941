#pragma once

#import <Metal/Metal.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "metal/gpu.h"
#include "runtime/context.h"
#include "runtime/fault.h"
#include "runtime/tensor_view.h"

namespace thinbit::metal {

// What a context keeps from call to call: its queue, and the buffers of calls that have ended.
class Session final : public BackendState {
 public:
  explicit Session(Gpu& gpu);

  Gpu& gpu() { return gpu_; }
  id<MTLCommandQueue> queue() const { return queue_; }

  // Shared memory of exactly so many bytes, at least one. Throws std::bad_alloc.
  id<MTLBuffer> take(size_t bytes);
  void give_back(id<MTLBuffer> buffer);

  // Calls wait for their kernels, so that none are left; but what the GPU failed at since the last
  // sync() is told again here, for callers that look for errors nowhere else.
  thinbit_status sync(thinbit_error* error) override;
  void keep_failure(const std::string& text);

  // The text of the last device fault, for as long as the context lives.
  const std::string& keep_problem(std::string text) { return problem_ = std::move(text); }

 private:
  Gpu& gpu_;
  id<MTLCommandQueue> queue_;
  std::multimap<size_t, id<MTLBuffer>> free_;
  size_t free_bytes_ = 0;
  std::string problem_;
  std::string failure_;  // the first since the last sync(); empty where there was none
};

// One call: its operands as buffers, its kernels in one command buffer, in the order of their
// dispatches. The host's memory is the GPU's too, so that nothing is copied but operands that are
// strided or do not begin at a page.
class Work {
 public:
  explicit Work(Session& session) : session_(session) {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  ~Work();

  Gpu& gpu() { return session_.gpu(); }

  // Uninitialised memory.
  id<MTLBuffer> scratch(size_t bytes);

  // A copy of host memory.
  id<MTLBuffer> copy(const void* from, size_t bytes);

  // The elements of an operand in row-major order.
  id<MTLBuffer> input(const TensorView& view);

  // Where a kernel is to write a result in row-major order; finish() brings it to the tensor.
  id<MTLBuffer> output(const TensorView& view);

  // Runs a kernel after those that were dispatched before. The parameters come last among its
  // buffers.
  template <class Parameters>
  void dispatch(id<MTLComputePipelineState> pipeline, std::initializer_list<id<MTLBuffer>> buffers,
                const Parameters& parameters, MTLSize threadgroups, NSUInteger threads) {
    dispatch(pipeline, buffers, &parameters, sizeof parameters, threadgroups, threads);
  }

  // Waits for the kernels, and brings the results home. Throws DeviceError.
  void finish();

 private:
  void dispatch(id<MTLComputePipelineState> pipeline, std::initializer_list<id<MTLBuffer>> buffers,
                const void* parameters, size_t bytes, MTLSize threadgroups, NSUInteger threads);
  id<MTLBuffer> in_place(const TensorView& view);

  struct Result {
    id<MTLBuffer> buffer;
    TensorView view;
  };

  Session& session_;
  std::vector<id<MTLBuffer>> taken_;
  std::vector<Result> results_;
  id<MTLCommandBuffer> commands_ = nil;
  id<MTLComputeCommandEncoder> encoder_ = nil;
};

// The session of a context, made on first use.
Session& session_of(Context& context);

// Runs body(Work&) -> Fault within an autorelease pool; what the device refuses becomes a fault.
template <class Body>
Fault run_work(Context& context, const Body& body) {
  @autoreleasepool {
    Session& session = session_of(context);
    try {
      Work work(session);
      return body(work);
    } catch (DeviceError& error) {
      return Fault::device(session.keep_problem(std::move(error.text)).c_str());
    }
  }
}

}  // namespace thinbit::metal
