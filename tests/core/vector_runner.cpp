// Runs test vectors through the C ABI: every case with several numbers of threads, with contiguous
// and with strided outputs. The bytes must be the same each time.
//
//   vector_runner [--backend NAME] [--level NAME] [--threads 1,2,5] [--every N] [--digests FILE]
//   FILE.vectors...
//
// --backend runs on another backend than the CPU: "cuda", "metal".
// --level runs with one instruction set, as THINBIT_CPU names it; where this machine cannot, the
// program says so and ends with the status that ctest takes for a skipped test.
// --every runs the first of each N cases only.
// --digests writes a line for each case, its name and a hash of its outputs, so that builds can be
// compared.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "device_memory.h"
#include "vector_check.h"
#include "vector_file.h"

namespace {

using thinbit_test::DeviceMemory;
using thinbit_test::VectorCase;
using thinbit_test::VectorOutput;
using thinbit_test::VectorResult;

constexpr int kFailuresShown = 40;
constexpr int kSkipped = 77;

struct DestroyContext {
  void operator()(thinbit_context* context) const { thinbit_context_destroy(context); }
};
using OwnedContext = std::unique_ptr<thinbit_context, DestroyContext>;

// Whether contexts can be made with the level, which they have from here on.
bool force_level(const std::string& level) {
  setenv("THINBIT_CPU", level.c_str(), 1);
  thinbit_context* context = nullptr;
  thinbit_error error = THINBIT_ERROR_INIT;
  if (thinbit_context_create(nullptr, &context, &error) == THINBIT_OK) {
    thinbit_context_destroy(context);
    return true;
  }
  std::printf("skipped: %s\n", error.message);
  return false;
}

thinbit_backend backend_of(const std::string& name) {
  if (name == "cpu") return THINBIT_BACKEND_CPU;
  if (name == "cuda") return THINBIT_BACKEND_CUDA;
  if (name == "metal") return THINBIT_BACKEND_METAL;
  throw std::runtime_error("there is no backend " + name);
}

OwnedContext make_context(thinbit_backend backend, int threads) {
  thinbit_context_options options = THINBIT_CONTEXT_OPTIONS_INIT;
  options.backend = backend;
  options.num_threads = threads;
  thinbit_context* context = nullptr;
  thinbit_error error = THINBIT_ERROR_INIT;
  if (thinbit_context_create(&options, &context, &error) != THINBIT_OK) {
    throw std::runtime_error(error.message);
  }
  return OwnedContext(context);
}

// One way to run every case.
struct Variant {
  std::string name;
  thinbit_context* context;
  bool strided_outputs;
};

std::vector<std::vector<unsigned char>> output_bytes(const VectorResult& result) {
  std::vector<std::vector<unsigned char>> bytes;
  for (const VectorOutput& output : result.outputs) {
    bytes.push_back(output.info.dtype == 0 ? std::vector<unsigned char>() : output.contiguous());
  }
  return bytes;
}

uint64_t fnv1a(const std::vector<std::vector<unsigned char>>& outputs) {
  uint64_t hash = 14695981039346656037u;
  for (const auto& output : outputs) {
    for (const unsigned char byte : output) hash = (hash ^ byte) * 1099511628211u;
  }
  return hash;
}

class Runner {
 public:
  // With a device its memory holds operands and outputs.
  Runner(std::vector<Variant> variants, DeviceMemory* device)
      : variants_(std::move(variants)), device_(device) {}

  void run(const std::string& file, VectorCase& vector_case) {
    ++cases_;
    vector_case.device = device_;
    std::vector<std::vector<unsigned char>> first;
    for (const Variant& variant : variants_) {
      VectorResult result;
      result.strided_outputs = variant.strided_outputs;
      result.device = device_;
      std::vector<std::string> problems;
      if (!thinbit_test::run_vector_call(vector_case, variant.context, result)) {
        problems.push_back("there is no op " + vector_case.op);
      } else {
        problems = differences(vector_case, result);
      }
      if (device_ != nullptr) device_->clear();
      if (problems.empty() && vector_case.succeeds) {
        const auto bytes = output_bytes(result);
        if (&variant == &variants_.front()) {
          first = bytes;
        } else if (bytes != first) {
          problems.push_back("the bytes differ from those of " + variants_.front().name);
        }
      }
      if (!problems.empty()) return fail(file, vector_case, variant, problems);
    }
    if (vector_case.succeeds)
      digests_ << vector_case.op << "/" << vector_case.name << " " << std::hex << fnv1a(first)
               << std::dec << "\n";
  }

  int finish() const {
    if (failures_ > kFailuresShown) {
      std::printf("... and %d more\n", failures_ - kFailuresShown);
    }
    std::printf("%d cases, %d failed, each run %zu times\n", cases_, failures_, variants_.size());
    return failures_ == 0 && cases_ > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
  }

  std::string digests() const { return digests_.str(); }

 private:
  void fail(const std::string& file, const VectorCase& vector_case, const Variant& variant,
            const std::vector<std::string>& problems) {
    if (++failures_ > kFailuresShown) return;
    std::printf("FAILED %s: %s (%s)\n", file.c_str(), vector_case.name.c_str(),
                variant.name.c_str());
    for (const std::string& problem : problems) std::printf("    %s\n", problem.c_str());
  }

  std::vector<Variant> variants_;
  DeviceMemory* device_;
  std::ostringstream digests_;
  int cases_ = 0;
  int failures_ = 0;
};

std::vector<int> parse_threads(const std::string& text) {
  std::vector<int> threads;
  std::istringstream stream(text);
  for (std::string item; std::getline(stream, item, ',');) threads.push_back(std::stoi(item));
  return threads;
}

int run(const std::vector<std::string>& arguments) {
  std::vector<int> threads = {1, 2, 5};
  thinbit_backend backend = THINBIT_BACKEND_CPU;
  size_t every = 1;
  std::string digests;
  std::vector<std::string> files;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const bool has_value = i + 1 < arguments.size();
    if (arguments[i] == "--level" && has_value) {
      if (!force_level(arguments[++i])) return kSkipped;
    } else if (arguments[i] == "--backend" && has_value) {
      backend = backend_of(arguments[++i]);
    } else if (arguments[i] == "--threads" && has_value) {
      threads = parse_threads(arguments[++i]);
    } else if (arguments[i] == "--every" && has_value) {
      every = std::stoul(arguments[++i]);
    } else if (arguments[i] == "--digests" && has_value) {
      digests = arguments[++i];
    } else {
      files.push_back(arguments[i]);
    }
  }
  std::vector<OwnedContext> contexts;
  std::vector<Variant> variants;
  for (const int count : threads) {
    contexts.push_back(make_context(backend, count));
    const std::string name = std::to_string(count) + (count == 1 ? " thread" : " threads");
    variants.push_back({name, contexts.back().get(), false});
  }
  variants.push_back({variants.back().name + ", strided outputs", contexts.back().get(), true});
  std::unique_ptr<DeviceMemory> device;
  if (backend == THINBIT_BACKEND_CUDA) device = std::make_unique<DeviceMemory>();
  Runner runner(std::move(variants), device.get());
  for (const std::string& file : files) {
    std::vector<VectorCase> cases = thinbit_test::read_vectors(file);
    for (size_t i = 0; i < cases.size(); i += every) runner.run(file, cases[i]);
  }
  if (!digests.empty()) std::ofstream(digests) << runner.digests();
  return runner.finish();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& problem) {
    std::printf("%s\n", problem.what());
    return EXIT_FAILURE;
  }
}
