#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "generated/backend.gen.h"
#include "runtime/error.h"
#include "runtime/thread_pool.h"
#include "thinbit/thinbit.h"

namespace thinbit {

// What a backend keeps from call to call, such as a queue and its buffers.
class BackendState {
 public:
  virtual ~BackendState() = default;

  // Waits for what calls have left running, and reports what was wrong with it, once.
  virtual thinbit_status sync(thinbit_error* error) = 0;
};

// Device, threads and scratch memory of a sequence of calls. One thread at a time uses a context.
class Context {
 public:
  Context(thinbit_backend backend_id, int32_t device_id, const Backend& backend, int threads)
      : backend_id_(backend_id), device_id_(device_id), backend_(backend), pool_(threads) {}

  thinbit_backend backend_id() const { return backend_id_; }
  int32_t device_id() const { return device_id_; }
  const Backend& backend() const { return backend_; }
  int threads() const { return pool_.threads(); }

  // Whether operands lie in memory that the host reads.
  bool takes_host_memory() const {
    const BackendInfo& host = kBackendDevices[THINBIT_BACKEND_CPU - 1];
    return kBackendDevices[backend_id_ - 1].memory_device == host.dlpack_device;
  }

  // Calls body(begin, end) on disjoint ranges that cover [0, count), in parallel; returns when all
  // are done. Every begin is a multiple of `grain`. Results must not depend on how the ranges are
  // cut.
  template <class Body>
  void parallel_for(int64_t count, int64_t grain, const Body& body) {
    pool_.parallel_for(count, grain, body);
  }

  // Scratch memory, 64-byte aligned, valid until the next call of scratch() or the end of the op;
  // null when there is no memory. It is kept for the next op.
  std::byte* scratch(size_t bytes);

  // Waits for asynchronous work. Without a state there is none: the CPU has done its work when a
  // call returns.
  thinbit_status sync(thinbit_error* error) {
    return backend_state != nullptr ? backend_state->sync(error) : clear(error);
  }

  // Made by the backend when it first needs it.
  std::unique_ptr<BackendState> backend_state;

 private:
  struct AlignedDelete {
    void operator()(std::byte* memory) const;
  };

  thinbit_backend backend_id_;
  int32_t device_id_;
  const Backend& backend_;
  ThreadPool pool_;
  std::unique_ptr<std::byte, AlignedDelete> scratch_;
  size_t scratch_bytes_ = 0;
};

}  // namespace thinbit

// The handle of the C ABI is the context itself.
struct thinbit_context final : thinbit::Context {
  using thinbit::Context::Context;
};

namespace thinbit {

// Makes a context from the caller's options, null for the defaults of each: the CPU, and the
// threads of THINBIT_NUM_THREADS or of the machine. Reports what is wrong with them as an error of
// `context_create`.
thinbit_status create_context(const thinbit_context_options* options, thinbit_context** out,
                              thinbit_error* error);

}  // namespace thinbit
