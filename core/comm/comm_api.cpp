#include <algorithm>
#include <memory>
#include <string>

#include "comm/group.h"
#include "comm/launcher.h"
#include "comm/mpi_library.h"
#include "runtime/checker.h"
#include "runtime/checks_text.h"
#include "runtime/error.h"
#include "thinbit/thinbit.h"

namespace thinbit {
namespace {

constexpr int32_t kHostMemory = 1;  // DLPack's kDLCPU

bool is_row_major(const TensorView& view) {
  int64_t stride = 1;
  for (int axis = view.ndim - 1; axis >= 0; --axis) {
    if (view.shape[axis] > 1 && view.strides[axis] != stride) return false;
    stride *= view.shape[axis];
  }
  return true;
}

// A row-major tensor of the host.
bool read_tensor(Checker& check, const char* argument, const thinbit_tensor* given, DTypeSet dtypes,
                 TensorView& view) {
  if (!check.required(argument, given) || !check.tensor(argument, given, dtypes, view))
    return false;
  if (given->device.device_type != kHostMemory) {
    return check.fail(argument, "device",
                      std::string(argument) + " lies on DLPack device type " +
                          std::to_string(given->device.device_type) +
                          ", and a group takes memory of the host, 1");
  }
  return view.elements() == 0 || is_row_major(view) ||
         check.fail(argument, "layout",
                    std::string(argument) + " has strides, and must be row-major without gaps");
}

bool same_shape(Checker& check, const TensorView& out, const TensorView& like, int64_t times) {
  thinbit_tensor_info info = {};
  info.ndim = like.ndim;
  std::copy_n(like.shape, like.ndim, info.shape);
  if (info.ndim > 0) info.shape[0] *= times;
  if (out.ndim == info.ndim && std::equal(out.shape, out.shape + out.ndim, info.shape)) return true;
  return check.fail("out", "shape",
                    "out has the shape " + shape_text(out.shape, out.ndim) + ", and must have " +
                        shape_text(info.shape, info.ndim));
}

thinbit_status finish(Checker& check, thinbit_error* error, const std::string& failure) {
  if (failure.empty()) return clear(error);
  check.fail("", "failed", failure, THINBIT_INTERNAL);
  return check.status();
}

thinbit_status make_group(const thinbit_comm_options* given, thinbit_comm** out,
                          thinbit_error* error) {
  Checker check("comm_init", Checker::Phase::kInfer, nullptr, error);
  if (!check.required("comm", out)) return check.status();
  *out = nullptr;
  thinbit_comm_options options = THINBIT_COMM_OPTIONS_INIT;
  if (given != nullptr && !check.read("options", given, options)) return check.status();
  auto group = std::make_unique<thinbit_comm>();
  if (const char* launcher = launcher_variable()) {
    const MpiLibrary library = open_mpi_library(options.library, options.folder);
    if (!library.problem.empty()) {
      check.fail("library", "unsupported",
                 std::string(launcher) + " says that a launcher started this process, and " +
                     library.problem,
                 THINBIT_UNSUPPORTED);
      return check.status();
    }
    const std::string failure = group->join(library);
    if (!failure.empty()) return finish(check, error, failure);
  }
  *out = group.release();
  return clear(error);
}

}  // namespace
}  // namespace thinbit

extern "C" {

thinbit_status thinbit_comm_init(const thinbit_comm_options* options, thinbit_comm** comm,
                                 thinbit_error* error) noexcept {
  return thinbit::guarded(error, "comm_init",
                          [&] { return thinbit::make_group(options, comm, error); });
}

int32_t thinbit_comm_rank(const thinbit_comm* comm) noexcept {
  return comm != nullptr ? comm->rank() : 0;
}

int32_t thinbit_comm_size(const thinbit_comm* comm) noexcept {
  return comm != nullptr ? comm->size() : 1;
}

thinbit_status thinbit_comm_all_sum(thinbit_comm* comm, const thinbit_tensor* x,
                                    thinbit_tensor* out, thinbit_error* error) noexcept {
  using namespace thinbit;
  return guarded(error, "comm_all_sum", [&] {
    Checker check("comm_all_sum", Checker::Phase::kRun, nullptr, error);
    constexpr DTypeSet kFloats = set_of(DType::kFloat32, DType::kFloat16, DType::kBfloat16);
    TensorView from;
    TensorView to;
    if (!check.required("comm", comm) || !read_tensor(check, "x", x, kFloats, from) ||
        !read_tensor(check, "out", out, set_of(from.dtype), to) ||
        !same_shape(check, to, from, 1) ||
        (from.data != to.data && !check.separate("out", to, {{"x", &from}}))) {
      return check.status();
    }
    return finish(check, error, comm->all_sum(from, to));
  });
}

thinbit_status thinbit_comm_all_gather(thinbit_comm* comm, const thinbit_tensor* x,
                                       thinbit_tensor* out, thinbit_error* error) noexcept {
  using namespace thinbit;
  return guarded(error, "comm_all_gather", [&] {
    Checker check("comm_all_gather", Checker::Phase::kRun, nullptr, error);
    TensorView from;
    TensorView to;
    if (!check.required("comm", comm) || !read_tensor(check, "x", x, ~DTypeSet{0}, from) ||
        !check.rank("x", from, 1) || !read_tensor(check, "out", out, set_of(from.dtype), to) ||
        !same_shape(check, to, from, comm->size()) || !check.separate("out", to, {{"x", &from}})) {
      return check.status();
    }
    return finish(check, error, comm->all_gather(from, to));
  });
}

thinbit_status thinbit_comm_barrier(thinbit_comm* comm, thinbit_error* error) noexcept {
  using namespace thinbit;
  return guarded(error, "comm_barrier", [&] {
    Checker check("comm_barrier", Checker::Phase::kRun, nullptr, error);
    if (!check.required("comm", comm)) return check.status();
    return finish(check, error, comm->barrier());
  });
}

void thinbit_comm_free(thinbit_comm* comm) noexcept { delete comm; }

}  // extern "C"
