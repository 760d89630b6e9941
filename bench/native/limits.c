// The machine's limits: reading and copying memory, and the multiply units, with any number of
// threads. x86 with AVX-512 has the dot products too; what a CPU lacks gives 0.
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

typedef struct Work Work;
struct Work {
  pthread_barrier_t* barrier;
  void (*run)(Work*);
  const char* source;
  char* target;
  size_t bytes;
  int64_t steps;
  double start, end;
  uint64_t sink;
};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void* on_thread(void* argument) {
  Work* work = argument;
  pthread_barrier_wait(work->barrier);
  work->start = now();
  work->run(work);
  work->end = now();
  return NULL;
}

enum { kMaxThreads = 64 };

// Seconds from the first start to the last end; 0 where the threads could not be made.
static double on_threads(Work* works, int threads) {
  pthread_t handles[kMaxThreads];
  pthread_barrier_t barrier;
  if (threads < 1 || threads > kMaxThreads) return 0;
  pthread_barrier_init(&barrier, NULL, (unsigned)threads);
  for (int i = 0; i < threads; ++i) {
    works[i].barrier = &barrier;
    if (pthread_create(&handles[i], NULL, on_thread, &works[i]) != 0) return 0;
  }
  double start = 1e300, end = 0;
  for (int i = 0; i < threads; ++i) {
    pthread_join(handles[i], NULL);
    if (works[i].start < start) start = works[i].start;
    if (works[i].end > end) end = works[i].end;
  }
  pthread_barrier_destroy(&barrier);
  return end - start;
}

typedef uint64_t Vector __attribute__((vector_size(64), aligned(64)));

// Wide loads, one stream, prefetched: what a kernel that only reads could reach.
#if defined(__x86_64__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
static uint64_t sum_of(const char* source, size_t bytes) {
  Vector sum[8] = {{0}};
  for (size_t i = 0; i + 512 <= bytes; i += 512) {
    for (int j = 0; j < 8; ++j) __builtin_prefetch(source + i + 4096 + 64 * j, 0, 3);
    for (int j = 0; j < 8; ++j) sum[j] += *(const Vector*)(source + i + 64 * j);
  }
  uint64_t total = 0;
  for (int j = 0; j < 8; ++j)
    for (int lane = 0; lane < 8; ++lane) total += sum[j][lane];
  return total;
}

static void read_part(Work* work) {
  for (int64_t i = 0; i < work->steps; ++i) work->sink += sum_of(work->source, work->bytes);
}

static void copy_part(Work* work) {
  for (int64_t i = 0; i < work->steps; ++i) memcpy(work->target, work->source, work->bytes);
}

static double in_parts(void (*run)(Work*), char* target, const char* source, size_t bytes,
                       int64_t steps, int threads) {
  Work works[kMaxThreads] = {{0}};
  if (threads < 1 || threads > kMaxThreads) return 0;
  size_t part = bytes / (size_t)threads / 4096 * 4096;
  for (int i = 0; i < threads; ++i) {
    works[i].run = run;
    works[i].source = source + part * (size_t)i;
    works[i].target = target == NULL ? NULL : target + part * (size_t)i;
    works[i].bytes = part;
    works[i].steps = steps;
  }
  return on_threads(works, threads);
}

// Seconds to read `bytes` from a buffer aligned to 4096, `steps` times.
double bench_read(const char* source, size_t bytes, int64_t steps, int threads) {
  return in_parts(read_part, NULL, source, bytes, steps, threads);
}

// Seconds to copy `bytes`, `steps` times.
double bench_copy(char* target, const char* source, size_t bytes, int64_t steps, int threads) {
  return in_parts(copy_part, target, source, bytes, steps, threads);
}

#if defined(__x86_64__)
#define REPEAT20(M) \
  M(0)              \
  M(1)              \
  M(2)              \
  M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(10) M(11) M(12) M(13) M(14) M(15) M(16) M(17) M(18) M(19)
#define CLOBBERS                                                                                \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",      \
      "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "xmm16", "xmm17", "xmm18", "xmm19", "xmm30", \
      "xmm31", "cc"
#define ZERO(i) "vpxord %%zmm" #i ",%%zmm" #i ",%%zmm" #i "\n"
#define LOOP(name, OP)                                                                            \
  __attribute__((target("avx512f"))) static void name(Work* work) {                               \
    int64_t left = work->steps;                                                                   \
    __asm__ volatile("vpxord %%zmm30,%%zmm30,%%zmm30\nvpxord %%zmm31,%%zmm31,%%zmm31\n" REPEAT20( \
                         ZERO) "1:\n" REPEAT20(OP) "dec %0\njnz 1b\n"                             \
                     : "+r"(left)::CLOBBERS);                                                     \
  }
#define FMA(i) "vfmadd231ps %%zmm30,%%zmm31,%%zmm" #i "\n"
#define BF16(i) "vdpbf16ps %%zmm30,%%zmm31,%%zmm" #i "\n"
#define INT8(i) "vpdpbusd %%zmm30,%%zmm31,%%zmm" #i "\n"
LOOP(fma_loop, FMA)
LOOP(bf16_loop, BF16)
LOOP(int8_loop, INT8)

#define ZERO_YMM(i) "vxorps %%ymm" #i ",%%ymm" #i ",%%ymm" #i "\n"
#define FMA_YMM(i) "vfmadd231ps %%ymm14,%%ymm15,%%ymm" #i "\n"
#define REPEAT12(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(10) M(11)
__attribute__((target("avx2,fma"))) static void fma_ymm_loop(Work* work) {
  int64_t left = work->steps;
  __asm__ volatile("vxorps %%ymm14,%%ymm14,%%ymm14\nvxorps %%ymm15,%%ymm15,%%ymm15\n" REPEAT12(
                       ZERO_YMM) "1:\n" REPEAT12(FMA_YMM) "dec %0\njnz 1b\n"
                   : "+r"(left)::"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                     "xmm8", "xmm9", "xmm10", "xmm11", "xmm14", "xmm15", "cc");
}
#endif

static double rate(void (*run)(Work*), double operations_in_step, int64_t steps, int threads) {
  Work works[kMaxThreads] = {{0}};
  if (threads < 1 || threads > kMaxThreads) return 0;
  for (int i = 0; i < threads; ++i) works[i] = (Work){.run = run, .steps = steps};
  double seconds = on_threads(works, threads);
  return seconds > 0 ? operations_in_step * (double)steps * threads / seconds : 0;
}

// Operations a second (a multiplication and an addition are two) of "fma", "bf16" or "int8"; 0
// where the CPU, or this file, has no such instruction.
double bench_peak(const char* unit, int64_t steps, int threads) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(unit, "fma") == 0 && __builtin_cpu_supports("avx512f"))
    return rate(fma_loop, 20 * 32, steps, threads);
  if (strcmp(unit, "fma") == 0 && __builtin_cpu_supports("fma"))
    return rate(fma_ymm_loop, 12 * 16, steps, threads);
  if (strcmp(unit, "bf16") == 0 && __builtin_cpu_supports("avx512bf16"))
    return rate(bf16_loop, 20 * 64, steps, threads);
  if (strcmp(unit, "int8") == 0 && __builtin_cpu_supports("avx512vnni"))
    return rate(int8_loop, 20 * 128, steps, threads);
#else
  (void)unit, (void)steps, (void)threads;
#endif
  return 0;
}
