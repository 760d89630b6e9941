#pragma once

// Regions whose functions are compiled for an instruction set, whatever the build's flags:
// THINBIT_BEGIN_AVX512 ... THINBIT_END_REGION. Headers whose inline functions other files use too
// are included before a region: a function compiled in one could be the copy that the linker keeps
// for machines without these instructions.

#define THINBIT_AVX2_TARGET "avx2,fma,f16c"
#define THINBIT_AVX512_TARGET "avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl"
#define THINBIT_AVX512_VBMI_TARGET "avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi"
#define THINBIT_AVX512_BF16_TARGET \
  "avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bf16"
#define THINBIT_AVX512_VNNI_TARGET "avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"

#define THINBIT_PRAGMA(text) _Pragma(#text)

#if defined(__clang__)
#define THINBIT_BEGIN_REGION(name) \
  THINBIT_PRAGMA(clang attribute push(__attribute__((target(name))), apply_to = function))
#define THINBIT_END_REGION THINBIT_PRAGMA(clang attribute pop)
#define THINBIT_UNROLL THINBIT_PRAGMA(clang loop unroll(full))
#else
// gcc 12 takes the undefined operand that its own AVX-512 intrinsics pass along for a mistake.
#define THINBIT_BEGIN_REGION(name)                         \
  THINBIT_PRAGMA(GCC push_options)                         \
  THINBIT_PRAGMA(GCC target(name))                         \
  THINBIT_PRAGMA(GCC diagnostic push)                      \
  THINBIT_PRAGMA(GCC diagnostic ignored "-Wuninitialized") \
  THINBIT_PRAGMA(GCC diagnostic ignored "-Wmaybe-uninitialized")
#define THINBIT_END_REGION           \
  THINBIT_PRAGMA(GCC diagnostic pop) \
  THINBIT_PRAGMA(GCC pop_options)
#define THINBIT_UNROLL THINBIT_PRAGMA(GCC unroll 64)
#endif

#define THINBIT_BEGIN_AVX2 THINBIT_BEGIN_REGION(THINBIT_AVX2_TARGET)
#define THINBIT_BEGIN_AVX512 THINBIT_BEGIN_REGION(THINBIT_AVX512_TARGET)
#define THINBIT_BEGIN_AVX512_VBMI THINBIT_BEGIN_REGION(THINBIT_AVX512_VBMI_TARGET)
#define THINBIT_BEGIN_AVX512_BF16 THINBIT_BEGIN_REGION(THINBIT_AVX512_BF16_TARGET)
#define THINBIT_BEGIN_AVX512_VNNI THINBIT_BEGIN_REGION(THINBIT_AVX512_VNNI_TARGET)
