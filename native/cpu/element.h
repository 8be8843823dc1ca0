// What tensors are made of, float32 or bfloat16, and how values lie in the scratch memory that register tiles read.
//
// A tile reads 32-bit words: one float, or, where processors multiply these, two bfloat16 that follow each other along the
// dimension that is summed over. dot(a, b, c) adds the product of two words to a float32 lane: one multiplication or two.
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

// Lanes of 32 and of 16 bits, as many as a Vec has.
typedef uint32_t Words __attribute__((vector_size(sizeof(Vec))));
typedef uint16_t Halves __attribute__((vector_size(sizeof(Vec) / 2)));

inline Words load(const BFloat16Pair* p) {
  Words words;
  std::memcpy(&words, p, sizeof words);
  return words;
}
inline void store(BFloat16Pair* p, Words words) { std::memcpy(p, &words, sizeof words); }
inline Words broadcast(BFloat16Pair x) { return Words{} + x.bits; }

// Each half as a word. In one instruction: GCC 12 makes five of the general form.
inline Words extend(Halves halves) {
#if defined(__AVX512F__)
  return reinterpret_cast<Words>(_mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(halves)));
#elif defined(__AVX2__)
  return reinterpret_cast<Words>(_mm256_cvtepu16_epi32(reinterpret_cast<__m128i>(halves)));
#else
  return __builtin_convertvector(halves, Words);
#endif
}

inline Vec widen(Halves halves) { return reinterpret_cast<Vec>(extend(halves) << 16); }

#if defined(__AVX512BF16__)

inline Halves narrow(Vec v) { return reinterpret_cast<Halves>(_mm512_cvtneps_pbh(v)); }

inline Vec dot(Words a, Words b, Vec c) {
  return _mm512_dpbf16_ps(c, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
}

inline Words pair(Vec earlier, Vec later) {
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5,
                                         20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  const __m512i halves = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(later, earlier));
  return reinterpret_cast<Words>(_mm512_permutexvar_epi16(order, halves));
}

#else

inline Halves narrow(Vec v) {
  const Words bits = reinterpret_cast<Words>(v), is_nan = reinterpret_cast<Words>(v != v);
  const Words number = bits + (bits >> 16 & 1) + 0x7fff;
  return __builtin_convertvector(((is_nan & (bits | 0x400000)) | (~is_nan & number)) >> 16, Halves);
}

inline Words pair(Vec earlier, Vec later) { return extend(narrow(earlier)) | extend(narrow(later)) << 16; }

#endif

inline Vec dot(Vec a, Vec b, Vec c) { return fma(a, b, c); }

inline Vec load(const BFloat16* p) {
  Halves halves;
  std::memcpy(&halves, p, sizeof halves);
  return widen(halves);
}

inline void store(BFloat16* p, Vec v) {
  const Halves halves = narrow(v);
  std::memcpy(p, &halves, sizeof halves);
}

#if defined(__AVX512F__)

inline Vec load_first(const BFloat16* p, int64_t n) {
  return widen(reinterpret_cast<Halves>(_mm256_maskz_loadu_epi16(first(n), p)));
}
inline void store_first(BFloat16* p, Vec v, int64_t n) {
  _mm256_mask_storeu_epi16(p, first(n), reinterpret_cast<__m256i>(narrow(v)));
}

#else

inline Vec load_first(const BFloat16* p, int64_t n) {
  Halves halves{};
  std::memcpy(&halves, p, static_cast<size_t>(n) * sizeof(BFloat16));
  return widen(halves);
}
inline void store_first(BFloat16* p, Vec v, int64_t n) {
  const Halves halves = narrow(v);
  std::memcpy(p, &halves, static_cast<size_t>(n) * sizeof(BFloat16));
}

#endif

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

// What values of T are multiplied as: float32, unless the processor multiplies pairs.
#if defined(__AVX512BF16__)
template <class T>
using OperandOf = T;
#else
template <class T>
using OperandOf = float;
#endif

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
