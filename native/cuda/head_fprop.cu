// pooled = mean over an image's pixels of relu(bn(x)); logits = pooled w^T + bias.
//
// A block has 128 classes (blockIdx.y) and an image at a time; of more classes, eight images, or all weights would come
// from the cache for each. Each chunk of classes pools again. Moves 2 bytes a value of x, or 4, and the weights
// once for the images of a block, from the cache.
#include "gradient.cuh"
#include "norm.cuh"
#include "tiles.cuh"

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
  int64_t together;  // images of a block, 1 or 8
  Norm norm;
};

class Logits {
 public:
  static constexpr int kThreads = 256, kWarps = kThreads / 32, kImages = 8, kChunk = 128, kClasses = 4;

  // Of a class and one image, by a warp: pooled (channels) times w.
  static __device__ __forceinline__ float of_one(const float* pooled, const float* w, int channels, int lane) {
    float sum = 0;
    for (int c = lane; c < channels; c += 32) sum = fmaf(pooled[c], w[c], sum);
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_xor_sync(~0u, sum, distance);
    return sum;
  }

  // Of four classes, of which `classes` are there, and eight images, by a warp: pooled (images, pitch) times w. A lane
  // returns that of class lane / 8 and image lane % 8.
  static __device__ __forceinline__ float of_eight(const float* pooled, int pitch, const float* w, int channels,
                                                   int classes, int lane) {
    float sums[kClasses * kImages] = {};
    const float* of_class[kClasses];
#pragma unroll
    for (int k = 0; k < kClasses; k++) of_class[k] = w + static_cast<int64_t>(min(k, classes - 1)) * channels;
    for (int c = lane; c < channels; c += 32) {
      float weights[kClasses];
#pragma unroll
      for (int k = 0; k < kClasses; k++) weights[k] = of_class[k][c];
#pragma unroll
      for (int i = 0; i < kImages; i++) {
        const float value = pooled[i * pitch + c];
#pragma unroll
        for (int k = 0; k < kClasses; k++) sums[k * kImages + i] = fmaf(value, weights[k], sums[k * kImages + i]);
      }
    }
    halve<16>(sums, lane);
    return sums[0];
  }

 private:
  // Of 2 kHalf sums a lane's, in its place in the warp: lanes exchange halves of what they have.
  template <int kHalf>
  static __device__ __forceinline__ void halve(float (&sums)[kClasses * kImages], int lane) {
    const bool upper = lane & kHalf;
#pragma unroll
    for (int j = 0; j < kHalf; j++) {
      const float sent = upper ? sums[j] : sums[j + kHalf], kept = upper ? sums[j + kHalf] : sums[j];
      sums[j] = kept + __shfl_xor_sync(~0u, sent, kHalf);
    }
    if constexpr (kHalf > 1) halve<kHalf / 2>(sums, lane);
  }
};

// Of so many images from the first one on, by all threads: to shared memory (images, pitch), and to p.pooled if asked.
template <class T>
__device__ __forceinline__ void pool(const HeadFprop<T>& p, float* pooled, int pitch, const float4* affine,
                                     int64_t first, int images, bool stores) {
  const int channels = p.norm.channels, planes = pitch / kVector<T>, pixels = p.pixels;
  const float share = 1.0f / static_cast<float>(pixels);
  for (int task = threadIdx.x; task < planes * images; task += Logits::kThreads) {
    const int image = task / planes, channel = (task - image * planes) * kVector<T>,
              bytes = valid_bytes<T>(channels, channel);
    const T* from = p.x + (first + image) * pixels * p.x_pitch + channel;
    float sums[kVector<T>] = {}, values[kVector<T>];
    float4 of_pair[kVector<T> / 2];  // {scale, shift} of two channels
#pragma unroll
    for (int j = 0; j < kVector<T> / 2; j++) of_pair[j] = affine[channel / 2 + j];
#pragma unroll 4
    for (int i = 0; i < pixels; i++) {
      widen(values, load_valid(from + i * p.x_pitch, bytes));
#pragma unroll
      for (int j = 0; j < kVector<T>; j += 2) {
        const float4 a = of_pair[j / 2];
        sums[j] += rectified(fmaf(values[j], a.x, a.y));
        sums[j + 1] += rectified(fmaf(values[j + 1], a.z, a.w));
      }
    }
#pragma unroll
    for (int j = 0; j < kVector<T>; j++) {
      pooled[image * pitch + channel + j] = sums[j] * share;
      if (stores && channel + j < channels) p.pooled[(first + image) * channels + channel + j] = sums[j] * share;
    }
  }
}

template <class T>
__device__ __forceinline__ void head_fprop(const Tiled<HeadFprop<T>>& p) {
  constexpr int kThreads = Logits::kThreads, kWarps = Logits::kWarps, kClasses = Logits::kClasses,
                kImages = Logits::kImages;
  extern __shared__ __align__(128) char memory[];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, channels = p.norm.channels, together = p.together,
            padded = round_up(channels, kVector<T>), classes = p.classes;
  const int first_class = blockIdx.y * Logits::kChunk, end = min(first_class + Logits::kChunk, classes);
  const auto* affine = reinterpret_cast<const float4*>(memory);
  auto* pooled = reinterpret_cast<float*>(memory + padded * 8);
  Affine<T, 2, kThreads> affine_of_channels(p.norm);
  wait_for_predecessor();
  affine_of_channels.store(reinterpret_cast<float2*>(memory), p.norm, padded);
  let_successor_start();
  const Tiles tiles((static_cast<int>(p.images) + together - 1) / together, p.reversed);
  for (int tile = tiles.first; tiles.has(tile); tile += tiles.step) {
    const int64_t first = static_cast<int64_t>(tile) * together;
    const int images = min(static_cast<int64_t>(together), p.images - first);
    __syncthreads();
    pool(p, pooled, padded, affine, first, images, blockIdx.y == 0);
    __syncthreads();
    float* const logits = p.logits + first * classes;
    if (together == 1) {
      for (int k = first_class + warp; k < end; k += kWarps) {
        const float sum = Logits::of_one(pooled, p.w + static_cast<int64_t>(k) * channels, channels, lane);
        if (lane == 0) logits[k] = sum + p.bias[k];
      }
      continue;
    }
    for (int k = first_class + warp * kClasses; k < end; k += kWarps * kClasses) {
      const float sum =
          Logits::of_eight(pooled, padded, p.w + static_cast<int64_t>(k) * channels, channels, end - k, lane);
      const int mine = k + lane / kImages, image = lane % kImages;
      if (mine < end && image < images) logits[image * classes + mine] = sum + p.bias[mine];
    }
  }
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(256, 2)
    dn_head_fprop(const __grid_constant__ dn::Tiled<dn::HeadFprop<dn::bf16>> p) {
  dn::head_fprop(p);
}

extern "C" __global__ void __launch_bounds__(256, 2)
    dn_head_fprop_fp32(const __grid_constant__ dn::Tiled<dn::HeadFprop<float>> p) {
  dn::head_fprop(p);
}
