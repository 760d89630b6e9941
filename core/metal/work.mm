#include "metal/presence.h"

#if THINBIT_HAS_METAL

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "metal/layout.h"
#include "metal/work.h"
#include "runtime/error.h"

namespace thinbit::metal {
namespace {

// Of Apple's processors; memory that begins at one can be given to the GPU as it is.
constexpr size_t kPage = 16384;

// What a context keeps for its next calls.
constexpr size_t kMostFreeBytes = size_t{256} << 20;

size_t bytes_of(const TensorView& view) {
  return static_cast<size_t>(view.elements() * dtype_bytes(view.dtype));
}

std::byte* contents(id<MTLBuffer> buffer) { return static_cast<std::byte*>([buffer contents]); }

}  // namespace

Session::Session(Gpu& gpu) : gpu_(gpu), queue_([gpu.device() newCommandQueue]) {
  if (queue_ == nil) throw std::bad_alloc();
}

// Buffers are kept by their exact size: a model's calls repeat their shapes, and a kernel that
// leaves its operand is seen by Metal's validation.
id<MTLBuffer> Session::take(size_t bytes) {
  bytes = std::max<size_t>(bytes, 1);
  const auto found = free_.find(bytes);
  if (found != free_.end()) {
    id<MTLBuffer> buffer = found->second;
    free_.erase(found);
    free_bytes_ -= bytes;
    return buffer;
  }
  if (bytes > gpu_.device().maxBufferLength) throw std::bad_alloc();
  id<MTLBuffer> buffer = [gpu_.device() newBufferWithLength:bytes
                                                    options:MTLResourceStorageModeShared];
  if (buffer == nil) throw std::bad_alloc();
  return buffer;
}

void Session::give_back(id<MTLBuffer> buffer) {
  const size_t bytes = buffer.length;
  if (free_bytes_ + bytes > kMostFreeBytes) return;
  free_bytes_ += bytes;
  free_.emplace(bytes, buffer);
}

thinbit_status Session::sync(thinbit_error* error) {
  if (failure_.empty()) return clear(error);
  const std::string text = std::exchange(failure_, {});
  return report(error, THINBIT_DEVICE, "context_sync", "", "device", text);
}

void Session::keep_failure(const std::string& text) {
  if (failure_.empty()) failure_ = text;
}

Work::~Work() {
  if (encoder_ != nil) [encoder_ endEncoding];
  for (id<MTLBuffer> buffer : taken_) session_.give_back(buffer);
}

id<MTLBuffer> Work::scratch(size_t bytes) {
  id<MTLBuffer> buffer = session_.take(bytes);
  taken_.push_back(buffer);
  return buffer;
}

id<MTLBuffer> Work::copy(const void* from, size_t bytes) {
  id<MTLBuffer> buffer = scratch(bytes);
  if (bytes > 0) std::memcpy(contents(buffer), from, bytes);
  return buffer;
}

// The caller's memory itself, where Metal takes it; else nil.
id<MTLBuffer> Work::in_place(const TensorView& view) {
  const size_t bytes = bytes_of(view);
  if (bytes == 0 || reinterpret_cast<uintptr_t>(view.data) % kPage != 0 || !is_row_major(view)) {
    return nil;
  }
  const size_t whole_pages = (bytes + kPage - 1) / kPage * kPage;
  if (whole_pages > gpu().device().maxBufferLength) return nil;
  return [gpu().device() newBufferWithBytesNoCopy:view.data
                                           length:whole_pages
                                          options:MTLResourceStorageModeShared
                                      deallocator:nil];
}

id<MTLBuffer> Work::input(const TensorView& view) {
  id<MTLBuffer> buffer = in_place(view);
  if (buffer != nil) return buffer;
  buffer = scratch(bytes_of(view));
  copy_to_row_major(view, contents(buffer));
  return buffer;
}

id<MTLBuffer> Work::output(const TensorView& view) {
  id<MTLBuffer> buffer = in_place(view);
  if (buffer != nil) return buffer;
  buffer = scratch(bytes_of(view));
  results_.push_back({buffer, view});
  return buffer;
}

void Work::dispatch(id<MTLComputePipelineState> pipeline,
                    std::initializer_list<id<MTLBuffer>> buffers, const void* parameters,
                    size_t bytes, MTLSize threadgroups, NSUInteger threads) {
  if (pipeline.maxTotalThreadsPerThreadgroup < threads) {
    throw DeviceError{"a kernel needs more registers than this GPU has for its threadgroup"};
  }
  if (encoder_ == nil) {
    commands_ = [session_.queue() commandBuffer];
    encoder_ = [commands_ computeCommandEncoder];
    if (encoder_ == nil) throw std::bad_alloc();
  }
  [encoder_ setComputePipelineState:pipeline];
  NSUInteger index = 0;
  for (id<MTLBuffer> buffer : buffers) [encoder_ setBuffer:buffer offset:0 atIndex:index++];
  [encoder_ setBytes:parameters length:bytes atIndex:index];
  [encoder_ dispatchThreadgroups:threadgroups threadsPerThreadgroup:MTLSizeMake(threads, 1, 1)];
}

void Work::finish() {
  if (encoder_ == nil) return;
  [encoder_ endEncoding];
  encoder_ = nil;
  [commands_ commit];
  [commands_ waitUntilCompleted];
  if (commands_.status == MTLCommandBufferStatusError) {
    NSError* error = commands_.error;
    DeviceError failure{error == nil ? "the GPU failed" : error.localizedDescription.UTF8String};
    session_.keep_failure(failure.text);
    throw failure;
  }
  for (const Result& result : results_) copy_from_row_major(contents(result.buffer), result.view);
}

Session& session_of(Context& context) {
  if (context.backend_state == nullptr) {
    context.backend_state = std::make_unique<Session>(*Gpu::shared());
  }
  return static_cast<Session&>(*context.backend_state);
}

}  // namespace thinbit::metal

#endif
