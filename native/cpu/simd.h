// The vector of floats that kernels are written in: 16, 8 or 4 lanes, by the flags this file is compiled with.
#ifndef DENSENET4J_CPU_SIMD_H
#define DENSENET4J_CPU_SIMD_H

#include <cstdint>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

#define DN_INLINE inline __attribute__((always_inline))

namespace dn {

#if defined(__AVX512F__)

constexpr int kLanes = 16;
constexpr int kRegisters = 32;
using Vec = __m512;

inline __mmask16 first(int64_t n) { return static_cast<__mmask16>((1u << n) - 1); }
inline Vec load(const float* p) { return _mm512_loadu_ps(p); }
inline void store(float* p, Vec v) { _mm512_storeu_ps(p, v); }
inline Vec load_first(const float* p, int64_t n) { return _mm512_maskz_loadu_ps(first(n), p); }
inline void store_first(float* p, Vec v, int64_t n) { _mm512_mask_storeu_ps(p, first(n), v); }
inline Vec broadcast(float x) { return _mm512_set1_ps(x); }
inline Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
// Returns b when either is NaN.
inline Vec max(Vec a, Vec b) { return _mm512_max_ps(a, b); }
// value where test > 0, else 0
inline Vec where_positive(Vec test, Vec value) {
  return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(test, _mm512_setzero_ps(), _CMP_GT_OQ), value);
}

#elif defined(__AVX2__)

constexpr int kLanes = 8;
constexpr int kRegisters = 16;
using Vec = __m256;

inline __m256i first(int64_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline Vec load(const float* p) { return _mm256_loadu_ps(p); }
inline void store(float* p, Vec v) { _mm256_storeu_ps(p, v); }
inline Vec load_first(const float* p, int64_t n) { return _mm256_maskload_ps(p, first(n)); }
inline void store_first(float* p, Vec v, int64_t n) { _mm256_maskstore_ps(p, first(n), v); }
inline Vec broadcast(float x) { return _mm256_set1_ps(x); }
inline Vec fma(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
inline Vec max(Vec a, Vec b) { return _mm256_max_ps(a, b); }
inline Vec where_positive(Vec test, Vec value) {
  return _mm256_and_ps(_mm256_cmp_ps(test, _mm256_setzero_ps(), _CMP_GT_OQ), value);
}

#else

constexpr int kLanes = 4;
constexpr int kRegisters = 16;
typedef float Vec __attribute__((vector_size(16)));
typedef float UnalignedVec __attribute__((vector_size(16), aligned(4)));
typedef int32_t Bits __attribute__((vector_size(16)));

inline Vec load(const float* p) { return *reinterpret_cast<const UnalignedVec*>(p); }
inline void store(float* p, Vec v) { *reinterpret_cast<UnalignedVec*>(p) = v; }
inline Vec load_first(const float* p, int64_t n) {
  Vec v = {0, 0, 0, 0};
  for (int64_t i = 0; i < n; i++) v[i] = p[i];
  return v;
}
inline void store_first(float* p, Vec v, int64_t n) {
  for (int64_t i = 0; i < n; i++) p[i] = v[i];
}
inline Vec broadcast(float x) { return Vec{x, x, x, x}; }
inline Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }
inline Vec max(Vec a, Vec b) {
  const Bits first = a > b;
  return reinterpret_cast<Vec>((first & reinterpret_cast<Bits>(a)) | (~first & reinterpret_cast<Bits>(b)));
}
inline Vec where_positive(Vec test, Vec value) {
  return reinterpret_cast<Vec>((test > 0) & reinterpret_cast<Bits>(value));
}

#endif

inline Vec zero() { return broadcast(0.0f); }

// Lets NaN through, so that a diverged network cannot pass for a dead one.
inline Vec relu(Vec x) { return max(zero(), x); }

// The lanes of channels [c, c + kLanes) that lie below `channels`.
inline int64_t lanes(int64_t c, int64_t channels) { return channels - c < kLanes ? channels - c : kLanes; }

// Loads and stores of n <= kLanes lanes, where all lanes is the common case.
inline Vec load(const float* p, int64_t n) { return n == kLanes ? load(p) : load_first(p, n); }
inline void store(float* p, Vec v, int64_t n) {
  if (n == kLanes) {
    store(p, v);
  } else {
    store_first(p, v, n);
  }
}

constexpr int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }
inline int64_t round_to_lanes(int64_t n) { return divide_up(n, kLanes) * kLanes; }
inline int64_t vectors(int64_t channels) { return divide_up(channels, kLanes); }

}  // namespace dn
#endif
