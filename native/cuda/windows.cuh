// Windows of 2x2 pixels, floor of odd sizes, or of a single pixel: where they lie, and their mean after BN+ReLU.
#ifndef DENSENET4J_CUDA_WINDOWS_CUH
#define DENSENET4J_CUDA_WINDOWS_CUH

#include "gradient.cuh"

namespace dn {

// Of square windows of kWindow pixels that do not overlap.
template <int kWindow>
struct Windows {
  int height, width, rows, columns;  // of the image, and of windows in it

  __device__ __forceinline__ Windows(int64_t height, int64_t width)
      : height(static_cast<int>(height)),
        width(static_cast<int>(width)),
        rows(this->height / kWindow),
        columns(this->width / kWindow) {}

  // The first pixel of a window.
  __device__ __forceinline__ int64_t first(int window) const {
    if (kWindow == 1) return window;
    const int line = window / columns, column = window - line * columns, image = line / rows;
    return (static_cast<int64_t>(image) * height + (line - image * rows) * kWindow) * width + column * kWindow;
  }

  // Pixels from the first one to pixel i of a window.
  __device__ __forceinline__ int offset(int i) const { return i / kWindow * width + i % kWindow; }
};

// The mean over a window of relu(scale * x + shift) of channels that follow each other, in float32; `affine`: {scale,
// shift} of one channel after the other, 0 where no channel is.
template <int kCount, int kChannels>
__device__ __forceinline__ void mean_rectified(float (&mean)[kChannels], const uint4 (&x)[kCount],
                                               const float4* affine) {
  float values[kChannels];
#pragma unroll
  for (int j = 0; j < kChannels; j++) mean[j] = 0;
#pragma unroll
  for (int i = 0; i < kCount; i++) {
    widen(values, x[i]);
#pragma unroll
    for (int j = 0; j < kChannels / 2; j++) {
      const float4 a = affine[j];
      mean[2 * j] += rectified(fmaf(values[2 * j], a.x, a.y));
      mean[2 * j + 1] += rectified(fmaf(values[2 * j + 1], a.z, a.w));
    }
  }
#pragma unroll
  for (int j = 0; j < kChannels; j++) mean[j] *= 1.0f / kCount;
}

// The same, rounded.
template <class T, int kCount>
__device__ __forceinline__ uint4 mean_rectified(const uint4 (&x)[kCount], const float4* affine) {
  float mean[kVector<T>];
  mean_rectified(mean, x, affine);
  return packed(mean);
}

}  // namespace dn
#endif
