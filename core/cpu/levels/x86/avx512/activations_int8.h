#pragma once

// Included inside an AVX-512 VNNI region.
//
// Rows of x quantized for the int8 products, to the codes and scales of the contract's quantize.

#include "cpu/levels/lanes/quantize.h"
#include "cpu/levels/x86/avx512/registers.h"

namespace thinbit {
namespace {

constexpr int kDigitOffset = 12;
constexpr int kScaleLimit = 50;

alignas(16) constexpr int8_t kDigits[16] = {0, 1,  2,  3,  4,  6,  8,  12,
                                            0, -1, -2, -3, -4, -6, -8, -12};

enum class XRow : int32_t { kPlain, kWideScales, kNotFinite };

constexpr int64_t round_up_64(int64_t bytes) { return (bytes + 63) / 64 * 64; }

// A prepared row: what kind it is, the digits in the order of w's (of eight, the even and then the
// odd ones), the scale of each group, and -12 times its sum of digits.
template <int kGroup>
struct Int8Row {
  static int64_t digits_at() { return 64; }
  static int64_t scales_at(int64_t K) { return digits_at() + round_up_64(K); }
  static int64_t starts_at(int64_t K) { return scales_at(K) + round_up_64(K / kGroup * 4); }
  static int64_t bytes(int64_t K) { return starts_at(K) + round_up_64(K / kGroup * 4); }
};

// Whether a scale's byte needs the way in double.
template <Mode kMode>
inline bool wide_scale(uint32_t byte) {
  if constexpr (kMode == Mode::kNvfp4) return (byte & 0x7F) == 0x7F;
  return byte < kE8m0Bias - kScaleLimit || byte > kE8m0Bias + kScaleLimit;
}

template <Mode kMode>
inline float real_scale(uint32_t byte) {
  return kMode == Mode::kNvfp4 ? e4m3_decode(byte) : e8m0_decode(byte);
}

template <Mode kMode, int kGroup>
void prepare_int8(const RowFormat& format, const float* x, int64_t K, float encode_factor,
                  std::byte* prepared) {
  using Row = Int8Row<kGroup>;
  auto* digits = reinterpret_cast<int8_t*>(prepared + Row::digits_at());
  auto* scales = reinterpret_cast<float*>(prepared + Row::scales_at(K));
  auto* starts = reinterpret_cast<int32_t*>(prepared + Row::starts_at(K));
  const __m512i table =
      _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(kDigits)));
  const __m512i nibbles = _mm512_set1_epi8(0x0F);
  XRow kind = XRow::kPlain;
  for (int64_t first = 0; first < K; first += kChunk) {
    const int64_t count = std::min(kChunk, K - first);
    uint32_t words[kChunk / 8];
    std::byte bytes[kChunk / kGroup];
    if (quantize_lanes(format, x + first, count, encode_factor, {words, bytes, nullptr})) {
      kind = XRow::kNotFinite;
      break;
    }
    for (int64_t k = 0; k < count; k += 64) {
      const __m256i eight = _mm256_maskz_loadu_epi32(
          static_cast<__mmask8>(first_lanes((count - k) / 8)), words + k / 8);
      const __m512i word = _mm512_cvtepu32_epi64(eight);
      const __m512i codes = _mm512_and_si512(
          _mm512_or_si512(
              _mm512_and_si512(word, _mm512_set1_epi64(0x0F0F0F0F)),
              _mm512_slli_epi64(_mm512_and_si512(word, _mm512_set1_epi64(0xF0F0F0F0)), 28)),
          nibbles);
      _mm512_store_si512(digits + first + k, _mm512_shuffle_epi8(table, codes));
    }
    for (int64_t group = first / kGroup; group < (first + count) / kGroup; ++group) {
      const auto byte = static_cast<uint32_t>(bytes[group - first / kGroup]);
      if (wide_scale<kMode>(byte)) kind = XRow::kWideScales;
      scales[group] = real_scale<kMode>(byte);
      int sum = 0;
      for (int i = 0; i < kGroup; ++i) sum += digits[group * kGroup + i];
      starts[group] = -kDigitOffset * sum;
    }
  }
  std::memcpy(prepared, &kind, sizeof kind);
}

}  // namespace
}  // namespace thinbit
