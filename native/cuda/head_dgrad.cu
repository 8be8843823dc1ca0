// S = gamma dx', dx' = (dlogits w) / pixels where scale * x + shift > 0: the first consumer's, so that S is written and
// not added to. A block has 64 channels of x (blockIdx.y) and eight images at a time, of which each warp has one's
// pixels. Moves 2 bytes a value of x and of S, or 4, and the weights once for eight images, from the cache.
#include "correction.cuh"
#include "tiles.cuh"

namespace dn {

template <class T>
struct HeadDgrad {
  T* s;              // (pixels, s_pitch)
  ExactSum* x_sums;  // (channels, 2): of dx' and dx' (x - mean)
  const T* x;
  const float* w;        // (classes, channels)
  const float* dlogits;  // (images, classes)
  int64_t s_pitch;
  int64_t x_pitch;
  int64_t channels;
  int64_t pixels;  // of an image
  int64_t images;
  int64_t classes;
  Reader reader;
};

// dlogits w of eight images and 64 channels. A thread takes every sixteenth class, and four channels.
class HeadGradients {
 public:
  static constexpr int kThreads = 256, kImages = 8, kChannels = 64, kSlices = 16, kEach = kChannels / kSlices;
  static constexpr int kClasses = 256;  // of dlogits in shared memory at a time

  // Leaves sums in `sums[0]`. Barriers.
  template <class T>
  __device__ __forceinline__ void make(const HeadDgrad<T>& p, int64_t first_image, int first_channel) {
    const int slice = threadIdx.x / kSlices, column = threadIdx.x % kSlices, classes = p.classes,
              channels = p.channels, images = min(static_cast<int64_t>(kImages), p.images - first_image);
    float sum[kImages][kEach] = {};
    for (int first = 0; first < classes; first += kClasses) {
      __syncthreads();  // what was here is not read any more
      for (int i = threadIdx.x; i < kClasses * kImages; i += kThreads) {
        const int image = i / kClasses, k = i % kClasses;
        dlogits[k][image] =
            image < images && first + k < classes ? p.dlogits[(first_image + image) * classes + first + k] : 0;
      }
      __syncthreads();
#pragma unroll 2
      for (int k = slice; k < min(kClasses, classes - first); k += kSlices) {
        const float* const w = p.w + static_cast<int64_t>(first + k) * channels + first_channel;
        const float4 l = *reinterpret_cast<const float4*>(&dlogits[k][0]),
                     h = *reinterpret_cast<const float4*>(&dlogits[k][4]);
#pragma unroll
        for (int j = 0; j < kEach; j++) {
          const int c = column + j * kSlices;
          const float weight = first_channel + c < channels ? w[c] : 0;
#pragma unroll
          for (int i = 0; i < kImages; i++) {
            sum[i][j] = fmaf(i < 4 ? member(l, i) : member(h, i - 4), weight, sum[i][j]);
          }
        }
      }
    }
#pragma unroll
    for (int i = 0; i < kImages; i++) {
#pragma unroll
      for (int j = 0; j < kEach; j++) sums[slice][i][column + j * kSlices] = sum[i][j];
    }
    __syncthreads();
    for (int i = threadIdx.x; i < kImages * kChannels; i += kThreads) {
      float all = 0;
      for (int s = 0; s < kSlices; s++) all += sums[s][i / kChannels][i % kChannels];
      sums[0][i / kChannels][i % kChannels] = all;
    }
    __syncthreads();
  }

  __align__(16) float dlogits[kClasses][kImages];
  __align__(16) float sums[kSlices][kImages][kChannels];
};

template <class T>
__device__ __forceinline__ void head_dgrad(const Tiled<HeadDgrad<T>>& p) {
  constexpr int kImages = HeadGradients::kImages, kChannels = HeadGradients::kChannels;
  __shared__ HeadGradients gradients;
  const int pair = threadIdx.x % 32 * 2, warp = threadIdx.x / 32, first_channel = blockIdx.y * kChannels,
            c = first_channel + pair, channels = p.channels, pixels = p.pixels;
  wait_for_predecessor();
  let_successor_start();
  const bool one = c < channels, both = c + 1 < channels;
  const float4 none = make_float4(0, 0, 0, 0);
  const float4 l = one ? reading<T>(p.reader, c) : none, h = both ? reading<T>(p.reader, c + 1) : none;
  const float share = 1.0f / static_cast<float>(pixels);
  float sums[4] = {};
  const Tiles tiles((static_cast<int>(p.images) + kImages - 1) / kImages, p.reversed);
  for (int tile = tiles.first; tiles.has(tile); tile += tiles.step) {
    const int64_t first = static_cast<int64_t>(tile) * kImages;
    gradients.make(p, first, first_channel);
    const int64_t image = first + warp;
    if (!one || image >= p.images) continue;
    const float of_low = gradients.sums[0][warp][pair] * share, of_high = gradients.sums[0][warp][pair + 1] * share;
    const T* from = p.x + image * pixels * p.x_pitch + c;
    T* to = p.s + image * pixels * p.s_pitch + c;
#pragma unroll 4
    for (int i = 0; i < pixels; i++, from += p.x_pitch, to += p.s_pitch) {
      const auto x = *reinterpret_cast<const Pair<T>*>(from);
      const float dx0 = fmaf(low(x), l.x, l.y) > 0 ? of_low : 0, dx1 = fmaf(high(x), h.x, h.y) > 0 ? of_high : 0;
      sums[0] += dx0;
      sums[1] = fmaf(dx0, low(x) - l.z, sums[1]);
      sums[2] += dx1;
      if (both) sums[3] = fmaf(dx1, high(x) - h.z, sums[3]);
      if (both) {
        *reinterpret_cast<Pair<T>*>(to) = pack<T>(l.w * dx0, h.w * dx1);
      } else {
        *to = narrowed<T>(l.w * dx0);
      }
    }
  }
  __syncthreads();
#pragma unroll
  for (int i = 0; i < 4; i++) gradients.sums[i % 2][warp][pair + i / 2] = sums[i];
  __syncthreads();
  for (int i = threadIdx.x; i < 2 * kChannels; i += HeadGradients::kThreads) {
    const int which = i / kChannels, channel = i % kChannels;
    if (first_channel + channel >= channels) continue;
    float all = 0;
    for (int image = 0; image < kImages; image++) all += gradients.sums[which][image][channel];
    add_exact(p.x_sums + (first_channel + channel) * 2 + which, all);
  }
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(256, 2)
    dn_head_dgrad(const __grid_constant__ dn::Tiled<dn::HeadDgrad<dn::bf16>> p) {
  dn::head_dgrad(p);
}

extern "C" __global__ void __launch_bounds__(256, 2)
    dn_head_dgrad_fp32(const __grid_constant__ dn::Tiled<dn::HeadDgrad<float>> p) {
  dn::head_dgrad(p);
}
