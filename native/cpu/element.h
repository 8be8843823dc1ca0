// What tensors are made of, float32 or bfloat16, and how values lie in the scratch memory that register tiles read.
//
// A tile reads 32-bit words: one float, or two bfloat16 that follow each other along the dimension that is summed over.
// dot(a, b, c) adds the product of two words to a float32 lane: one multiplication or two.
#ifndef DENSENET4J_CPU_ELEMENT_H
#define DENSENET4J_CPU_ELEMENT_H

#include <cstring>

#include "densenet4j.h"
#include "simd.h"

namespace dn {

// The upper half of a float32, rounded to nearest even.
struct BFloat16 {
  uint16_t bits;
};

// Two values of a sum, the earlier one in the lower half.
struct BFloat16Pair {
  uint32_t bits;
};

#if defined(__AVX512F__)

using Words = __m512i;

inline Words load(const BFloat16Pair* p) { return _mm512_loadu_si512(p); }
inline void store(BFloat16Pair* p, Words v) { _mm512_storeu_si512(p, v); }
inline Words broadcast(BFloat16Pair x) { return _mm512_set1_epi32(static_cast<int>(x.bits)); }

inline Vec widen(__m256i v) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(v), 16)); }
inline Vec load(const BFloat16* p) { return widen(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))); }
inline Vec load_first(const BFloat16* p, int64_t n) { return widen(_mm256_maskz_loadu_epi16(first(n), p)); }

#if defined(__AVX512BF16__)

inline __m256i narrow(Vec v) { return reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(v)); }

inline Vec dot(Words a, Words b, Vec c) {
  return _mm512_dpbf16_ps(c, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
}

#else

inline __m256i narrow(Vec v) {
  const Words bits = _mm512_castps_si512(v);
  const Words odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const Words rounded = _mm512_add_epi32(_mm512_add_epi32(bits, odd), _mm512_set1_epi32(0x7fff));
  const Words nan = _mm512_or_si512(bits, _mm512_set1_epi32(0x400000));
  const __mmask16 is_nan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
  return _mm512_cvtepi32_epi16(_mm512_srli_epi32(_mm512_mask_mov_epi32(rounded, is_nan, nan), 16));
}

inline Vec dot(Words a, Words b, Vec c) {
  const Words upper = _mm512_set1_epi32(static_cast<int>(0xffff0000u));
  const auto low = [](Words w) { return _mm512_castsi512_ps(_mm512_slli_epi32(w, 16)); };
  const auto high = [&](Words w) { return _mm512_castsi512_ps(_mm512_and_si512(w, upper)); };
  return fma(high(a), high(b), fma(low(a), low(b), c));
}

#endif

inline void store(BFloat16* p, Vec v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), narrow(v)); }
inline void store_first(BFloat16* p, Vec v, int64_t n) { _mm256_mask_storeu_epi16(p, first(n), narrow(v)); }

inline Words pair(Vec earlier, Vec later) {
  const Words low = _mm512_cvtepu16_epi32(narrow(earlier)), high = _mm512_cvtepu16_epi32(narrow(later));
  return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

#elif defined(__AVX2__)

using Words = __m256i;

inline Words load(const BFloat16Pair* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
inline void store(BFloat16Pair* p, Words v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
inline Words broadcast(BFloat16Pair x) { return _mm256_set1_epi32(static_cast<int>(x.bits)); }

inline Vec load(const BFloat16* p) {
  const __m128i bits = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
}

// Each lane rounded, in its upper half.
inline Words rounded(Vec v) {
  const Words bits = _mm256_castps_si256(v);
  const Words odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  const Vec number = _mm256_castsi256_ps(_mm256_add_epi32(_mm256_add_epi32(bits, odd), _mm256_set1_epi32(0x7fff)));
  const Vec nan = _mm256_castsi256_ps(_mm256_or_si256(bits, _mm256_set1_epi32(0x400000)));
  const Vec picked = _mm256_blendv_ps(number, nan, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
  return _mm256_and_si256(_mm256_castps_si256(picked), _mm256_set1_epi32(static_cast<int>(0xffff0000u)));
}

inline void store(BFloat16* p, Vec v) {
  const Words low = _mm256_srli_epi32(rounded(v), 16);
  const __m128i bits = _mm_packus_epi32(_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), bits);
}

inline Words pair(Vec earlier, Vec later) {
  return _mm256_or_si256(_mm256_srli_epi32(rounded(earlier), 16), rounded(later));
}

inline Vec dot(Words a, Words b, Vec c) {
  const Words upper = _mm256_set1_epi32(static_cast<int>(0xffff0000u));
  const auto low = [](Words w) { return _mm256_castsi256_ps(_mm256_slli_epi32(w, 16)); };
  const auto high = [&](Words w) { return _mm256_castsi256_ps(_mm256_and_si256(w, upper)); };
  return fma(high(a), high(b), fma(low(a), low(b), c));
}

#else

typedef uint32_t Words __attribute__((vector_size(16)));
typedef uint32_t UnalignedWords __attribute__((vector_size(16), aligned(4)));
typedef uint16_t Halves __attribute__((vector_size(8)));

inline Words load(const BFloat16Pair* p) { return *reinterpret_cast<const UnalignedWords*>(p); }
inline void store(BFloat16Pair* p, Words v) { *reinterpret_cast<UnalignedWords*>(p) = v; }
inline Words broadcast(BFloat16Pair x) { return Words{x.bits, x.bits, x.bits, x.bits}; }

inline Vec load(const BFloat16* p) {
  Halves bits;
  std::memcpy(&bits, p, sizeof bits);
  return reinterpret_cast<Vec>(__builtin_convertvector(bits, Words) << 16);
}

// Each lane rounded, in its upper half.
inline Words rounded(Vec v) {
  const Words bits = reinterpret_cast<Words>(v), is_nan = reinterpret_cast<Words>(v != v);
  const Words number = bits + (bits >> 16 & 1) + 0x7fff;
  return ((is_nan & (bits | 0x400000)) | (~is_nan & number)) & 0xffff0000u;
}

inline void store(BFloat16* p, Vec v) {
  const Halves bits = __builtin_convertvector(rounded(v) >> 16, Halves);
  std::memcpy(p, &bits, sizeof bits);
}

inline Words pair(Vec earlier, Vec later) { return rounded(earlier) >> 16 | rounded(later); }

inline Vec dot(Words a, Words b, Vec c) {
  const auto low = [](Words w) { return reinterpret_cast<Vec>(w << 16); };
  const auto high = [](Words w) { return reinterpret_cast<Vec>(w & 0xffff0000u); };
  return fma(high(a), high(b), fma(low(a), low(b), c));
}

#endif

#if !defined(__AVX512F__)

inline Vec load_first(const BFloat16* p, int64_t n) {
  BFloat16 values[kLanes] = {};
  std::memcpy(values, p, static_cast<size_t>(n) * sizeof(BFloat16));
  return load(values);
}

inline void store_first(BFloat16* p, Vec v, int64_t n) {
  BFloat16 values[kLanes];
  store(values, v);
  std::memcpy(p, values, static_cast<size_t>(n) * sizeof(BFloat16));
}

#endif

inline Vec dot(Vec a, Vec b, Vec c) { return fma(a, b, c); }

// The later value of one pair and the earlier one of the pair after it.
inline Words straddle(Words pair, Words next) {
#if defined(__AVX512F__)
  return _mm512_or_si512(_mm512_srli_epi32(pair, 16), _mm512_slli_epi32(next, 16));
#elif defined(__AVX2__)
  return _mm256_or_si256(_mm256_srli_epi32(pair, 16), _mm256_slli_epi32(next, 16));
#else
  return pair >> 16 | next << 16;
#endif
}

inline BFloat16Pair pair(float earlier, float later) {
  const auto upper = [](float x) {
    uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return (x != x ? bits | 0x400000 : bits + (bits >> 16 & 1) + 0x7fff) & 0xffff0000u;
  };
  return {upper(earlier) >> 16 | upper(later)};
}

inline Vec load(const BFloat16* p, int64_t n) { return n == kLanes ? load(p) : load_first(p, n); }
inline void store(BFloat16* p, Vec v, int64_t n) {
  if (n == kLanes) {
    store(p, v);
  } else {
    store_first(p, v, n);
  }
}

inline float to_float(float x) { return x; }
inline float to_float(BFloat16 x) {
  const uint32_t bits = static_cast<uint32_t>(x.bits) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// How values of T lie in words.
template <class T>
struct Packed;

template <>
struct Packed<float> {
  using Word = float;
  using Vector = Vec;
  static constexpr int kValues = 1;
};

template <>
struct Packed<BFloat16> {
  using Word = BFloat16Pair;
  using Vector = Words;
  static constexpr int kValues = 2;
};

template <class T>
using Word = typename Packed<T>::Word;

// The words that hold so many values.
template <class T>
constexpr int64_t words(int64_t values) {
  return divide_up(values, Packed<T>::kValues);
}

// A dn_slice whose values are known to be T.
template <class T>
struct Slice {
  T* data;
  int64_t pitch;

  Slice(const dn_slice& slice) : data(static_cast<T*>(slice.data)), pitch(slice.pitch) {}
  T* at(int64_t pixel, int64_t channel = 0) const { return data + pixel * pitch + channel; }
};

}  // namespace dn
#endif
