// A dropout mask as a pass over a tensor: forward and backward do the same.
// One Philox call, some 40 instructions, serves four values whatever their pixels are; they move in one, two or four
// accesses.
#ifndef DENSENET4J_CUDA_DROPOUT_CUH
#define DENSENET4J_CUDA_DROPOUT_CUH

#include "densenet4j_types.h"
#include "grid.cuh"
#include "philox.cuh"
#include "vector.cuh"

namespace dn {

// What the mask's bits and values are made of. Element = pixel * channels + channel; four elements share one counter;
// the element is kept when its word is at least rate * 2^32.
struct Mask {
  uint64_t seed, high;
  uint32_t threshold;
  float kept;

  __device__ float factor(uint32_t word) const { return word >= threshold ? kept : 0.0f; }

  __device__ float4 factors(uint64_t quad) const {
    const uint4 random = philox(seed, high, quad);
    return make_float4(factor(random.x), factor(random.y), factor(random.z), factor(random.w));
  }
};

__device__ inline Mask made_mask(const dn_control* control, int64_t layer, double rate) {
  Mask mask;
  mask.seed = static_cast<uint64_t>(control->seed);
  mask.high = static_cast<uint64_t>(control->step) << 16 | static_cast<uint64_t>(layer);
  mask.threshold = static_cast<uint32_t>(rate * 4294967296.0);
  mask.kept = static_cast<float>(1.0 / (1.0 - rate));
  return mask;
}

// The same for all threads of a block, and made by one: a consumer's GPU has few units for doubles.
__device__ inline Mask block_mask(const dn_control* control, int64_t layer, double rate) {
  __shared__ Mask mask;
  if (threadIdx.x == 0) mask = made_mask(control, layer, rate);
  __syncthreads();
  return mask;
}

template <int kWidth>
__device__ inline Vector<kWidth> times(const Vector<kWidth>& x, const float* factors) {
  Vector<kWidth> product;
#pragma unroll
  for (int i = 0; i < kWidth; i++) product.value[i] = x.value[i] * factors[i];
  return product;
}

// to = mask * from; the two may be the same.
__device__ inline void drop(float* to, int64_t to_pitch, const float* from, int64_t from_pitch,
                            const dn_control* control, int64_t layer, double rate, int64_t pixels, int64_t channels) {
  const Mask mask = block_mask(control, layer, rate);
  with_widest(
      [&](auto width) {
        constexpr int kWidth = decltype(width)::value;
        uint64_t quad = thread_index();
#pragma unroll 1
        for (Walk at(channels, 4); at.row() < pixels; at.next(), quad += thread_count()) {
          const float4 factors = mask.factors(quad);
          const float factor[4] = {factors.x, factors.y, factors.z, factors.w};
          int64_t pixel = at.row();
          uint32_t channel = at.column();
#pragma unroll
          for (int i = 0; i < 4 && pixel < pixels; i += kWidth) {
            const Vector<kWidth> x = load<kWidth>(from + pixel * from_pitch + channel);
            store(to + pixel * to_pitch + channel, times(x, factor + i));
            channel += kWidth;
            if (channel == channels) {
              channel = 0;
              pixel++;
            }
          }
        }
      },
      to, to_pitch, from, from_pitch, channels);
}

}  // namespace dn
#endif
