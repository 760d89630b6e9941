#pragma once

#if defined(__x86_64__)

namespace thinbit {

// What the processor has and the operating system saves: an instruction set whose registers are not
// saved at a switch of threads counts as absent.
struct X86Features {
  bool avx2;         // AVX2, FMA and F16C
  bool avx512;       // AVX-512 F, BW, DQ, VL and VBMI, on top of avx2
  bool avx512_bf16;  // AVX-512 BF16 on top of avx512
  bool avx512_vnni;  // AVX-512 VNNI on top of avx512
};

X86Features x86_features();

}  // namespace thinbit

#endif
