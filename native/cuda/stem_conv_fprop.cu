// y = conv(image) with batch statistics of y, in float32: what the first layer rounds, all others amplify. Any square
// kernel, stride and padding. Moves 4 bytes a value of the image and 2 of y, or 4.
//
// A block computes tiles of 64 pixels and 32 channels (blockIdx.y), a warp 16 x 16 of them: patches of the image (pixels,
// terms), 64 terms at a time, times weights (terms, channels), by three products of TF32.
#include "factors.cuh"
#include "statistics.cuh"

namespace dn {

template <class T>
struct StemConvFprop {
  T* y;
  ExactSum* y_sums;  // (y_channels, 2); null: statistics are not wanted
  const float* image;
  const float* w;  // (y_channels, channels, kernel, kernel)
  int64_t y_pitch;
  int64_t y_channels;
  int64_t y_width;  // the most values, in 16 bytes, that address, pitch and y_channels are multiples of
  int64_t channels;
  int64_t images;
  int64_t height;  // of the image
  int64_t width;
  int64_t rows;  // of y
  int64_t columns;
  int64_t kernel;
  int64_t stride;
  int64_t padding;
};

// Where the window of a pixel of y begins in the image, perhaps outside.
struct StemWindow {
  int row, column, image;  // -1: no image
};

template <class T>
__device__ __forceinline__ StemWindow stem_window(const StemConvFprop<T>& p, int pixel, int pixels) {
  const int rows = p.rows, columns = p.columns, line = pixel / columns, image = line / rows;
  return {(line - image * rows) * static_cast<int>(p.stride) - static_cast<int>(p.padding),
          (pixel - line * columns) * static_cast<int>(p.stride) - static_cast<int>(p.padding),
          pixel < pixels ? image : -1};
}

template <class T>
__device__ __forceinline__ void stem_conv_fprop(const StemConvFprop<T>& p) {
  constexpr int kThreads = 256, kPixels = 64, kOut = 32, kWarps = kThreads / 32, kRows = kPixels / kWarps;
  constexpr int kTerms = 64, kPitch = kOut * sizeof(T) + 16;
  // 8 and 4 values of padding: the terms of a fragment's channel, and the pixels of its term, do not conflict.
  constexpr int kWeightPitch = kOut + 8, kPatchPitch = kTerms + 4;
  extern __shared__ __align__(128) char memory[];
  char* const staged = memory;
  auto* scratch = reinterpret_cast<Wide<T>*>(memory + kPixels * kPitch);
  auto* w = reinterpret_cast<float*>(scratch + 2 * kWarps * kOut);  // (terms rounded up to 8, kWeightPitch)
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32, chunk = blockIdx.y * kOut;
  const int channels = p.channels, kernel = p.kernel, taps = kernel * kernel, terms = channels * taps;
  const int height = p.height, width = p.width, padded = round_up(terms, 8);
  float* const patch = w + padded * kWeightPitch;  // (64 pixels, kPatchPitch)
  auto* windows = reinterpret_cast<StemWindow*>(patch + kPixels * kPatchPitch);
  const int used = min(kOut, static_cast<int>(p.y_channels) - chunk);
  for (int i = tid; i < padded * kOut; i += kThreads) {
    const int o = i % kOut, term = i / kOut, tap = term / channels, c = term - tap * channels;
    w[term * kWeightPitch + o] =
        o < used && term < terms ? p.w[(static_cast<int64_t>(chunk + o) * channels + c) * taps + tap] : 0;
  }
  wait_for_predecessor();
  let_successor_start();

  ColumnSums<T, kOut, kWarps> sums;
  const int pixels = static_cast<int>(p.images) * static_cast<int>(p.rows) * static_cast<int>(p.columns),
            tiles = (pixels + kPixels - 1) / kPixels;
  const int my_pixel = warp % 4 * 16 + lane / 4, my_out = warp / 4 * 16 + lane / 4, column = lane % 4;
  const Products<float> products(0);
  for (int tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    if (tid < kPixels) windows[tid] = stem_window(p, tile * kPixels + tid, pixels);
    float acc[2][4] = {};
#pragma unroll 1
    for (int term0 = 0; term0 < terms; term0 += kTerms) {
      __syncthreads();
      const int term = term0 + tid % kTerms, tap = term / channels, c = term - tap * channels;
      const int tap_row = tap / kernel, tap_column = tap - tap_row * kernel;
#pragma unroll 4
      for (int local = tid / kTerms; local < kPixels; local += kThreads / kTerms) {
        const StemWindow from = windows[local];
        const int row = from.row + tap_row, at = from.column + tap_column;
        const bool there = term < terms && from.image >= 0 && row >= 0 && row < height && at >= 0 && at < width;
        patch[local * kPatchPitch + tid % kTerms] =
            there ? p.image[((static_cast<int64_t>(from.image) * height + row) * width + at) * channels + c] : 0;
      }
      __syncthreads();
      const int some = min(kTerms, padded - term0);
#pragma unroll 2
      for (int k = 0; k < some; k += 8) {
        const float* const x = patch + my_pixel * kPatchPitch + k + column;
        const uint32_t of_x[4] = {__float_as_uint(x[0]), __float_as_uint(x[8 * kPatchPitch]), __float_as_uint(x[4]),
                                  __float_as_uint(x[8 * kPatchPitch + 4])};
        const float* const weights = w + (term0 + k + column) * kWeightPitch + my_out;
        const uint32_t of_w[4] = {__float_as_uint(weights[0]), __float_as_uint(weights[4 * kWeightPitch]),
                                  __float_as_uint(weights[8]), __float_as_uint(weights[4 * kWeightPitch + 8])};
        const Factors<float> rows_of_x = products.factors(of_x), columns_of_w = products.factors(of_w);
        products.add(acc[0], rows_of_x, columns_of_w, 0);
        products.add(acc[1], rows_of_x, columns_of_w, 2);
      }
    }
#pragma unroll
    for (int n = 0; n < 2; n++) {
      char* const to = staged + my_pixel * kPitch + (warp / 4 * 16 + n * 8 + column * 2) * static_cast<int>(sizeof(T));
      *reinterpret_cast<Pair<T>*>(to) = pack<T>(acc[n][0], acc[n][1]);
      *reinterpret_cast<Pair<T>*>(to + 8 * kPitch) = pack<T>(acc[n][2], acc[n][3]);
    }
    __syncthreads();
    const int first = tile * kPixels + warp * kRows, mine = min(kRows, pixels - first);
    char* const tile_of_warp = staged + warp * kRows * kPitch;
    sums.add(tile_of_warp, kPitch, mine, lane);
    store_slice(p.y + first * p.y_pitch + chunk, p.y_pitch, used, static_cast<int>(p.y_width), tile_of_warp, kPitch,
                mine, lane);
    __syncthreads();
  }
  if (p.y_sums != nullptr) sums.store(p.y_sums + chunk * 2, scratch, used);
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(256, 4)
    dn_stem_conv_fprop(const __grid_constant__ dn::StemConvFprop<dn::bf16> p) {
  dn::stem_conv_fprop(p);
}

extern "C" __global__ void __launch_bounds__(256, 4)
    dn_stem_conv_fprop_fp32(const __grid_constant__ dn::StemConvFprop<float> p) {
  dn::stem_conv_fprop(p);
}
