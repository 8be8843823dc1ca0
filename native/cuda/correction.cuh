// The one correction of a gradient whose consumers are batch normalisations, and what consumers hand to it.
//
//   dx = (sum - offset - xhat * slope) / deviation = a * sum + b * x + d
//
// Consumers leave exact sums of dy and of dy (x - mean). Whoever comes next turns them into dbeta and dgamma, and into
// a share of offset and slope: the next consumer of the same tensor for all channels that it reads too (HandOver), and
// who corrects the gradient for the others (Correction). So each sum is finished once, and no kernel exists for it.
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

struct Shares {
  float dbeta, dgamma, offset, slope;

  __device__ __forceinline__ Shares(const Consumer& from, int channel, float inverse, float pixels) {
    dbeta = dgamma = offset = slope = 0;
    if (from.sums == nullptr) return;
    dbeta = static_cast<float>(read_exact(from.sums[channel * 2]));
    dgamma = static_cast<float>(read_exact(from.sums[channel * 2 + 1])) * inverse;
    const float share = from.gamma[channel] / pixels;
    offset = share * dbeta;
    slope = share * dgamma;
  }

  __device__ __forceinline__ void store(const Consumer& to, int channel) const {
    if (to.sums == nullptr) return;
    to.dgamma[channel] = dgamma;
    to.dbeta[channel] = dbeta;
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

// {a, b, d, 0} of a channel. A single value is its own mean: its gradient is 0, and not what rounding leaves of it.
__device__ __forceinline__ float4 correction(const Correction& c, int channel, bool stores) {
  if (c.mean == nullptr) return make_float4(1, 0, 0, 0);
  const float inverse = rsqrtf(c.variance[channel] + kEpsilon);
  const Shares last(c.last, channel, inverse, static_cast<float>(c.pixels));
  if (stores) last.store(c.last, channel);
  if (c.pixels == 1) return make_float4(0, 0, 0, 0);
  const float offset = last.offset + (c.offset != nullptr ? c.offset[channel] : 0);
  const float slope = last.slope + (c.slope != nullptr ? c.slope[channel] : 0);
  const float of_x = -slope * inverse * inverse;
  return make_float4(inverse, of_x, fmaf(-inverse, offset, -of_x * c.mean[channel]), 0);
}

// a * sum + b * x + d of a pair of channels
__device__ __forceinline__ uint32_t corrected(uint32_t sum, uint32_t x, float4 l, float4 h) {
  return pack(fmaf(l.x, low(sum), fmaf(l.y, low(x), l.z)), fmaf(h.x, high(sum), fmaf(h.y, high(x), h.z)));
}

// From the consumer before to the offset and slope of a tensor.
struct HandOver {
  Consumer before;
  float* offset;
  float* slope;
  int64_t accumulate;  // whether there are offset and slope already
};

// Of the first `channels` from `first` on, by the threads of one block.
__device__ __forceinline__ void hand_over(const HandOver& h, const float* variance, int first, int channels,
                                          float pixels, int threads) {
  if (h.before.sums == nullptr) return;
  for (int c = first + static_cast<int>(threadIdx.x); c < first + channels; c += threads) {
    const Shares shares(h.before, c, rsqrtf(variance[c] + kEpsilon), pixels);
    shares.store(h.before, c);
    h.offset[c] = shares.offset + (h.accumulate ? h.offset[c] : 0);
    h.slope[c] = shares.slope + (h.accumulate ? h.slope[c] : 0);
  }
}

// What a consumer reads of its input and of its own parameters: {scale, shift, mean, gamma}.
struct Reader {
  const float* mean;
  const float* variance;
  const float* gamma;
  const float* beta;
};

__device__ __forceinline__ float4 reading(const Reader& r, int channel) {
  const float gamma = r.gamma[channel], mean = r.mean[channel];
  const float2 affine = scale_shift(mean, r.variance[channel], gamma, r.beta[channel]);
  return make_float4(affine.x, affine.y, mean, gamma);
}

}  // namespace dn
#endif
