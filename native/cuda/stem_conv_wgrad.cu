// dw (y channels, channels, kernel, kernel) = sum over pixels of dy image, in float32, with the deferred correction of
// dy. Moves 4 bytes a value of the image, and 2 of y and of its gradient, or 4.
//
// A block takes 32 channels of y and 128 terms (blockIdx.y), over tiles of 32 pixels of y: dy (channels, pixels) times
// patches of the image (pixels, terms). Of y of bfloat16 by three products of TF32, a warp 16 x 32 of them; of y of
// float32, of which the last bits count, by multiply-adds, a thread 4 x 4.
#include "correction.cuh"
#include "factors.cuh"

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
  int64_t channels;
  int64_t images;
  int64_t height;  // of the image
  int64_t width;
  int64_t rows;  // of y
  int64_t columns;
  int64_t kernel;
  int64_t stride;
  int64_t padding;
  Correction y_correction;
};

struct StemGradientTile {
  static constexpr int kThreads = 256, kPixels = 32, kOut = 32, kTerms = 128;
  // 8 values of padding: the four pixels that a fragment has of a channel or term do not conflict.
  static constexpr int kDyPitch = kOut + 8, kPatchPitch = kTerms + 8;
};

// What a thread sums over tiles.
template <class T>
class StemGradients : StemGradientTile {
 public:
  __device__ __forceinline__ void add(const float* dy, const float* patch) {
    const Products<float> products(0);
    const float *d = dy + column_ * kDyPitch + out_ + row_, *x = patch + column_ * kPatchPitch + term_ + row_;
#pragma unroll 1
    for (int k = 0; k < kPixels; k += 8, d += 8 * kDyPitch, x += 8 * kPatchPitch) {
      const uint32_t of_dy[4] = {__float_as_uint(d[0]), __float_as_uint(d[8]), __float_as_uint(d[4 * kDyPitch]),
                                 __float_as_uint(d[4 * kDyPitch + 8])};
      const Factors<float> rows_of_dy = products.factors(of_dy);
#pragma unroll
      for (int n = 0; n < kTiles; n += 2) {
        const float *l = x + n * 8, *h = l + 4 * kPatchPitch;
        const uint32_t of_x[4] = {__float_as_uint(l[0]), __float_as_uint(h[0]), __float_as_uint(l[8]),
                                  __float_as_uint(h[8])};
        const Factors<float> columns_of_x = products.factors(of_x);
        products.add(sums_[n], rows_of_dy, columns_of_x, 0);
        products.add(sums_[n + 1], rows_of_dy, columns_of_x, 2);
      }
    }
  }

  // Calls f with a channel, a term and their sum.
  template <class F>
  __device__ __forceinline__ void each(const F& f) const {
#pragma unroll
    for (int n = 0; n < kTiles; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) f(out_ + row_ + i / 2 * 8, term_ + n * 8 + column_ * 2 + i % 2, sums_[n][i]);
    }
  }

 private:
  static constexpr int kTiles = 4;
  const int warp_ = threadIdx.x / 32, row_ = threadIdx.x % 32 / 4, column_ = threadIdx.x % 4;
  const int out_ = warp_ % 2 * 16, term_ = warp_ / 2 * kTiles * 8;
  float sums_[kTiles][4] = {};
};

template <>
class StemGradients<float> : StemGradientTile {
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

template <class T>
__device__ __forceinline__ void stem_conv_wgrad(const StemConvWgrad<T>& p) {
  using Tile = StemGradientTile;
  constexpr int kThreads = Tile::kThreads, kPixels = Tile::kPixels, kOut = Tile::kOut, kTerms = Tile::kTerms;
  __shared__ __align__(16) float dy[kPixels][Tile::kDyPitch], patch[kPixels][Tile::kPatchPitch];
  __shared__ float4 affine[kOut];
  __shared__ int first_row[kPixels], first_column[kPixels], of_image[kPixels];
  const int tid = threadIdx.x;
  const int y_channels = p.y_channels, channels = p.channels, kernel = p.kernel, terms = channels * kernel * kernel;
  const int height = p.height, width = p.width, rows = p.rows, columns = p.columns,
            chunks = (terms + kTerms - 1) / kTerms;
  const int term0 = blockIdx.y % chunks * kTerms, out0 = blockIdx.y / chunks * kOut;
  wait_for_predecessor();
  if (tid < kOut) {
    const int c = out0 + tid;
    // The first block of a chunk of y stores what its last consumer is told.
    const bool stores = blockIdx.x == 0 && term0 == 0;
    affine[tid] = c < y_channels ? correction<T>(p.y_correction, c, stores) : make_float4(0, 0, 0, 0);
  }
  const int term = term0 + tid % kTerms, in = term / (kernel * kernel), tap = term - in * kernel * kernel;
  const int tap_row = tap / kernel, tap_column = tap - tap_row * kernel, pixel0 = tid / kTerms;
  StemGradients<T> dw;
  const int pixels = static_cast<int>(p.images) * rows * columns, tiles = (pixels + kPixels - 1) / kPixels;
  for (int tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    __syncthreads();
    if (tid < kPixels) {
      const int pixel = tile * kPixels + tid, line = pixel / columns, image = line / rows;
      first_row[tid] = (line - image * rows) * static_cast<int>(p.stride) - static_cast<int>(p.padding);
      first_column[tid] = (pixel - line * columns) * static_cast<int>(p.stride) - static_cast<int>(p.padding);
      of_image[tid] = pixel < pixels ? image : -1;
    }
    for (int i = tid; i < kPixels * kOut; i += kThreads) {
      const int local = i / kOut, o = i % kOut, c = out0 + o;
      const int64_t pixel = tile * kPixels + local;
      float value = 0;
      if (pixel < pixels && c < y_channels) {
        value = corrected<T>(widened(p.gy[pixel * p.gy_pitch + c]), widened(p.y[pixel * p.y_pitch + c]), affine[o]);
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
  float* partials = p.w_partials + static_cast<int64_t>(blockIdx.x) * y_channels * terms;
  dw.each([&](int channel, int of_terms, float sum) {
    const int o = out0 + channel, t = term0 + of_terms;
    if (o < y_channels && t < terms) partials[o * terms + t] = sum;
  });
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(256, 3)
    dn_stem_conv_wgrad(const __grid_constant__ dn::StemConvWgrad<dn::bf16> p) {
  dn::stem_conv_wgrad(p);
}

extern "C" __global__ void __launch_bounds__(256, 3)
    dn_stem_conv_wgrad_fp32(const __grid_constant__ dn::StemConvWgrad<float> p) {
  dn::stem_conv_wgrad(p);
}
