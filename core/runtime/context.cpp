#include "runtime/context.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <string>

#include "runtime/backend_registry.h"
#include "runtime/error.h"
#include "runtime/thread_count.h"

namespace thinbit {
namespace {

constexpr std::align_val_t kScratchAlignment{64};
constexpr const char* kOp = "context_create";

// Copies the caller's options, of whatever version, into this version's struct: what an older
// caller lacks is 0, and what a newer one has beyond it must be 0.
thinbit_status read_options(const thinbit_context_options* given, thinbit_context_options& options,
                            thinbit_error* error) {
  std::memset(&options, 0, sizeof options);
  if (given == nullptr) return THINBIT_OK;
  const uint64_t size = given->struct_size;
  if (size < sizeof size || size % 8 != 0) {
    return report(error, THINBIT_INVALID_ARGUMENT, kOp, "options", "struct_size",
                  "struct_size is " + std::to_string(size) +
                      ", and must be the size of thinbit_context_options, which "
                      "THINBIT_CONTEXT_OPTIONS_INIT sets");
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  for (uint64_t i = sizeof options; i < size; ++i) {
    if (bytes[i] != 0) {
      return report(error, THINBIT_UNSUPPORTED, kOp, "options", "tail",
                    "the options have a field, at byte " + std::to_string(i) +
                        ", which this version does not know");
    }
  }
  std::memcpy(&options, given, static_cast<size_t>(std::min<uint64_t>(size, sizeof options)));
  return THINBIT_OK;
}

// Leaves the number of threads in `threads`.
thinbit_status resolve_threads(int32_t asked, int& threads, thinbit_error* error) {
  if (asked < 0 || asked > kMaxThreads) {
    return report(error, THINBIT_INVALID_ARGUMENT, kOp, "num_threads", "range",
                  "num_threads is " + std::to_string(asked) + ", and must be from 1 to " +
                      std::to_string(kMaxThreads) +
                      ", or 0 for THINBIT_NUM_THREADS or the number of CPUs");
  }
  threads = asked;
  if (asked > 0) return THINBIT_OK;
  std::string problem;
  threads = default_thread_count(problem);
  if (threads > 0) return THINBIT_OK;
  return report(error, THINBIT_INVALID_ARGUMENT, kOp, "num_threads", "range", problem);
}

}  // namespace

std::byte* Context::scratch(size_t bytes) {
  if (bytes <= scratch_bytes_) return scratch_.get();
  scratch_.reset();
  scratch_bytes_ = 0;
  constexpr size_t kUnit = 4096;
  if (bytes > std::numeric_limits<size_t>::max() - kUnit) return nullptr;
  const size_t rounded = (bytes + kUnit - 1) / kUnit * kUnit;
  scratch_.reset(static_cast<std::byte*>(::operator new(rounded, kScratchAlignment, std::nothrow)));
  if (scratch_) scratch_bytes_ = rounded;
  return scratch_.get();
}

void Context::AlignedDelete::operator()(std::byte* memory) const {
  ::operator delete(memory, kScratchAlignment);
}

thinbit_status create_context(const thinbit_context_options* given, thinbit_context** out,
                              thinbit_error* error) {
  if (out == nullptr) {
    return report(error, THINBIT_INVALID_ARGUMENT, kOp, "out", "required",
                  "out is NULL, and must say where the context goes");
  }
  *out = nullptr;
  thinbit_context_options options;
  thinbit_status status = read_options(given, options, error);
  if (status != THINBIT_OK) return status;
  const thinbit_backend id = options.backend != 0 ? options.backend : THINBIT_BACKEND_CPU;
  const BackendEntry* entry = find_backend(id);
  if (entry == nullptr) {
    return report(error, THINBIT_INVALID_ARGUMENT, kOp, "backend", "choice",
                  "backend is " + std::to_string(id) + ", and must be one of " + backend_choices());
  }
  if (entry->backend == nullptr) {
    return report(error, THINBIT_UNSUPPORTED, kOp, "backend", "unsupported", entry->absence);
  }
  if (options.reserved != 0) {
    return report(error, THINBIT_INVALID_ARGUMENT, kOp, "reserved", "reserved",
                  "reserved is " + std::to_string(options.reserved) + ", and must be 0");
  }
  if (options.device_id != 0) {
    return report(
        error, THINBIT_INVALID_ARGUMENT, kOp, "device_id", "range",
        "device_id is " + std::to_string(options.device_id) + ", and the CPU has only device 0");
  }
  if (options.stream != nullptr) {
    return report(error, THINBIT_INVALID_ARGUMENT, kOp, "stream", "forbidden",
                  "stream is given, and the CPU has no streams: it must be NULL");
  }
  int threads = 0;
  status = resolve_threads(options.num_threads, threads, error);
  if (status != THINBIT_OK) return status;
  *out = new thinbit_context(id, options.device_id, *entry->backend, threads);
  return clear(error);
}

}  // namespace thinbit
