#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "comm/mpi_library.h"
#include "runtime/tensor_view.h"

namespace thinbit {

// The processes of an MPI job, or this process alone. Calls to MPI come from one thread at a time;
// those that give a text say what went wrong, and give an empty one where nothing did.
class Group {
 public:
  // This process alone.
  Group() = default;
  ~Group();
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  // Makes it the group of all processes of the job. The first group of a process starts MPI where
  // nobody else has.
  std::string join(const MpiLibrary& library);

  int rank() const { return rank_; }
  int size() const { return size_; }

  // The sum over all ranks of `x`, in `out`, which may be `x`; both are row-major and of one shape.
  // Elements of 16 bits are added as floats, and rounded once.
  std::string all_sum(const TensorView& x, const TensorView& out);

  // The `x` of each rank, one after another, in `out`; both are row-major.
  std::string all_gather(const TensorView& x, const TensorView& out);

  // Returns when all ranks have called it.
  std::string barrier();

 private:
  std::string problem(const char* function, int code) const;
  std::string sum_floats(const std::byte* x, std::byte* out, int64_t count);
  std::string sum_halves(DType dtype, const std::byte* x, std::byte* out, int64_t count);

  std::optional<MpiLibrary> library_;
  MpiHandle comm_ = nullptr;
  int rank_ = 0;
  int size_ = 1;
  std::vector<float> wide_;  // what 16-bit elements are added as
};

}  // namespace thinbit

struct thinbit_comm : thinbit::Group {};
