// Factors of products on tensor cores, from planes in shared memory: two planes deep, which are 16 channels of bfloat16
// or 8 of float32.
//
// A float32 is the sum of a TF32, of what rounding to that leaves as another TF32, and of some 2^-22 of it: three
// products of these have float32's precision (3xTF32). Or one product of the first alone, where that was asked for.
#ifndef DENSENET4J_CUDA_FACTORS_CUH
#define DENSENET4J_CUDA_FACTORS_CUH

#include "elements.cuh"

namespace dn {

// What a product sums over.
template <class T>
constexpr int kDepth = 2 * kVector<T>;

// Of a loop around products: those of float32 take registers for sums of their own.
template <class T, int passes, int most = 1>
constexpr int kUnrolled = sizeof(T) == 2 ? passes : most;

template <class T>
struct Factors;
template <>
struct Factors<bf16> {
  uint32_t v[4];
};
template <>
struct Factors<float> {
  uint32_t v[4], rest[4];
};

template <class T>
class Products;

template <>
class Products<bf16> {
 public:
  __device__ __forceinline__ explicit Products(int64_t) {}

  __device__ __forceinline__ Factors<bf16> factors(const uint32_t (&r)[4]) const { return {{r[0], r[1], r[2], r[3]}}; }

  // acc (16, 8) += a (16, 16) b (16, 8); b: registers `first` and the next.
  __device__ __forceinline__ void add(float (&acc)[4], const Factors<bf16>& a, const Factors<bf16>& b,
                                      int first) const {
    multiply_bf16(acc, a.v, b.v[first], b.v[first + 1]);
  }
};

template <>
class Products<float> {
 public:
  __device__ __forceinline__ explicit Products(int64_t tf32) : once_(tf32 != 0) {}

  __device__ __forceinline__ Factors<float> factors(const uint32_t (&r)[4]) const {
    Factors<float> f;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const float value = __uint_as_float(r[i]);
      f.v[i] = rounded_to_tf32(value);
      f.rest[i] = rounded_to_tf32(value - __uint_as_float(f.v[i]));
    }
    return f;
  }

  // acc (16, 8) += a (16, 8) b (8, 8), small products first. Added by itself: tensor cores cut off what does not fit
  // beside the sum so far, which over thousands of terms is more than rounding.
  __device__ __forceinline__ void add(float (&acc)[4], const Factors<float>& a, const Factors<float>& b,
                                      int first) const {
    float sum[4] = {};
    if (!once_) {
      multiply_tf32(sum, a.rest, b.v[first], b.v[first + 1]);
      multiply_tf32(sum, a.v, b.rest[first], b.rest[first + 1]);
    }
    multiply_tf32(sum, a.v, b.v[first], b.v[first + 1]);
#pragma unroll
    for (int i = 0; i < 4; i++) acc[i] += sum[i];
  }

 private:
  bool once_;
};

// From planes `plane` bytes apart, the first row of the first one being at `at`. Rows in memory are rows of a, or
// columns of b, two tiles of eight; transposed, they are what the product sums over.
__device__ __forceinline__ uint32_t lane_by_rows(int plane, int lane) { return lane / 16 * plane + lane % 16 * 16; }
__device__ __forceinline__ uint32_t lane_by_planes(int plane, int lane) {
  return lane / 8 % 2 * plane + (lane / 16 * 8 + lane % 8) * 16;
}

// Of float32: one of four values of a row that the product sums over; the next that a lane needs is four rows below.
__device__ __forceinline__ uint32_t lane_by_values(int plane, int lane) {
  return lane / 16 * plane + lane / 4 % 4 * 4 + lane % 4 * 16;
}
constexpr int kFourRows = 64;

__device__ __forceinline__ void load_a(uint32_t (&r)[4], uint32_t at, int plane, int lane) {
  load_matrices(r, at + lane_by_rows(plane, lane));
}

__device__ __forceinline__ void load_b(uint32_t (&r)[4], uint32_t at, int plane, int lane) {
  load_matrices(r, at + lane_by_planes(plane, lane));
}

template <class T>
__device__ __forceinline__ void load_a_transposed(uint32_t (&r)[4], uint32_t at, int plane, int lane) {
  if constexpr (sizeof(T) == 2) {
    load_transposed(r, at + lane_by_planes(plane, lane));
  } else {
    at += lane_by_values(plane, lane);
    r[0] = load_shared(at);
    r[1] = load_shared(at + 2 * plane);
    r[2] = load_shared(at + kFourRows);
    r[3] = load_shared(at + 2 * plane + kFourRows);
  }
}

template <class T>
__device__ __forceinline__ void load_b_transposed(uint32_t (&r)[4], uint32_t at, int plane, int lane) {
  if constexpr (sizeof(T) == 2) {
    load_transposed(r, at + lane_by_rows(plane, lane));
  } else {
    at += lane_by_values(plane, lane);
    r[0] = load_shared(at);
    r[1] = load_shared(at + kFourRows);
    r[2] = load_shared(at + 2 * plane);
    r[3] = load_shared(at + 2 * plane + kFourRows);
  }
}

}  // namespace dn
#endif
