// pooled = mean over an image's pixels of relu(bn(x)); logits = pooled w^T + bias. An image a block.
// Moves 2 bytes a value of x, or 4, and the weights once an image, from the cache.
#include "norm.cuh"

namespace dn {

template <class T>
struct HeadFprop {
  float* logits;   // (images, classes)
  float* pooled;   // (images, channels)
  const T* x;      // (pixels, x_pitch)
  const float* w;  // (classes, channels)
  const float* bias;
  int64_t x_pitch;
  int64_t pixels;  // of an image
  int64_t images;
  int64_t classes;
  Norm norm;
};

template <class T>
__device__ __forceinline__ void head_fprop(const HeadFprop<T>& p) {
  constexpr int kThreads = 256;
  extern __shared__ __align__(128) char memory[];
  const int tid = threadIdx.x, lane = tid % 32, channels = p.norm.channels, padded = round_up(channels, kVector<T>);
  const auto* affine = reinterpret_cast<const float4*>(memory);
  auto* pooled = reinterpret_cast<float*>(memory + padded * 8);
  Affine<T, 2, kThreads> affine_of_channels(p.norm);
  wait_for_predecessor();
  affine_of_channels.store(reinterpret_cast<float2*>(memory), p.norm, padded);
  let_successor_start();
  const int pixels = p.pixels;
  const float share = 1.0f / static_cast<float>(pixels);
  for (int64_t image = blockIdx.x; image < p.images; image += gridDim.x) {
    __syncthreads();
    for (int pair = tid; pair * 2 < channels; pair += kThreads) {
      const T* from = p.x + image * pixels * p.x_pitch + pair * 2;
      const float4 a = affine[pair];
      float2 sum = make_float2(0, 0);
#pragma unroll 4
      for (int i = 0; i < pixels; i++) {
        const auto x = *reinterpret_cast<const Pair<T>*>(from + i * p.x_pitch);
        sum.x += rectified(fmaf(low(x), a.x, a.y));
        sum.y += rectified(fmaf(high(x), a.z, a.w));
      }
      float* to = p.pooled + image * channels + pair * 2;
      to[0] = pooled[pair * 2] = sum.x * share;
      if (pair * 2 + 1 < channels) to[1] = pooled[pair * 2 + 1] = sum.y * share;
    }
    __syncthreads();
    for (int k = tid / 32; k < static_cast<int>(p.classes); k += kThreads / 32) {
      const float* w = p.w + static_cast<int64_t>(k) * channels;
      float sum = 0;
      for (int c = lane; c < channels; c += 32) sum = fmaf(pooled[c], w[c], sum);
#pragma unroll
      for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_xor_sync(~0u, sum, distance);
      if (lane == 0) p.logits[image * p.classes + k] = sum + p.bias[k];
    }
  }
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(256, 2)
    dn_head_fprop(const __grid_constant__ dn::HeadFprop<dn::bf16> p) {
  dn::head_fprop(p);
}

extern "C" __global__ void __launch_bounds__(256, 2)
    dn_head_fprop_fp32(const __grid_constant__ dn::HeadFprop<float> p) {
  dn::head_fprop(p);
}
