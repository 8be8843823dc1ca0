// stem_conv_wgrad of y of float32: multiply-adds.
//
// A block takes 32 channels of y and 128 terms (blockIdx.y), over tiles of 32 pixels of y: dy (channels, pixels) times
// patches of the image (pixels, terms), a thread 4 x 4 of them.
#ifndef DENSENET4J_CUDA_STEM_CONV_WGRAD_FP32_CUH
#define DENSENET4J_CUDA_STEM_CONV_WGRAD_FP32_CUH

#include "correction.cuh"
#include "stem_conv.cuh"

namespace dn {

template <class T>
struct StemConvWgrad {
  float* w_partials;  // (gridDim.x, y_channels, channels * kernel^2)
  const T* gy;        // before its correction
  const T* y;
  const float* image;
  int64_t gy_pitch;
  int64_t y_pitch;
  int64_t y_channels;
  StemConv conv;
  Correction y_correction;
};

struct StemGradientPatches {
  static constexpr int kThreads = 256, kPixels = 32, kOut = 32, kTerms = 128;
  static constexpr int kDyPitch = kOut + 8, kPatchPitch = kTerms + 8;
};

// What a thread sums over tiles.
class StemGradients : StemGradientPatches {
 public:
  __device__ __forceinline__ void add(const float* dy, const float* patch) {
#pragma unroll 4
    for (int local = 0; local < kPixels; local++) {
      const float4 d = *reinterpret_cast<const float4*>(dy + local * kDyPitch + out_);
      const float4 x = *reinterpret_cast<const float4*>(patch + local * kPatchPitch + term_);
#pragma unroll
      for (int i = 0; i < 4; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) sums_[i][j] = fmaf(member(d, i), member(x, j), sums_[i][j]);
      }
    }
  }

  // Calls f with a channel, a term and their sum.
  template <class F>
  __device__ __forceinline__ void each(const F& f) const {
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
      for (int j = 0; j < 4; j++) f(out_ + i, term_ + j, sums_[i][j]);
    }
  }

 private:
  const int out_ = threadIdx.x / (kTerms / 4) * 4, term_ = threadIdx.x % (kTerms / 4) * 4;
  float sums_[4][4] = {};
};

__device__ __forceinline__ void stem_conv_wgrad(const Tiled<StemConvWgrad<float>>& p) {
  using Tile = StemGradientPatches;
  constexpr int kThreads = Tile::kThreads, kPixels = Tile::kPixels, kOut = Tile::kOut, kTerms = Tile::kTerms;
  __shared__ __align__(16) float dy[kPixels][Tile::kDyPitch], patch[kPixels][Tile::kPatchPitch];
  __shared__ float4 affine[kOut];
  __shared__ int first_row[kPixels], first_column[kPixels], of_image[kPixels];
  const int tid = threadIdx.x;
  const int y_channels = p.y_channels, channels = p.conv.channels, kernel = p.conv.kernel,
            terms = channels * kernel * kernel;
  const int height = p.conv.height, width = p.conv.width, rows = p.conv.rows, columns = p.conv.columns,
            chunks = (terms + kTerms - 1) / kTerms;
  const int term0 = blockIdx.y % chunks * kTerms, out0 = blockIdx.y / chunks * kOut;
  wait_for_predecessor();
  if (tid < kOut) {
    const int c = out0 + tid;
    // The first block of a chunk of y stores what its last consumer is told.
    const bool stores = blockIdx.x == 0 && term0 == 0;
    affine[tid] = c < y_channels ? correction<float>(p.y_correction, c, stores) : make_float4(0, 0, 0, 0);
  }
  const int term = term0 + tid % kTerms, in = term / (kernel * kernel), tap = term - in * kernel * kernel;
  const int tap_row = tap / kernel, tap_column = tap - tap_row * kernel, pixel0 = tid / kTerms;
  StemGradients dw;
  const int pixels = static_cast<int>(p.conv.images) * rows * columns;
  const Tiles tiles((pixels + kPixels - 1) / kPixels, p.reversed);
  for (int tile = tiles.first; tiles.has(tile); tile += tiles.step) {
    __syncthreads();
    if (tid < kPixels) {
      const int pixel = tile * kPixels + tid, line = pixel / columns, image = line / rows;
      first_row[tid] = (line - image * rows) * static_cast<int>(p.conv.stride) - static_cast<int>(p.conv.padding);
      first_column[tid] = (pixel - line * columns) * static_cast<int>(p.conv.stride) - static_cast<int>(p.conv.padding);
      of_image[tid] = pixel < pixels ? image : -1;
    }
    for (int i = tid; i < kPixels * kOut; i += kThreads) {
      const int local = i / kOut, o = i % kOut, c = out0 + o;
      const int64_t pixel = tile * kPixels + local;
      float value = 0;
      if (pixel < pixels && c < y_channels) {
        value = corrected<float>(p.gy[pixel * p.gy_pitch + c], p.y[pixel * p.y_pitch + c], affine[o]);
      }
      dy[local][o] = value;
    }
    __syncthreads();
    for (int local = pixel0; local < kPixels; local += kThreads / kTerms) {
      const int r = first_row[local] + tap_row, c = first_column[local] + tap_column, image = of_image[local];
      const bool there = term < terms && image >= 0 && r >= 0 && r < height && c >= 0 && c < width;
      patch[local][tid % kTerms] =
          there ? p.image[((static_cast<int64_t>(image) * height + r) * width + c) * channels + in] : 0;
    }
    __syncthreads();
    dw.add(&dy[0][0], &patch[0][0]);
  }
  let_successor_start();
  float* partials = p.w_partials + part_of_block(p.reversed) * y_channels * terms;
  dw.each([&](int channel, int of_terms, float sum) {
    const int o = out0 + channel, t = term0 + of_terms;
    if (o < y_channels && t < terms) partials[o * terms + t] = sum;
  });
}

}  // namespace dn
#endif
