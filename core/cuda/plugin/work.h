#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "cuda/plugin/device_error.h"
#include "cuda/plugin/session.h"
#include "runtime/fault.h"
#include "runtime/tensor_view.h"

namespace thinbit::cuda {

struct Grid {
  int64_t x = 1;
  int64_t y = 1;
  int64_t z = 1;
};

// One call: its kernels in the session's stream, and the memory that they need besides the
// operands. Nothing here waits for the GPU.
class Work {
 public:
  // Throws DeviceError.
  explicit Work(Session& session)
      : session_(session), current_(session.device()), is_captured_(session.is_captured()) {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  ~Work();

  // Uninitialised memory, at a multiple of 256 bytes; until the end of the call.
  uint8_t* scratch(size_t bytes);

  // The elements of an operand in row-major order at a multiple of 16 bytes: where they lie, or a
  // copy.
  const uint8_t* input(const TensorView& view);

  // Where a kernel is to write a result in row-major order; finish() brings it to the tensor.
  uint8_t* output(const TensorView& view);

  // Where kernels report to; one report for each call.
  FaultReport report(Op op) { return session_.next_report(op); }

  // Runs a kernel after those that were launched before.
  template <class Parameters>
  void launch(const std::string& module, const char* kernel, const Parameters& parameters,
              const Grid& grid, uint32_t threads) {
    launch_kernel(module, kernel, &parameters, grid, threads);
  }

  // The same for a kernel of conversions, whose threads each take one of `items`.
  template <class Parameters>
  void launch_for(const std::string& module, const char* kernel, const Parameters& parameters,
                  uint64_t items) {
    const uint64_t blocks = (items + kConversionThreads - 1) / kConversionThreads;
    launch(module, kernel, parameters, {static_cast<int64_t>(blocks), 1, 1}, kConversionThreads);
  }

  // Launches what brings the results to their tensors.
  void finish();

 private:
  void launch_kernel(const std::string& module, const char* kernel, const void* parameters,
                     const Grid& grid, uint32_t threads);
  void copy(const TensorView& view, const uint8_t* from, const int64_t* from_strides, uint8_t* to,
            const int64_t* to_strides);

  struct Result {
    const uint8_t* memory;
    TensorView view;
  };

  Session& session_;
  const Device::Current current_;
  const bool is_captured_;
  std::vector<DeviceAddress> taken_;
  std::vector<Result> results_;
};

// Whether the elements lie in row-major order without gaps, at a multiple of 16 bytes.
bool lies_as_kernels_want(const TensorView& view);

// "quantize_affine_4": a family's module for a mode and width.
std::string module_name(const char* family, Mode mode, int32_t bits);

// Runs body(Work&); what the device refuses becomes a fault.
template <class Body>
Fault run_work(Session& session, const Body& body) {
  try {
    Work work(session);
    body(work);
    work.finish();
    return Fault::none();
  } catch (const std::bad_alloc&) {
    return Fault::out_of_memory();
  } catch (DeviceError& error) {
    return Fault::device(session.keep_problem(std::move(error.text)).c_str());
  }
}

}  // namespace thinbit::cuda
