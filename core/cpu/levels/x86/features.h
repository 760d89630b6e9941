#pragma once

#if defined(__x86_64__)

#include <cstdint>
#include <string>
#include <vector>

namespace thinbit {

// Where a processor says what it has: words of CPUID, zero for leaves that it has not, and the
// register states that the operating system saves, XCR0.
struct X86Processor {
  uint32_t leaf1_ecx;
  uint32_t leaf7_ebx;
  uint32_t leaf7_ecx;
  uint32_t leaf7_1_eax;
  uint64_t saved_states;
};

X86Processor x86_processor();

// What the processor has and the operating system saves: an instruction set whose registers are not
// saved at a switch of threads counts as absent.
struct X86Features {
  bool avx2;         // AVX2, FMA and F16C
  bool avx512;       // AVX-512 F, BW, DQ and VL, on top of avx2
  bool avx512_vbmi;  // AVX-512 VBMI on top of avx512
  bool avx512_bf16;  // AVX-512 BF16 on top of avx512_vbmi
  bool avx512_vnni;  // AVX-512 VNNI on top of avx512
};

X86Features features_of(const X86Processor& processor);
X86Features x86_features();  // of this one

// What a processor lacks of avx2 or avx512, "AVX2, FMA"; empty where it lacks nothing.
std::string avx2_missing(const X86Processor& processor);
std::string avx512_missing(const X86Processor& processor);

// The names of what a processor has on top of avx512 and the level uses.
std::vector<const char*> avx512_extensions(const X86Processor& processor);

}  // namespace thinbit

#endif
