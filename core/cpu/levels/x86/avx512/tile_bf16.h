#pragma once

// Included inside an AVX-512 BF16 region.
//
// Rows of bfloat16 x as tiles, and pairs of terms of a panel.

#include "cpu/levels/x86/avx512/panel.h"
#include "cpu/levels/x86/avx512/vbmi_codes.h"

namespace thinbit {
namespace {

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

// A tile is read once for each panel, from front to back: sixteen pairs of every row, then the
// next.
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
struct Pairs<E4m3Lookup> {
  THINBIT_INLINE static __m512i join(__m512 low, __m512 high) {
    return (__m512i)_mm512_cvtne2ps_pbh(high, low);
  }
  static constexpr int position(int i, int lane) {
    return E4m3Lookup::column(i + lane / 8, lane % 8 * 2) / 2;
  }
};

template <class Codes>
constexpr bool positions_add_up() {
  using Pair = Pairs<Codes>;
  for (int i = 0; i < Codes::kPerLane; i += 2) {
    for (int lane = 0; lane < 16; ++lane) {
      if (Pair::position(i, lane) != Pair::position(i, 0) + Pair::position(0, lane)) return false;
    }
  }
  return true;
}

THINBIT_INLINE void add_chain(double* to, __m512 chain) {
  _mm512_storeu_pd(
      to, _mm512_add_pd(_mm512_loadu_pd(to), _mm512_cvtps_pd(_mm512_castps512_ps256(chain))));
  _mm512_storeu_pd(to + 8, _mm512_add_pd(_mm512_loadu_pd(to + 8),
                                         _mm512_cvtps_pd(_mm512_extractf32x8_ps(chain, 1))));
}

}  // namespace
}  // namespace thinbit
