#include "cpu/levels/x86/features.h"

#if defined(__x86_64__)

#include <cpuid.h>

#include <cstdint>

namespace thinbit {
namespace {

struct Leaf {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
};

// All zero where the processor has no such leaf.
Leaf cpuid(unsigned leaf, unsigned subleaf) {
  Leaf out;
  __get_cpuid_count(leaf, subleaf, &out.eax, &out.ebx, &out.ecx, &out.edx);
  return out;
}

bool bit(unsigned value, int index) { return (value >> index & 1u) != 0; }

// The register states that the operating system saves, XCR0.
uint64_t saved_states() {
  unsigned low;
  unsigned high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<uint64_t>(high) << 32 | low;
}

}  // namespace

X86Features x86_features() {
  X86Features features = {};
  const Leaf basic = cpuid(1, 0);
  const bool has_xgetbv = bit(basic.ecx, 27);
  if (!has_xgetbv) return features;
  constexpr uint64_t kYmm = 0x06;  // xmm and the upper halves of ymm
  constexpr uint64_t kZmm = 0xE6;  // those, the masks, and all of zmm
  const uint64_t saved = saved_states();
  const Leaf extended = cpuid(7, 0);
  const bool fma = bit(basic.ecx, 12);
  const bool f16c = bit(basic.ecx, 29);
  features.avx2 = (saved & kYmm) == kYmm && bit(extended.ebx, 5) && fma && f16c;
  const bool f = bit(extended.ebx, 16);
  const bool dq = bit(extended.ebx, 17);
  const bool bw = bit(extended.ebx, 30);
  const bool vl = bit(extended.ebx, 31);
  const bool vbmi = bit(extended.ecx, 1);
  features.avx512 = features.avx2 && (saved & kZmm) == kZmm && f && dq && bw && vl && vbmi;
  features.avx512_vnni = features.avx512 && bit(extended.ecx, 11);
  features.avx512_bf16 = features.avx512 && bit(cpuid(7, 1).eax, 5);
  return features;
}

}  // namespace thinbit

#endif
