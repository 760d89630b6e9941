#include "cpu/levels/x86/features.h"

#if defined(__x86_64__)

#include <cpuid.h>

namespace thinbit {
namespace {

struct Leaf {
  uint32_t eax = 0;
  uint32_t ebx = 0;
  uint32_t ecx = 0;
  uint32_t edx = 0;
};

// All zero where the processor has no such leaf.
Leaf cpuid(unsigned leaf, unsigned subleaf) {
  Leaf out;
  __get_cpuid_count(leaf, subleaf, &out.eax, &out.ebx, &out.ecx, &out.edx);
  return out;
}

uint64_t saved_states() {
  uint32_t low;
  uint32_t high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<uint64_t>(high) << 32 | low;
}

struct Feature {
  const char* name;
  uint32_t X86Processor::* word;
  int bit;

  bool in(const X86Processor& processor) const { return (processor.*word >> bit & 1u) != 0; }
};

constexpr Feature kAvx2[] = {
    {"AVX2", &X86Processor::leaf7_ebx, 5},
    {"FMA", &X86Processor::leaf1_ecx, 12},
    {"F16C", &X86Processor::leaf1_ecx, 29},
};
constexpr Feature kAvx512[] = {
    {"AVX-512 F", &X86Processor::leaf7_ebx, 16},
    {"AVX-512 DQ", &X86Processor::leaf7_ebx, 17},
    {"AVX-512 BW", &X86Processor::leaf7_ebx, 30},
    {"AVX-512 VL", &X86Processor::leaf7_ebx, 31},
};
constexpr Feature kVbmi = {"AVX-512 VBMI", &X86Processor::leaf7_ecx, 1};
constexpr Feature kBf16 = {"AVX-512 BF16", &X86Processor::leaf7_1_eax, 5};
constexpr Feature kVnni = {"AVX-512 VNNI", &X86Processor::leaf7_ecx, 11};

constexpr Feature kXgetbv = {"XGETBV", &X86Processor::leaf1_ecx, 27};
constexpr uint64_t kYmm = 0x06;  // xmm and the upper halves of ymm
constexpr uint64_t kZmm = 0xE6;  // those, the masks, and all of zmm

void add(const char* name, std::string& list) {
  if (!list.empty()) list += ", ";
  list += name;
}

template <int kCount>
void add_missing(const Feature (&features)[kCount], const X86Processor& processor,
                 std::string& missing) {
  for (const Feature& feature : features) {
    if (!feature.in(processor)) add(feature.name, missing);
  }
}

}  // namespace

X86Processor x86_processor() {
  X86Processor processor = {};
  processor.leaf1_ecx = cpuid(1, 0).ecx;
  const Leaf extended = cpuid(7, 0);
  processor.leaf7_ebx = extended.ebx;
  processor.leaf7_ecx = extended.ecx;
  processor.leaf7_1_eax = cpuid(7, 1).eax;
  if (kXgetbv.in(processor)) processor.saved_states = saved_states();
  return processor;
}

std::string avx2_missing(const X86Processor& processor) {
  std::string missing;
  add_missing(kAvx2, processor, missing);
  if ((processor.saved_states & kYmm) != kYmm) {
    add("operating system support for AVX registers", missing);
  }
  return missing;
}

std::string avx512_missing(const X86Processor& processor) {
  std::string missing;
  add_missing(kAvx2, processor, missing);
  add_missing(kAvx512, processor, missing);
  if ((processor.saved_states & kZmm) != kZmm) {
    add("operating system support for AVX-512 registers", missing);
  }
  return missing;
}

std::vector<const char*> avx512_extensions(const X86Processor& processor) {
  std::vector<const char*> names;
  const X86Features features = features_of(processor);
  if (features.avx512_vbmi) names.push_back(kVbmi.name);
  if (features.avx512_bf16) names.push_back(kBf16.name);
  if (features.avx512_vnni) names.push_back(kVnni.name);
  return names;
}

X86Features features_of(const X86Processor& processor) {
  X86Features features = {};
  features.avx2 = avx2_missing(processor).empty();
  features.avx512 = avx512_missing(processor).empty();
  features.avx512_vbmi = features.avx512 && kVbmi.in(processor);
  features.avx512_bf16 = features.avx512_vbmi && kBf16.in(processor);
  features.avx512_vnni = features.avx512 && kVnni.in(processor);
  return features;
}

X86Features x86_features() { return features_of(x86_processor()); }

}  // namespace thinbit

#endif
