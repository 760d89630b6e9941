// Which level is chosen, and what is said about those that cannot be.

#include <string>

#include "cpu/levels/dispatch.h"
#include "cpu/levels/x86/features.h"
#include "expect.h"

namespace {

using thinbit::LevelState;
using thinbit::problem_with;

void what_cannot_run_says_what_the_machine_lacks() {
  const std::vector<LevelState> levels = {{"scalar", ""}, {"avx2", ""}, {"avx512", "AVX-512 BW"}};
  EXPECT(problem_with("avx2", levels).empty());
  EXPECT_TEXT(problem_with("avx512", levels).c_str(),
              "THINBIT_CPU is avx512, which this machine cannot run: it lacks AVX-512 BW; it can "
              "run scalar, avx2");
  EXPECT_TEXT(problem_with("AVX2\n", levels).c_str(),
              "THINBIT_CPU is AVX2?, which is no level of this build: it has scalar, avx2, avx512; "
              "this machine can run scalar, avx2");
}

void the_best_level_that_lacks_nothing_is_taken() {
  const thinbit::RowKernels* current = thinbit::current_level();
  const char* best = nullptr;
  for (const LevelState& level : thinbit::level_states()) {
    EXPECT((thinbit::find_level(level.name) != nullptr) == level.missing.empty());
    if (level.missing.empty()) best = level.name;
  }
  EXPECT_TEXT(current->name, best);
  EXPECT_TEXT(thinbit::level_reason().c_str(), "the best this machine runs");
}

#if defined(__x86_64__)

// One that has everything.
constexpr thinbit::X86Processor kComplete = {~0u, ~0u, ~0u, ~0u, ~uint64_t{0}};

void a_complete_processor_lacks_nothing() {
  EXPECT_TEXT(thinbit::avx2_missing(kComplete).c_str(), "");
  EXPECT_TEXT(thinbit::avx512_missing(kComplete).c_str(), "");
  const auto extensions = thinbit::avx512_extensions(kComplete);
  EXPECT(extensions.size() == 3);
  EXPECT_TEXT(extensions[0], "AVX-512 VBMI");
  EXPECT_TEXT(extensions[1], "AVX-512 BF16");
  EXPECT_TEXT(extensions[2], "AVX-512 VNNI");
}

void each_feature_that_is_missing_is_named() {
  thinbit::X86Processor processor = kComplete;
  processor.leaf7_ebx &= ~(1u << 30);
  EXPECT_TEXT(thinbit::avx2_missing(processor).c_str(), "");
  EXPECT_TEXT(thinbit::avx512_missing(processor).c_str(), "AVX-512 BW");
  EXPECT(thinbit::avx512_extensions(processor).empty());
  processor.leaf1_ecx &= ~(1u << 12);
  processor.leaf7_ebx &= ~(1u << 31);
  EXPECT_TEXT(thinbit::avx2_missing(processor).c_str(), "FMA");
  EXPECT_TEXT(thinbit::avx512_missing(processor).c_str(), "FMA, AVX-512 BW, AVX-512 VL");
}

// BF16's kernels use VBMI's lookups; there are processors with the one and not the other.
void an_extension_that_cannot_be_used_is_not_listed() {
  thinbit::X86Processor processor = kComplete;
  processor.leaf7_ecx &= ~(1u << 1);
  EXPECT_TEXT(thinbit::avx512_missing(processor).c_str(), "");
  const auto extensions = thinbit::avx512_extensions(processor);
  EXPECT(extensions.size() == 1);
  EXPECT_TEXT(extensions[0], "AVX-512 VNNI");
}

void registers_that_the_operating_system_does_not_save_are_missing() {
  thinbit::X86Processor processor = kComplete;
  processor.saved_states = 0x07;
  EXPECT_TEXT(thinbit::avx2_missing(processor).c_str(), "");
  EXPECT_TEXT(thinbit::avx512_missing(processor).c_str(),
              "operating system support for AVX-512 registers");
  processor.saved_states = 0x03;
  EXPECT_TEXT(thinbit::avx2_missing(processor).c_str(),
              "operating system support for AVX registers");
}

#endif

}  // namespace

int main() {
  RUN(what_cannot_run_says_what_the_machine_lacks);
  RUN(the_best_level_that_lacks_nothing_is_taken);
#if defined(__x86_64__)
  RUN(a_complete_processor_lacks_nothing);
  RUN(each_feature_that_is_missing_is_named);
  RUN(an_extension_that_cannot_be_used_is_not_listed);
  RUN(registers_that_the_operating_system_does_not_save_are_missing);
#endif
  return REPORT();
}
