// 8x8 matrices that a simdgroup holds, two elements a lane. Which element lies where is not
// documented, so kernels here may only load, fill, multiply and store them.
#pragma once
#include "simdgroup.h"

namespace metal {

template <typename T, int Rows, int Columns>
struct simdgroup_matrix {
  static_assert(Rows == 8 && Columns == 8, "Metal has 8 by 8 only");
  vec<T, 2> emulation_elements;

  simdgroup_matrix() : emulation_elements((vec<T, 2>)((T)0)) {}

  static EMULATION_INLINE void position(thread uint& row, thread uint& column) {
    const uint lane = emulation_lane();
    row = (lane / 4 & 4) + lane / 2 % 4;
    column = (lane / 4 & 2) * 2 + lane % 2 * 2;
  }
};

template <typename T, int Rows, int Columns>
EMULATION_INLINE simdgroup_matrix<T, Rows, Columns> make_filled_simdgroup_matrix(T value) {
  simdgroup_matrix<T, Rows, Columns> matrix;
  matrix.emulation_elements = (vec<T, 2>)(value);
  return matrix;
}

#define EMULATION_MATRIX_MEMORY(space)                                                 \
  template <typename T>                                                                \
  EMULATION_INLINE void simdgroup_load(                                                \
      thread simdgroup_matrix<T, 8, 8>& matrix, const space T* from, ulong stride,     \
      ulong2 origin = (ulong2)(0), bool transposed = false, EMULATION_LINE) {          \
    emulation_simdgroup_barrier(0, line);                                              \
    uint row, column;                                                                  \
    simdgroup_matrix<T, 8, 8>::position(row, column);                                  \
    for (uint i = 0; i < 2; i++) {                                                     \
      const ulong r = transposed ? column + i : row;                                   \
      const ulong c = transposed ? row : column + i;                                   \
      matrix.emulation_elements[i] = from[(r + origin.y) * stride + c + origin.x];     \
    }                                                                                  \
  }                                                                                    \
  template <typename T>                                                                \
  EMULATION_INLINE void simdgroup_store(simdgroup_matrix<T, 8, 8> matrix, space T* to, \
                                        ulong stride, ulong2 origin = (ulong2)(0),     \
                                        bool transposed = false, EMULATION_LINE) {     \
    emulation_simdgroup_barrier(0, line);                                              \
    uint row, column;                                                                  \
    simdgroup_matrix<T, 8, 8>::position(row, column);                                  \
    for (uint i = 0; i < 2; i++) {                                                     \
      const ulong r = transposed ? column + i : row;                                   \
      const ulong c = transposed ? row : column + i;                                   \
      to[(r + origin.y) * stride + c + origin.x] = matrix.emulation_elements[i];       \
    }                                                                                  \
  }
EMULATION_MATRIX_MEMORY(device)
EMULATION_MATRIX_MEMORY(threadgroup)

// The lane that holds an element of a row, and of a pair of columns.
EMULATION_INLINE uint emulation_owner(uint row, uint column) {
  return (row & 4) * 4 + (row & 3) * 2 + (column & 4) * 2 + (column >> 1 & 1);
}

// d = a * b + c. Every lane computes its own two elements.
template <typename D, typename A, typename B, typename C>
EMULATION_INLINE void simdgroup_multiply_accumulate(thread simdgroup_matrix<D, 8, 8>& d,
                                                    const thread simdgroup_matrix<A, 8, 8>& a,
                                                    const thread simdgroup_matrix<B, 8, 8>& b,
                                                    const thread simdgroup_matrix<C, 8, 8>& c,
                                                    EMULATION_LINE) {
  const float4 mine = {(float)a.emulation_elements[0], (float)a.emulation_elements[1],
                       (float)b.emulation_elements[0], (float)b.emulation_elements[1]};
  emulation_exchanged<float4> all(mine, kEmulationMultiply, line);
  uint row, column;
  simdgroup_matrix<D, 8, 8>::position(row, column);
  float sums[2] = {(float)c.emulation_elements[0], (float)c.emulation_elements[1]};
  for (uint k = 0; k < 8; k++) {
    const float left = all.of(emulation_owner(row, k))[k & 1];
    const float4 right = all.of(emulation_owner(k, column));
    sums[0] = __builtin_fmaf(left, right.z, sums[0]);
    sums[1] = __builtin_fmaf(left, right.w, sums[1]);
  }
  d.emulation_elements[0] = (D)sums[0];
  d.emulation_elements[1] = (D)sums[1];
}

}  // namespace metal
