#pragma once

// What kernels know of the machine: positions, barriers, shuffles, memory and tensor cores, each by
// a name. Kernels hold no PTX. Every name has two bodies: for the GPU in gpu_machine.h, and for the
// emulation in tests/cuda, which runs the same kernels on the host's processor.
//
// - THINBIT_DEVICE: how functions of kernels begin.
// - THINBIT_KERNEL(threads, name, Type): how a kernel begins, of blocks of `threads`, with one
//   argument, `const Type& parameters`.
// - THINBIT_RESIDENT_KERNEL(threads, blocks, name, Type): the same, with registers for so many
//   blocks at once on a multiprocessor.
// - THINBIT_BLOCK_MEMORY(Type, name): declares memory that a block shares, uninitialised.
//
// - thread_index(): within the block, whose threads are counted along one axis.
// - block_x(), block_y(), block_z(): of the grid; grid_z() blocks along z.
// - block_barrier(): all threads; orders memory that the block shares.
// - warp_barrier(): the same for the 32 threads of a warp.
// - shuffle_xor(value, mask): the value of lane ^ mask.
// - atomic_min(at, value), atomic_add(at, value): in global memory; the sum's gives what was there.
// - load_read_only(at): of memory that no kernel writes while this one runs.
// - copy_4_async, copy_16_async(to, from, inside): so many bytes from global to shared memory,
//   zeros where not inside; they land by a wait.
// - commit_copies(), wait_for_copies<n>(): groups of copies; waits until at most n are on their
//   way.
//
// - fused(a, b, c): a * b + c, rounded once.
// - reciprocal(value): approximate.
// - f16_of(value), bf16_of(value): rounded half to even, NaN as in numerics/half.h.
// - f32_of_f16(code): exact.
// - permute_bytes(low, high, selector): PRMT, four bytes picked from eight.
// - and_or(a, b, c): (a & b) | c, in one operation.
// - subtract_f16x2, subtract_bf16x2(a, b): per half; the differences here are exact.
// - multiply_f16x2, multiply_bf16x2(a, b): per half; the products here are exact.
// - multiply_accumulate<format>(d, a, b): d += a * b on tensor cores, m16n8k16 of 16-bit floats,
//   sums in float32. Lane 4 * g + t holds of a the rows g and g + 8 and of b the column g, at the k
//   of t; of d the columns 2 * t and 2 * t + 1.
//
// Where THINBIT_HAS_WARPGROUP_PRODUCTS, on Hopper, four warps multiply together:
// - multiply_async<format>(queue, d, a, tile, k, adds): d = a * b, or += where it adds, of 64 by
// 128
//   sums. Each warp has 16 rows of a, held as above; b are 128 rows of 64 16-bit floats in a tile
//   at a multiple of 1024 bytes, 16 of them from k on, the 16-byte piece p of row r at p ^ r % 8.
//   Lane 4 * g + t holds of d, eight columns after eight, what it holds of a d above.
// - begin_products() before the first, commit_products() after the last, wait_for_products(queue,
// d)
//   until d is there; a and the tile stay as they are until then.
// - publish_copies(): makes what this thread's copies brought visible to products, before a
// barrier.

#include "numerics/half.h"
#include "numerics/portability.h"

#if defined(__CUDACC_RTC__)
#include "cuda/kernels/gpu_machine.h"
#else
#include "emulated_machine.h"
#endif
