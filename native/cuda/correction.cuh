// The one correction of a gradient whose consumers are batch normalisations, and what consumers hand to it.
//
//   dx = (sum - offset - xhat * slope) / deviation = a * sum + b * x + d
//
// Consumers leave exact sums of dy and of dy (x - mean). Whoever comes next turns them into dbeta and dgamma, and into
// a share of offset and slope: the next consumer of the same tensor for all channels that it reads too (HandOver), and
// who corrects the gradient for the others (Correction). So each sum is finished once, and only where training ends,
// with a tensor that nobody corrects, a kernel does nothing else: consumer_gradients.cu.
#ifndef DENSENET4J_CUDA_CORRECTION_CUH
#define DENSENET4J_CUDA_CORRECTION_CUH

#include "norm.cuh"

namespace dn {

// A consumer that has run: what it left, and where the gradients of its parameters go.
struct Consumer {
  const ExactSum* sums;  // (channels, 2); null: there is none
  const float* gamma;
  float* dgamma;
  float* dbeta;
};

template <class T>
struct Shares {
  Wide<T> dbeta, dgamma, offset, slope;

  __device__ __forceinline__ Shares(const Consumer& from, int channel, Wide<T> inverse, float pixels) {
    dbeta = dgamma = offset = slope = 0;
    if (from.sums == nullptr) return;
    dbeta = static_cast<Wide<T>>(read_exact(from.sums[channel * 2]));
    dgamma = static_cast<Wide<T>>(read_exact(from.sums[channel * 2 + 1])) * inverse;
    const Wide<T> share = static_cast<Wide<T>>(from.gamma[channel]) / pixels;
    offset = share * dbeta;
    slope = share * dgamma;
  }

  __device__ __forceinline__ void store(const Consumer& to, int channel) const {
    if (to.sums == nullptr) return;
    to.dgamma[channel] = static_cast<float>(dgamma);
    to.dbeta[channel] = static_cast<float>(dbeta);
  }
};

struct Correction {
  const float* mean;  // null: what is called the sum is the corrected gradient
  const float* variance;
  const float* offset;  // of all consumers but the last one to run; null: there are none
  const float* slope;
  Consumer last;
  int64_t pixels;
};

// Of a channel; of bfloat16 {a, b, d, 0}, dx = a * sum + b * x + d, of float32 {a, b, offset, mean}, dx = a * (sum -
// offset) + b * (x - mean): of few pixels the differences cancel most of what bfloat16 has rounded. A single value is
// its own mean: its gradient is 0, and not what rounding leaves.
template <class T>
__device__ __forceinline__ float4 correction(const Correction& c, int channel, bool stores) {
  if (c.mean == nullptr) return make_float4(1, 0, 0, 0);
  const Wide<T> inverse = inverse_deviation<T>(c.variance[channel]);
  const Shares<T> last(c.last, channel, inverse, static_cast<float>(c.pixels));
  if (stores) last.store(c.last, channel);
  if (c.pixels == 1) return make_float4(0, 0, 0, 0);
  const Wide<T> offset = last.offset + (c.offset != nullptr ? c.offset[channel] : 0);
  const Wide<T> slope = last.slope + (c.slope != nullptr ? c.slope[channel] : 0);
  const Wide<T> of_x = -slope * inverse * inverse;
  const float a = static_cast<float>(inverse), b = static_cast<float>(of_x), mean = c.mean[channel];
  if (sizeof(T) == 4) return make_float4(a, b, static_cast<float>(offset), mean);
  return make_float4(a, b, static_cast<float>(multiply_add(-inverse, offset, -of_x * mean)), 0);
}

template <class T>
__device__ __forceinline__ float corrected(float sum, float x, float4 of) {
  return sizeof(T) == 4 ? fmaf(of.x, sum - of.z, of.y * (x - of.w)) : fmaf(of.x, sum, fmaf(of.y, x, of.z));
}

// Of channels that follow each other, 16 bytes; `of`: one after the other.
template <class T>
__device__ __forceinline__ uint4 corrected(uint4 sum, uint4 x, const float4* of) {
  float sums[kVector<T>], values[kVector<T>];
  widen(sums, sum);
  widen(values, x);
#pragma unroll
  for (int j = 0; j < kVector<T>; j++) sums[j] = corrected<T>(sums[j], values[j], of[j]);
  return packed(sums);
}

// From the consumer before to the offset and slope of a tensor.
struct HandOver {
  Consumer before;
  float* offset;
  float* slope;
  int64_t accumulate;  // whether there are offset and slope already
};

// Of the first `channels` from `first` on, by the threads of one block.
template <class T>
__device__ __forceinline__ void hand_over(const HandOver& h, const float* variance, int first, int channels,
                                          float pixels, int threads) {
  if (h.before.sums == nullptr) return;
  for (int c = first + static_cast<int>(threadIdx.x); c < first + channels; c += threads) {
    const Shares<T> shares(h.before, c, inverse_deviation<T>(variance[c]), pixels);
    shares.store(h.before, c);
    h.offset[c] = static_cast<float>(shares.offset + (h.accumulate ? h.offset[c] : 0));
    h.slope[c] = static_cast<float>(shares.slope + (h.accumulate ? h.slope[c] : 0));
  }
}

// What a consumer reads of its input and of its own parameters: {scale, shift, mean, gamma}.
struct Reader {
  const float* mean;
  const float* variance;
  const float* gamma;
  const float* beta;
};

template <class T>
__device__ __forceinline__ float4 reading(const Reader& r, int channel) {
  const float gamma = r.gamma[channel], mean = r.mean[channel];
  const float2 affine = scale_shift<T>(mean, r.variance[channel], gamma, r.beta[channel]);
  return make_float4(affine.x, affine.y, mean, gamma);
}

}  // namespace dn
#endif
