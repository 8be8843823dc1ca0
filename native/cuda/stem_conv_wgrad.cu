// dw (y channels, channels, kernel, kernel) = sum over pixels of dy image, in float32, with the deferred correction of
// dy. Moves 4 bytes a value of the image, and 2 of y and of its gradient, or 4.
//
// A block takes 32 channels of y and 128 terms (blockIdx.y), a warp 16 x 32 of them, over tiles of 32 pixels of y: dy
// (channels, pixels) times patches of the image (pixels, terms), by three products of TF32.
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

template <class T>
__device__ __forceinline__ void stem_conv_wgrad(const StemConvWgrad<T>& p) {
  constexpr int kThreads = 256, kPixels = 32, kOut = 32, kTerms = 128, kTermsOfWarp = 32, kTiles = kTermsOfWarp / 8;
  // 8 values of padding: the four pixels that a fragment has of a channel or term do not conflict.
  constexpr int kPadding = 8;
  __shared__ float dy[kPixels][kOut + kPadding], patch[kPixels][kTerms + kPadding];
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
  const int lane = tid % 32, warp = tid / 32, row = lane / 4, column = lane % 4;
  const int my_out = warp % 2 * 16, my_term = warp / 2 * kTermsOfWarp;
  const Products<float> products(0);
  float dw[kTiles][4] = {};
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
#pragma unroll 1
    for (int k = 0; k < kPixels; k += 8) {
      const float *const d = &dy[k + column][my_out + row], *const x = &patch[k + column][my_term + row];
      constexpr int kFour = 4 * (kOut + kPadding), kFourOfPatch = 4 * (kTerms + kPadding);
      const uint32_t of_dy[4] = {__float_as_uint(d[0]), __float_as_uint(d[8]), __float_as_uint(d[kFour]),
                                 __float_as_uint(d[kFour + 8])};
      const Factors<float> rows_of_dy = products.factors(of_dy);
#pragma unroll
      for (int n = 0; n < kTiles; n += 2) {
        const uint32_t of_x[4] = {__float_as_uint(x[n * 8]), __float_as_uint(x[n * 8 + kFourOfPatch]),
                                  __float_as_uint(x[n * 8 + 8]), __float_as_uint(x[n * 8 + 8 + kFourOfPatch])};
        const Factors<float> columns_of_x = products.factors(of_x);
        products.add(dw[n], rows_of_dy, columns_of_x, 0);
        products.add(dw[n + 1], rows_of_dy, columns_of_x, 2);
      }
    }
  }
  let_successor_start();
  float* partials = p.w_partials + static_cast<int64_t>(blockIdx.x) * y_channels * terms;
#pragma unroll
  for (int n = 0; n < kTiles; n++) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const int o = out0 + my_out + row + i / 2 * 8, t = term0 + my_term + n * 8 + column * 2 + i % 2;
      if (o < y_channels && t < terms) partials[o * terms + t] = dw[n][i];
    }
  }
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
