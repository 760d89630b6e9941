#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "generated/backend.gen.h"
#include "runtime/thread_pool.h"
#include "thinbit/thinbit.h"

namespace thinbit {

// Device, threads and scratch memory of a sequence of calls. One thread at a time uses a context.
class Context {
 public:
  Context(thinbit_backend backend_id, int32_t device_id, const Backend& backend, int threads);

  thinbit_backend backend_id() const { return backend_id_; }
  int32_t device_id() const { return device_id_; }
  const Backend& backend() const { return backend_; }
  int threads() const { return pool_.threads(); }

  // Calls body(begin, end) on disjoint ranges that cover [0, count), in parallel; returns when all are done. Ranges
  // hold at least `grain` items where they can. Results must not depend on how the ranges are cut.
  template <class Body>
  void parallel_for(int64_t count, int64_t grain, const Body& body) {
    pool_.parallel_for(count, grain, body);
  }

  // Scratch memory, 64-byte aligned, valid until the next call of scratch() or the end of the op; null when there
  // is no memory. It is kept for the next op.
  std::byte* scratch(size_t bytes);

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
