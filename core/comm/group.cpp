#include "comm/group.h"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "comm/mpi_lifetime.h"
#include "numerics/half.h"

namespace thinbit {
namespace {

// Elements of 16 bits that are added in one go; this bounds the memory for their floats.
constexpr int64_t kPart = int64_t{1} << 16;

void widen(DType dtype, const std::byte* from, float* to, int64_t count) {
  const auto* codes = reinterpret_cast<const uint16_t*>(from);
  if (dtype == DType::kFloat16) {
    std::transform(codes, codes + count, to, f16_to_f32);
  } else {
    std::transform(codes, codes + count, to, bf16_to_f32);
  }
}

void narrow(DType dtype, const float* from, std::byte* to, int64_t count) {
  auto* codes = reinterpret_cast<uint16_t*>(to);
  std::transform(from, from + count, codes, dtype == DType::kFloat16 ? f32_to_f16 : f32_to_bf16);
}

}  // namespace

Group::~Group() {
  if (!library_) return;
  const std::lock_guard lock(mpi_mutex());
  int ended = 0;
  library_->functions.finalized(&ended);
  if (ended == 0) library_->functions.comm_free(&comm_);
  end_mpi(*library_);
}

std::string Group::problem(const char* function, int code) const {
  if (code == kMpiSuccess) return "";
  return std::string(function) + " failed: " + library_->error_text(code);
}

std::string Group::join(const MpiLibrary& library) {
  const std::lock_guard lock(mpi_mutex());
  std::string failure = start_mpi(library);
  if (!failure.empty()) return failure;
  const MpiFunctions& mpi = library.functions;
  const MpiHandle errors_return = mpi_handle(kMpiErrorsReturn);
  // A communicator of our own: its messages and its error handler meet those of nobody else.
  const int code = mpi.comm_dup(mpi_handle(kMpiCommWorld), &comm_);
  if (code != kMpiSuccess) {
    end_mpi(library);
    return "MPI_Comm_dup failed: " + library.error_text(code);
  }
  library_ = library;
  failure = problem("MPI_Comm_set_errhandler", mpi.comm_set_errhandler(comm_, errors_return));
  if (failure.empty()) failure = problem("MPI_Comm_rank", mpi.comm_rank(comm_, &rank_));
  if (failure.empty()) failure = problem("MPI_Comm_size", mpi.comm_size(comm_, &size_));
  return failure;
}

std::string Group::sum_floats(const std::byte* x, std::byte* out, int64_t count) {
  const void* from = x == out ? mpi_handle(kMpiInPlace) : static_cast<const void*>(x);
  return problem("MPI_Allreduce",
                 library_->functions.allreduce(from, out, count, mpi_handle(kMpiFloat),
                                               mpi_handle(kMpiSum), comm_));
}

std::string Group::sum_halves(DType dtype, const std::byte* x, std::byte* out, int64_t count) {
  for (int64_t done = 0; done < count; done += kPart) {
    const int64_t part = std::min(kPart, count - done);
    const int64_t offset = done * dtype_bytes(dtype);
    wide_.resize(static_cast<size_t>(part));
    widen(dtype, x + offset, wide_.data(), part);
    auto* sums = reinterpret_cast<std::byte*>(wide_.data());
    std::string failure = sum_floats(sums, sums, part);
    if (!failure.empty()) return failure;
    narrow(dtype, wide_.data(), out + offset, part);
  }
  return "";
}

std::string Group::all_sum(const TensorView& x, const TensorView& out) {
  const int64_t count = x.elements();
  if (count == 0) return "";
  if (!library_) {
    if (x.data != out.data) std::memcpy(out.data, x.data, count * dtype_bytes(x.dtype));
    return "";
  }
  const std::lock_guard lock(mpi_mutex());
  if (x.dtype == DType::kFloat32) return sum_floats(x.data, out.data, count);
  return sum_halves(x.dtype, x.data, out.data, count);
}

std::string Group::all_gather(const TensorView& x, const TensorView& out) {
  const int64_t bytes = x.elements() * dtype_bytes(x.dtype);
  if (bytes == 0) return "";
  if (!library_) {
    std::memcpy(out.data, x.data, bytes);
    return "";
  }
  const std::lock_guard lock(mpi_mutex());
  const MpiHandle byte = mpi_handle(kMpiByte);
  return problem("MPI_Allgather",
                 library_->functions.allgather(x.data, bytes, byte, out.data, bytes, byte, comm_));
}

std::string Group::barrier() {
  if (!library_) return "";
  const std::lock_guard lock(mpi_mutex());
  return problem("MPI_Barrier", library_->functions.barrier(comm_));
}

}  // namespace thinbit
