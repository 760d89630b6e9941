#pragma once

// Included inside an AVX-512 region.

#include "cpu/levels/x86/avx512/registers.h"

namespace thinbit {
namespace {

// Calls put(term, dwords) with dword `term` of each of the sixteen rows that get(row) gives. All
// rows are read before the first put.
template <class Get, class Put>
THINBIT_INLINE void transpose_dwords(const Get& get, const Put& put) {
  __m512i quads[16];
  unroll<4>([&](auto four) __attribute__((always_inline)) {
    __m512i row[4];
    unroll<4>([&](auto i) __attribute__((always_inline)) {
      row[i] = get(std::integral_constant<int, 4 * four + i>{});
    });
    const __m512i low01 = _mm512_unpacklo_epi32(row[0], row[1]);
    const __m512i high01 = _mm512_unpackhi_epi32(row[0], row[1]);
    const __m512i low23 = _mm512_unpacklo_epi32(row[2], row[3]);
    const __m512i high23 = _mm512_unpackhi_epi32(row[2], row[3]);
    // Quarter q of quads[term * 4 + four] holds term 4 * q + term of these four rows.
    quads[0 + four] = _mm512_unpacklo_epi64(low01, low23);
    quads[4 + four] = _mm512_unpackhi_epi64(low01, low23);
    quads[8 + four] = _mm512_unpacklo_epi64(high01, high23);
    quads[12 + four] = _mm512_unpackhi_epi64(high01, high23);
  });
  unroll<4>([&](auto term) __attribute__((always_inline)) {
    const __m512i* of = quads + 4 * term;
    const __m512i first = _mm512_shuffle_i32x4(of[0], of[1], 0x44);
    const __m512i second = _mm512_shuffle_i32x4(of[2], of[3], 0x44);
    const __m512i third = _mm512_shuffle_i32x4(of[0], of[1], 0xEE);
    const __m512i fourth = _mm512_shuffle_i32x4(of[2], of[3], 0xEE);
    put(std::integral_constant<int, term>{}, _mm512_shuffle_i32x4(first, second, 0x88));
    put(std::integral_constant<int, term + 4>{}, _mm512_shuffle_i32x4(first, second, 0xDD));
    put(std::integral_constant<int, term + 8>{}, _mm512_shuffle_i32x4(third, fourth, 0x88));
    put(std::integral_constant<int, term + 12>{}, _mm512_shuffle_i32x4(third, fourth, 0xDD));
  });
}

// The same of rows in memory, `stride` dwords apart and aligned to 64 bytes.
template <class Put>
THINBIT_INLINE void transpose_dwords(const uint32_t* in, int64_t stride, const Put& put) {
  transpose_dwords(
      [&](auto row) __attribute__((always_inline)) { return _mm512_load_si512(in + row * stride); },
      put);
}

}  // namespace
}  // namespace thinbit
