#pragma once

// Included inside an AVX-512 BF16 region.
//
// Many rows of bfloat16 x times a panel of weights, each code * scale + bias rounded to bfloat16,
// pairs of terms in a dword. Rounding a weight costs at most 2^-9 of it, which the contract allows;
// a chain of dot products adds kTermsOfChain terms in float, and chains add up in double. E2M1 and
// E4M3 elements times their scales are bfloat16 exactly.
//
// The dot product takes subnormals for zero. Rows of x and w are served here if their magnitudes are
// zero or in [2^-60, 2^60], so that no product is subnormal; other rows, and those with infinities
// and NaN, are left to the caller.

#include "cpu/levels/x86/avx512/panel.h"

namespace thinbit {
namespace {

constexpr int kTermsOfChain = 256;
constexpr int kPairsOfPanel = kPanelDepth / 2;

// Magnitudes as bits without a sign, doubled, so that zero can be told from the least one.
constexpr uint32_t kLeastPlain = static_cast<uint32_t>(127 - 60) << 24;
constexpr uint32_t kMostPlain = static_cast<uint32_t>(127 + 60) << 24;

// The largest and the least magnitude of a row so far; zeros do not count as least.
struct Magnitudes {
  __m512i most;
  __m512i least_less_one;
  Magnitudes() : most(_mm512_setzero_si512()), least_less_one(_mm512_set1_epi32(-1)) {}

  THINBIT_INLINE void add(__m512 values) {
    const __m512i doubled = _mm512_slli_epi32(_mm512_castps_si512(values), 1);
    most = _mm512_max_epu32(most, doubled);
    least_less_one =
        _mm512_min_epu32(least_less_one, _mm512_sub_epi32(doubled, _mm512_set1_epi32(1)));
  }
  // Bit l: lane l had a magnitude that is not plain.
  THINBIT_INLINE uint32_t odd_lanes() const {
    return static_cast<uint32_t>(
        _mm512_cmpgt_epu32_mask(most, _mm512_set1_epi32(static_cast<int>(kMostPlain))) |
        _mm512_cmplt_epu32_mask(least_less_one,
                                _mm512_set1_epi32(static_cast<int>(kLeastPlain - 1))));
  }
  THINBIT_INLINE bool plain() const { return odd_lanes() == 0; }
};

inline int64_t tile_bytes_bf16(int64_t K) {
  return padded_terms(K) * kTileRows * static_cast<int64_t>(sizeof(uint16_t));
}

// A tile is read once for each panel, from front to back: sixteen pairs of every row, then the next.
constexpr int kPairsOfLine = 16;

inline uint32_t prepare_tile_bf16(const float* const* x, int rows, int64_t K, std::byte* tile) {
  auto* to = reinterpret_cast<uint32_t*>(tile);
  Magnitudes of[kTileRows];
  const int64_t end = padded_terms(K);
  for (int64_t k = 0; k < end; k += 2 * kPairsOfLine) {
    const __mmask16 low_there = first_lanes(K - k);
    const __mmask16 high_there = first_lanes(K - k - 16);
    for (int i = 0; i < kTileRows; ++i, to += kPairsOfLine) {
      if (i >= rows) {
        _mm512_store_si512(to, _mm512_setzero_si512());
        continue;
      }
      const __m512 low = _mm512_maskz_loadu_ps(low_there, x[i] + k);
      const __m512 high = _mm512_maskz_loadu_ps(high_there, x[i] + k + 16);
      of[i].add(low);
      of[i].add(high);
      _mm512_store_si512(to, (__m512i)_mm512_cvtne2ps_pbh(high, low));
    }
  }
  uint32_t odd = 0;
  for (int i = 0; i < rows; ++i) odd |= static_cast<uint32_t>(!of[i].plain()) << i;
  return odd;
}

struct Interleave {
  alignas(64) uint16_t index[32];
  constexpr Interleave() : index() {
    for (int i = 0; i < 32; ++i) index[i] = static_cast<uint16_t>(i / 2 + i % 2 * 16);
  }
};
inline constexpr Interleave kInterleave;

// Lane by lane, the bfloat16 of two terms in a dword.
THINBIT_INLINE __m512i join_terms(__m512 first, __m512 second) {
  const __m512i both = (__m512i)_mm512_cvtne2ps_pbh(second, first);
  return _mm512_permutexvar_epi16(_mm512_load_si512(kInterleave.index), both);
}

// Two vectors of a load as pairs of neighbouring terms.
template <class Codes>
struct Pairs {
  THINBIT_INLINE static __m512i join(__m512 low, __m512 high) { return join_terms(low, high); }
  // The pair of a load that dword `lane` of vectors i and i + 1 is.
  static constexpr int position(int i, int lane) { return Codes::column(i, lane) / 2; }
};

// Neighbouring lanes of one vector are neighbouring terms.
template <>
struct Pairs<E4m3Codes> {
  THINBIT_INLINE static __m512i join(__m512 low, __m512 high) {
    return (__m512i)_mm512_cvtne2ps_pbh(high, low);
  }
  static constexpr int position(int i, int lane) {
    return E4m3Codes::column(i + lane / 8, lane % 8 * 2) / 2;
  }
};

template <class Codes>
uint32_t decode_panel_bf16(const RowFormat& format, const EncodedRows& w, int64_t K, int64_t first,
                           int64_t count, std::byte* panel) {
  const Codes codes;
  constexpr int kPerLane = Codes::kPerLane;
  constexpr int kHalves = kPerLane / 2;
  alignas(64) uint32_t rows[kTransposedRows * kPairsOfPanel];
  auto* out = reinterpret_cast<uint32_t*>(panel);
  uint32_t odd = 0;
  for (int64_t begin = 0; begin < kPanelColumns; begin += kTransposedRows) {
    for (int64_t n = 0; n < kTransposedRows; ++n) {
      uint32_t* to = rows + n * kPairsOfPanel;
      if (begin + n >= count) {
        std::fill_n(to, kPairsOfPanel, 0u);
        continue;
      }
      Magnitudes magnitudes;
      decode_span(codes, format, w, begin + n, K, first,
                  [&](int load, const __m512* weights) __attribute__((always_inline)) {
                    unroll<kHalves>([&](auto i) __attribute__((always_inline)) {
                      magnitudes.add(weights[2 * i]);
                      magnitudes.add(weights[2 * i + 1]);
                      _mm512_store_si512(to + (load * kHalves + i) * 16,
                                         Pairs<Codes>::join(weights[2 * i], weights[2 * i + 1]));
                    });
                  });
      odd |= static_cast<uint32_t>(!magnitudes.plain()) << (begin + n);
    }
    for (int load = 0; load < kVectors / kPerLane; ++load) {
      uint32_t* to = out + load * 8 * kPerLane * kPanelColumns + begin;
      unroll<kHalves>([&](auto i) __attribute__((always_inline)) {
        transpose_dwords(rows + (load * kHalves + i) * 16, kPairsOfPanel,
                         [&](auto lane, __m512i dwords) __attribute__((always_inline)) {
                           constexpr int kPair = Pairs<Codes>::position(2 * i, lane);
                           _mm512_store_si512(to + kPair * kPanelColumns, dwords);
                         });
      });
    }
  }
  return odd;
}

inline uint32_t pack_panel_bf16(const float* weights, int64_t stride, int64_t terms,
                                std::byte* panel) {
  auto* out = reinterpret_cast<uint32_t*>(panel);
  const int64_t pairs = panel_terms(terms, 0) / 2;
  uint32_t odd = 0;
  for (int half = 0; half < 2; ++half) {
    Magnitudes magnitudes;
    const float* from = weights + 16 * half;
    uint32_t* to = out + 16 * half;
    for (int64_t pair = 0; pair < pairs; ++pair, from += 2 * stride, to += kPanelColumns) {
      const bool first_there = 2 * pair < terms;
      const bool second_there = 2 * pair + 1 < terms;
      const __m512 first = first_there ? _mm512_loadu_ps(from) : _mm512_setzero_ps();
      const __m512 second = second_there ? _mm512_loadu_ps(from + stride) : _mm512_setzero_ps();
      magnitudes.add(first);
      magnitudes.add(second);
      _mm512_store_si512(to, join_terms(first, second));
    }
    odd |= magnitudes.odd_lanes() << (16 * half);
  }
  return odd;
}

THINBIT_INLINE void add_chain(double* to, __m512 chain) {
  _mm512_storeu_pd(
      to, _mm512_add_pd(_mm512_loadu_pd(to), _mm512_cvtps_pd(_mm512_castps512_ps256(chain))));
  _mm512_storeu_pd(
      to + 8,
      _mm512_add_pd(_mm512_loadu_pd(to + 8), _mm512_cvtps_pd(_mm512_extractf32x8_ps(chain, 1))));
}

template <int kRows>
void multiply_tile_bf16(const uint32_t* panel, int64_t pairs, const uint32_t* tile, double* sums) {
  for (int64_t begin = 0; begin < pairs; begin += kTermsOfChain / 2) {
    const int64_t end = std::min<int64_t>(begin + kTermsOfChain / 2, pairs);
    __m512 chain[kRows][2];
    unroll<kRows>([&](auto i) __attribute__((always_inline)) {
      chain[i][0] = chain[i][1] = _mm512_setzero_ps();
    });
    for (int64_t line = begin; line < end; line += kPairsOfLine) {
      const uint32_t* values = tile + line * kTileRows;
      const uint32_t* weights = panel + line * kPanelColumns;
      const int64_t here = std::min<int64_t>(kPairsOfLine, end - line);
      for (int64_t pair = 0; pair < here; ++pair, ++values, weights += kPanelColumns) {
        const auto low = (__m512bh)_mm512_load_si512(weights);
        const auto high = (__m512bh)_mm512_load_si512(weights + 16);
        unroll<kRows>([&](auto i) __attribute__((always_inline)) {
          const auto value = (__m512bh)_mm512_set1_epi32(static_cast<int>(values[i * kPairsOfLine]));
          chain[i][0] = _mm512_dpbf16_ps(chain[i][0], value, low);
          chain[i][1] = _mm512_dpbf16_ps(chain[i][1], value, high);
        });
      }
    }
    unroll<kRows>([&](auto i) __attribute__((always_inline)) {
      add_chain(sums + i * kPanelColumns, chain[i][0]);
      add_chain(sums + i * kPanelColumns + 16, chain[i][1]);
    });
  }
}

inline void multiply_blocked_bf16(const std::byte* panel, int64_t K, int64_t first,
                                  const std::byte* tile, int rows, double* sums) {
  const auto* weights = reinterpret_cast<const uint32_t*>(panel);
  const auto* values = reinterpret_cast<const uint32_t*>(tile) + first / 2 * kTileRows;
  const int64_t pairs = panel_terms(K, first) / 2;
  if (rows > 8) return multiply_tile_bf16<12>(weights, pairs, values, sums);
  if (rows > 4) return multiply_tile_bf16<8>(weights, pairs, values, sums);
  multiply_tile_bf16<4>(weights, pairs, values, sums);
}

}  // namespace
}  // namespace thinbit
