#pragma once

// The bodies of machine.h for the GPU: CUDA's built-ins, and PTX.

#define THINBIT_DEVICE __device__ __forceinline__
#define THINBIT_KERNEL(threads, name, Type)             \
  extern "C" __global__ void __launch_bounds__(threads) \
      name(const __grid_constant__ Type parameters)
#define THINBIT_RESIDENT_KERNEL(threads, blocks, name, Type)    \
  extern "C" __global__ void __launch_bounds__(threads, blocks) \
      name(const __grid_constant__ Type parameters)
#define THINBIT_BLOCK_MEMORY(Type, name) __shared__ Type name

namespace thinbit {

THINBIT_DEVICE uint32_t thread_index() { return threadIdx.x; }
THINBIT_DEVICE uint32_t block_x() { return blockIdx.x; }
THINBIT_DEVICE uint32_t block_y() { return blockIdx.y; }
THINBIT_DEVICE uint32_t block_z() { return blockIdx.z; }
THINBIT_DEVICE uint32_t grid_z() { return gridDim.z; }

THINBIT_DEVICE void block_barrier() { __syncthreads(); }
THINBIT_DEVICE void warp_barrier() { __syncwarp(); }

template <class Value>
THINBIT_DEVICE Value shuffle_xor(Value value, uint32_t mask) {
  return __shfl_xor_sync(0xFFFFFFFFu, value, static_cast<int>(mask));
}

THINBIT_DEVICE void atomic_min(uint64_t* at, uint64_t value) { atomicMin(at, value); }

THINBIT_DEVICE uint32_t atomic_add(uint32_t* at, uint32_t value) { return atomicAdd(at, value); }

THINBIT_DEVICE float reciprocal(float value) {
  float result;
  asm("rcp.approx.f32 %0, %1;" : "=f"(result) : "f"(value));
  return result;
}

THINBIT_DEVICE float fused(float a, float b, float c) { return __fmaf_rn(a, b, c); }

template <class Value>
THINBIT_DEVICE Value load_read_only(const Value* at) {
  return __ldg(at);
}

THINBIT_DEVICE void copy_16_async(void* to, const void* from, bool inside) {
  const uint32_t address = static_cast<uint32_t>(__cvta_generic_to_shared(to));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from),
               "r"(inside ? 16 : 0)
               : "memory");
}

THINBIT_DEVICE void copy_4_async(void* to, const void* from, bool inside) {
  const uint32_t address = static_cast<uint32_t>(__cvta_generic_to_shared(to));
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(address), "l"(from),
               "r"(inside ? 4 : 0)
               : "memory");
}

THINBIT_DEVICE void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

template <int left>
THINBIT_DEVICE void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(left) : "memory");
}

THINBIT_DEVICE uint16_t f16_of(float value) {
  uint16_t code;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(code) : "f"(value));
  return value == value ? code : f32_to_f16(value);
}

THINBIT_DEVICE uint16_t bf16_of(float value) {
  uint16_t code;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(code) : "f"(value));
  return value == value ? code : f32_to_bf16(value);
}

THINBIT_DEVICE float f32_of_f16(uint16_t code) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(code));
  return value;
}

THINBIT_DEVICE uint32_t permute_bytes(uint32_t low, uint32_t high, uint32_t selector) {
  return __byte_perm(low, high, selector);
}

// The compiler would make two operations of it where b and c are constants.
THINBIT_DEVICE uint32_t and_or(uint32_t a, uint32_t b, uint32_t c) {
  uint32_t result;
  asm("lop3.b32 %0, %1, %2, %3, 0xEA;" : "=r"(result) : "r"(a), "r"(b), "r"(c));
  return result;
}

THINBIT_DEVICE uint32_t subtract_f16x2(uint32_t a, uint32_t b) {
  uint32_t difference;
  asm("sub.rn.f16x2 %0, %1, %2;" : "=r"(difference) : "r"(a), "r"(b));
  return difference;
}

THINBIT_DEVICE uint32_t multiply_f16x2(uint32_t a, uint32_t b) {
  uint32_t product;
  asm("mul.rn.f16x2 %0, %1, %2;" : "=r"(product) : "r"(a), "r"(b));
  return product;
}

// sm_80 has no addition of bf16, but fma: b * -1 + a.
THINBIT_DEVICE uint32_t subtract_bf16x2(uint32_t a, uint32_t b) {
  uint32_t difference;
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(difference) : "r"(b), "r"(0xBF80BF80u), "r"(a));
  return difference;
}

// And no product: a * b + -0.
THINBIT_DEVICE uint32_t multiply_bf16x2(uint32_t a, uint32_t b) {
  uint32_t product;
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(product) : "r"(a), "r"(b), "r"(0x80008000u));
  return product;
}

template <FloatFormat format>
THINBIT_DEVICE void multiply_accumulate(float (&d)[4], const uint32_t (&a)[4],
                                        const uint32_t (&b)[2]) {
  if constexpr (format == FloatFormat::kFloat16) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  } else {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  }
}

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define THINBIT_HAS_WARPGROUP_PRODUCTS 1

// All products that a thread has issued; the machine keeps them.
struct ProductQueue {};

THINBIT_DEVICE void publish_copies() { asm volatile("fence.proxy.async;" ::: "memory"); }

THINBIT_DEVICE void begin_products() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }

// The descriptor of a tile: rows of 128 bytes, eight to a swizzled atom, atoms 1024 bytes apart.
THINBIT_DEVICE uint64_t tile_descriptor(const void* tile) {
  const uint64_t address = static_cast<uint32_t>(__cvta_generic_to_shared(tile));
  return (address & 0x3FFFFu) >> 4 | uint64_t{1} << 16 | uint64_t{1024 >> 4} << 32 |
         uint64_t{1} << 62;
}

#define THINBIT_WARPGROUP_PRODUCT(type)                                                            \
  asm volatile(                                                                                    \
      "{ .reg .pred adds; setp.ne.b32 adds, %69, 0; "                                              \
      "wgmma.mma_async.sync.aligned.m64n128k16.f32." type "." type                                 \
      " "                                                                                          \
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "                    \
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "           \
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "           \
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "          \
      "{%64, %65, %66, %67}, %68, adds, 1, 1, 0; }"                                                \
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]),        \
        "+f"(d[7]), "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11]), "+f"(d[12]), "+f"(d[13]),    \
        "+f"(d[14]), "+f"(d[15]), "+f"(d[16]), "+f"(d[17]), "+f"(d[18]), "+f"(d[19]), "+f"(d[20]), \
        "+f"(d[21]), "+f"(d[22]), "+f"(d[23]), "+f"(d[24]), "+f"(d[25]), "+f"(d[26]), "+f"(d[27]), \
        "+f"(d[28]), "+f"(d[29]), "+f"(d[30]), "+f"(d[31]), "+f"(d[32]), "+f"(d[33]), "+f"(d[34]), \
        "+f"(d[35]), "+f"(d[36]), "+f"(d[37]), "+f"(d[38]), "+f"(d[39]), "+f"(d[40]), "+f"(d[41]), \
        "+f"(d[42]), "+f"(d[43]), "+f"(d[44]), "+f"(d[45]), "+f"(d[46]), "+f"(d[47]), "+f"(d[48]), \
        "+f"(d[49]), "+f"(d[50]), "+f"(d[51]), "+f"(d[52]), "+f"(d[53]), "+f"(d[54]), "+f"(d[55]), \
        "+f"(d[56]), "+f"(d[57]), "+f"(d[58]), "+f"(d[59]), "+f"(d[60]), "+f"(d[61]), "+f"(d[62]), \
        "+f"(d[63])                                                                                \
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(static_cast<int>(adds)))

template <FloatFormat format>
THINBIT_DEVICE void multiply_async(ProductQueue&, float (&d)[64], const uint32_t (&a)[4],
                                   const uint16_t* tile, uint32_t k, bool adds) {
  const uint64_t b = tile_descriptor(tile) + k / 8;  // in units of 16 bytes
  if constexpr (format == FloatFormat::kFloat16) {
    THINBIT_WARPGROUP_PRODUCT("f16");
  } else {
    THINBIT_WARPGROUP_PRODUCT("bf16");
  }
}

THINBIT_DEVICE void commit_products() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}

// The sums are operands, so that nothing reads them before.
THINBIT_DEVICE void wait_for_products(ProductQueue&, float (&d)[64]) {
  asm volatile("wgmma.wait_group.sync.aligned 0;"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]),
                 "+f"(d[7]), "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11]), "+f"(d[12]),
                 "+f"(d[13]), "+f"(d[14]), "+f"(d[15]), "+f"(d[16]), "+f"(d[17]), "+f"(d[18]),
                 "+f"(d[19]), "+f"(d[20]), "+f"(d[21]), "+f"(d[22]), "+f"(d[23]), "+f"(d[24]),
                 "+f"(d[25]), "+f"(d[26]), "+f"(d[27]), "+f"(d[28]), "+f"(d[29]), "+f"(d[30]),
                 "+f"(d[31]), "+f"(d[32]), "+f"(d[33]), "+f"(d[34]), "+f"(d[35]), "+f"(d[36]),
                 "+f"(d[37]), "+f"(d[38]), "+f"(d[39]), "+f"(d[40]), "+f"(d[41]), "+f"(d[42]),
                 "+f"(d[43]), "+f"(d[44]), "+f"(d[45]), "+f"(d[46]), "+f"(d[47]), "+f"(d[48]),
                 "+f"(d[49]), "+f"(d[50]), "+f"(d[51]), "+f"(d[52]), "+f"(d[53]), "+f"(d[54]),
                 "+f"(d[55]), "+f"(d[56]), "+f"(d[57]), "+f"(d[58]), "+f"(d[59]), "+f"(d[60]),
                 "+f"(d[61]), "+f"(d[62]), "+f"(d[63])
               :
               : "memory");
}
#endif

}  // namespace thinbit
