// S = gamma dx', dx' = (dlogits w) / pixels where scale * x + shift > 0: the first consumer's, so that S is written and
// not added to. A thread has two channels of x (blockIdx.y) and all pixels of an image. Moves 2 bytes a value of x and
// of S, or 4.
#include "correction.cuh"

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

template <class T>
__device__ __forceinline__ void head_dgrad(const HeadDgrad<T>& p) {
  const int pair = blockIdx.y * blockDim.x + threadIdx.x, c = pair * 2, channels = p.channels, pixels = p.pixels;
  wait_for_predecessor();
  let_successor_start();
  if (c >= channels) return;
  const bool both = c + 1 < channels;
  const float4 l = reading<T>(p.reader, c), h = both ? reading<T>(p.reader, c + 1) : make_float4(0, 0, 0, 0);
  const float share = 1.0f / static_cast<float>(pixels);
  float sums[4] = {};
  for (int64_t image = blockIdx.x; image < p.images; image += gridDim.x) {
    float of_low = 0, of_high = 0;
    for (int k = 0; k < static_cast<int>(p.classes); k++) {
      const float d = p.dlogits[image * p.classes + k];
      const float* w = p.w + static_cast<int64_t>(k) * channels + c;
      of_low = fmaf(d, w[0], of_low);
      if (both) of_high = fmaf(d, w[1], of_high);
    }
    of_low *= share;
    of_high *= share;
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
#pragma unroll
  for (int i = 0; i < 4; i++) {
    if (i < 2 || both) add_exact(p.x_sums + c * 2 + i, sums[i]);
  }
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(64, 16)
    dn_head_dgrad(const __grid_constant__ dn::HeadDgrad<dn::bf16> p) {
  dn::head_dgrad(p);
}

extern "C" __global__ void __launch_bounds__(64, 16)
    dn_head_dgrad_fp32(const __grid_constant__ dn::HeadDgrad<float> p) {
  dn::head_dgrad(p);
}
