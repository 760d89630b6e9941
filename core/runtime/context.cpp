#include "runtime/context.h"

#include <limits>
#include <memory>
#include <new>
#include <string>

#include "cpu/levels/dispatch.h"
#include "runtime/backend_registry.h"
#include "runtime/checker.h"
#include "runtime/dispatch.h"
#include "runtime/error.h"
#include "runtime/thread_count.h"

namespace thinbit {
namespace {

constexpr std::align_val_t kScratchAlignment{64};

// Leaves the number of threads in `threads`.
bool resolve_threads(Checker& check, int32_t asked, int& threads) {
  threads = asked;
  if (asked < 0 || asked > kMaxThreads) {
    return check.fail("num_threads", "range",
                      "num_threads is " + std::to_string(asked) + ", and must be from 1 to " +
                          std::to_string(kMaxThreads) +
                          ", or 0 for THINBIT_NUM_THREADS or the number of CPUs");
  }
  if (asked > 0) return true;
  const DefaultThreads found = default_threads();
  threads = found.threads;
  return threads > 0 || check.fail("num_threads", "range", found.reason);
}

// The backend of a number, 0 being the CPU; null, and reported, where there is none.
const BackendEntry* resolve_backend(Checker& check, thinbit_backend asked) {
  const BackendEntry* entry = find_backend(asked != 0 ? asked : THINBIT_BACKEND_CPU);
  if (entry == nullptr) {
    check.fail("backend", "choice",
               "backend is " + std::to_string(asked) + ", and must be one of " + backend_choices());
  } else if (entry->backend == nullptr) {
    check.fail("backend", "unsupported", entry->absence, THINBIT_UNSUPPORTED);
    entry = nullptr;
  }
  return entry;
}

// Whether there is an instruction set to run with.
bool check_cpu_level(Checker& check) {
  const std::string problem = level_problem();
  return problem.empty() || check.fail("backend", "choice", problem);
}

bool check_device(Checker& check, const thinbit_context_options& options,
                  const BackendEntry& entry) {
  const int32_t count = entry.device_count != nullptr ? entry.device_count() : 1;
  if (options.device_id < 0 || options.device_id >= count) {
    const std::string wanted = count == 1 ? "must be 0, the only one"
                                          : "must be from 0 to " + std::to_string(count - 1) +
                                                ", one of the " + std::to_string(count);
    return check.fail("device_id", "range",
                      "device_id is " + std::to_string(options.device_id) + ", and " + wanted +
                          " of " + entry.backend->name);
  }
  return options.stream == nullptr || entry.open != nullptr ||
         check.fail("stream", "forbidden",
                    std::string("stream is given, and must be NULL: ") + entry.backend->name +
                        " has none");
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
  Checker check("context_create", Checker::Phase::kInfer, nullptr, error);
  if (!check.required("context", out)) return check.status();
  *out = nullptr;
  thinbit_context_options options = THINBIT_CONTEXT_OPTIONS_INIT;
  if (given != nullptr && !check.read("options", given, options)) return check.status();
  const BackendEntry* entry = resolve_backend(check, options.backend);
  int threads = 0;
  if (entry == nullptr || !check.reserved("reserved", options.reserved) ||
      !check_device(check, options, *entry) || !check_cpu_level(check) ||
      !resolve_threads(check, options.num_threads, threads)) {
    return check.status();
  }
  auto made =
      std::make_unique<thinbit_context>(entry->id, options.device_id, *entry->backend, threads);
  if (entry->open != nullptr) {
    const Fault fault = entry->open(*made, options.stream);
    if (fault) return report_fault(error, "context_create", "", fault);
  }
  *out = made.release();
  return clear(error);
}

}  // namespace thinbit
