#pragma once

// What kernels know of the machine: positions, barriers, shuffles, memory and tensor cores, each by
// a name. Kernels hold no PTX. Every name has two bodies: for the GPU in gpu_machine.h, and for the
// emulation in tests/cuda, which runs the same kernels on the host's processor.
//
//   THINBIT_DEVICE                          how functions of kernels begin
//   THINBIT_KERNEL(threads, name, Type)     how a kernel begins: blocks of `threads`, and one
//   argument,
//                                           `const Type& parameters`
//   THINBIT_BLOCK_MEMORY(Type, name)        declares memory that a block shares, uninitialised
//
//   thread_index()                          within the block, whose threads are counted along one
//   axis block_x() block_y() block_z()           of the grid grid_z() blocks along z
//   block_barrier()                         all threads; orders memory that the block shares
//   shuffle_xor(value, mask)                the value of lane ^ mask
//   atomic_min(at, value)                   in global memory
//   fused(a, b, c)                          a * b + c, rounded once
//   load_read_only(at)                      of memory that no kernel writes while this one runs
//   copy_16_async(to, from, inside)         global to shared, zeros where not inside; lands by a
//   wait commit_copies() wait_for_copies<n>()    groups of copies; waits until at most n are on
//   their way f16_of(value) bf16_of(value)            rounded half to even, NaN as in
//   numerics/half.h f32_of_f16(code)                        exact permute_bytes(low, high,
//   selector)      PRMT: four bytes picked from eight subtract_f16x2 subtract_bf16x2 packed; (a -
//   b) per half. The differences here are exact multiply_f16x2 multiply_bf16x2          packed;
//   products here are exact multiply_accumulate<format>(d, a, b)    d += a * b on tensor cores:
//   m16n8k16, 16-bit floats, sums in
//                                           float32. Lane 4 * g + t holds of a the rows g and g + 8
//                                           and of b the column g, at the k of t; of d the columns
//                                           2 * t and 2 * t + 1

#include "numerics/half.h"
#include "numerics/portability.h"

#if defined(__CUDACC_RTC__)
#include "cuda/kernels/gpu_machine.h"
#else
#include "emulated_machine.h"
#endif
