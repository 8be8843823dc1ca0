// Batch normalisation before a convolution: statistics of new channels are finished, and scale and shift made of all.
#ifndef DENSENET4J_CUDA_NORM_CUH
#define DENSENET4J_CUDA_NORM_CUH

#include "densenet4j_types.h"
#include "exact_sum.cuh"
#include "planes.cuh"

namespace dn {

constexpr float kEpsilon = static_cast<float>(DN_BN_EPSILON);

struct Norm {
  float* mean;           // a value a channel; those from `first_new` on are written by one block
  float* variance;       // biased
  const ExactSum* sums;  // (channels, 2): sums and sums of squares that producers left; of new channels only
  const float* gamma;
  const float* beta;
  float* running_mean;  // null: no running statistics to update
  float* running_variance;
  int64_t first_new;
  int64_t channels;
  int64_t pixels;
  double momentum;
};

// What normalises a register of factors: of bfloat16 {scale, shift} of two channels, of float32 of one.
template <class T>
using RegisterAffine = std::conditional_t<sizeof(T) == 2, float4, float2>;

// relu(scale * x + shift) of a register. The product is float32's: a bfloat16 shift would lose what |mean| / deviation
// makes large.
__device__ __forceinline__ uint32_t normalize(uint32_t pair, float4 affine) {
  return pack_relu<bf16>(fmaf(low(pair), affine.x, affine.y), fmaf(high(pair), affine.z, affine.w));
}

__device__ __forceinline__ uint32_t normalize(uint32_t value, float2 affine) {
  return __float_as_uint(rectified(fmaf(__uint_as_float(value), affine.x, affine.y)));
}

// What rounding has taken from a pair.
__device__ __forceinline__ uint32_t normalized_rest(uint32_t pair, uint32_t rounded, float4 affine) {
  return pack<bf16>(rectified(fmaf(low(pair), affine.x, affine.y)) - low(rounded),
                    rectified(fmaf(high(pair), affine.z, affine.w)) - high(rounded));
}

// Of 16 bytes; `affine`: {scale, shift} of one channel after the other.
template <class T>
__device__ __forceinline__ uint4 normalize(uint4 v, const RegisterAffine<T> (&affine)[4]) {
  return make_uint4(normalize(v.x, affine[0]), normalize(v.y, affine[1]), normalize(v.z, affine[2]),
                    normalize(v.w, affine[3]));
}

// 1 / sqrt(variance + epsilon)
template <class T>
__device__ __forceinline__ Wide<T> inverse_deviation(float variance) {
  if constexpr (sizeof(T) == 2) {
    return rsqrtf(variance + kEpsilon);
  } else {
    return 1.0 / sqrt(static_cast<double>(variance) + DN_BN_EPSILON);
  }
}

template <class T>
__device__ __forceinline__ float2 scale_shift(float mean, float variance, float gamma, float beta) {
  const Wide<T> scale = gamma * inverse_deviation<T>(variance);
  const Wide<T> shift = multiply_add(static_cast<Wide<T>>(-mean), scale, static_cast<Wide<T>>(beta));
  return make_float2(static_cast<float>(scale), static_cast<float>(shift));
}

// Of one channel; `writes`: whether this block is the one that stores what it finds.
struct Moments {
  float mean, variance;

  __device__ __forceinline__ void finish(const ExactSum& sum, const ExactSum& squares, double inverse) {
    const double mu = read_exact(sum) * inverse, square = read_exact(squares) * inverse - mu * mu;
    mean = static_cast<float>(mu);
    variance = square < 0 ? 0.0f : static_cast<float>(square);
  }

  __device__ __forceinline__ void store(const Norm& n, int channel) const {
    n.mean[channel] = mean;
    n.variance[channel] = variance;
  }

  // The variance without its bias.
  __device__ __forceinline__ void average(const Norm& n, int channel) const {
    const double unbiased = static_cast<double>(n.pixels) / static_cast<double>(n.pixels - 1);
    const double kept = 1 - n.momentum;
    n.running_mean[channel] = static_cast<float>(kept * n.running_mean[channel] + n.momentum * mean);
    n.running_variance[channel] =
        static_cast<float>(kept * n.running_variance[channel] + n.momentum * (variance * unbiased));
  }
};

__device__ __forceinline__ bool stores_statistics() { return blockIdx.x == 0 && blockIdx.y == 0; }

// Any channel, without haste.
__device__ __forceinline__ Moments moments(const Norm& n, int channel) {
  Moments m;
  if (channel < n.first_new) {
    m.mean = n.mean[channel];
    m.variance = n.variance[channel];
  } else {
    m.finish(n.sums[channel * 2], n.sums[channel * 2 + 1], 1.0 / static_cast<double>(n.pixels));
    if (stores_statistics()) m.store(n, channel);
  }
  if (n.running_mean != nullptr && stores_statistics()) m.average(n, channel);
  return m;
}

// {scale, shift} of all channels, 0 for those that pad. Every block finishes the statistics of new channels for itself.
// gamma and beta of the first kEach channels of a thread are read before the wait; after it mean, variance and the sums
// of a thread's first new channel come in one round trip. Further new channels of a thread exist where nearly all are
// new, in the first layer of a block: they cost another one, and so do channels beyond kEach * kThreads.
template <class T, int kEach, int kThreads>
struct Affine {
  float gamma[kEach], beta[kEach];
  double inverse;

  __device__ __forceinline__ explicit Affine(const Norm& n) {
#pragma unroll
    for (int j = 0; j < kEach; j++) {
      const int c = min(static_cast<int>(threadIdx.x) + j * kThreads, static_cast<int>(n.channels) - 1);
      gamma[j] = n.gamma[c];
      beta[j] = n.beta[c];
    }
    inverse = 1.0 / static_cast<double>(n.pixels);
  }

  __device__ __forceinline__ void store(float2* to, const Norm& n, int padded) const {
    const int tid = threadIdx.x, first_new = static_cast<int>(n.first_new), channels = static_cast<int>(n.channels);
    const unsigned behind = tid + kThreads - first_new % kThreads;
    const int newest = first_new + static_cast<int>(behind % kThreads);
    const bool writes = stores_statistics();
    Moments known[kEach], fresh = {0, 0};
    ExactSum sum, squares;
    const bool is_new = newest < channels;
    if (is_new) {
      sum = n.sums[newest * 2];
      squares = n.sums[newest * 2 + 1];
    }
#pragma unroll
    for (int j = 0; j < kEach; j++) {
      const int c = tid + j * kThreads;
      known[j] = {0, 0};
      if (c < first_new) known[j] = {n.mean[c], n.variance[c]};
    }
    if (is_new) {
      fresh.finish(sum, squares, inverse);
      if (writes) fresh.store(n, newest);
    }
#pragma unroll
    for (int j = 0; j < kEach; j++) {
      const int c = tid + j * kThreads;
      if (c >= padded) break;
      if (c >= channels) {
        to[c] = make_float2(0, 0);
        continue;
      }
      if (c == newest) {
        known[j] = fresh;
      } else if (j > 0 && c > newest) {
        known[j].finish(n.sums[c * 2], n.sums[c * 2 + 1], inverse);
        if (writes) known[j].store(n, c);
      }
      if (writes && n.running_mean != nullptr) known[j].average(n, c);
      to[c] = scale_shift<T>(known[j].mean, known[j].variance, gamma[j], beta[j]);
    }
#pragma unroll 1
    for (int c = tid + kEach * kThreads; c < padded; c += kThreads) {
      float2 v = make_float2(0, 0);
      if (c < channels) {
        const Moments m = moments(n, c);
        v = scale_shift<T>(m.mean, m.variance, n.gamma[c], n.beta[c]);
      }
      to[c] = v;
    }
  }
};

}  // namespace dn
#endif
