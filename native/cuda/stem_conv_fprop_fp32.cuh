// stem_conv_fprop with y of float32: multiply-adds.
//
// A block computes tiles of 64 pixels and 32 channels (blockIdx.y): patches of the image (pixels, terms), 64 terms at a
// time, times weights (terms, channels).
#ifndef DENSENET4J_CUDA_STEM_CONV_FPROP_FP32_CUH
#define DENSENET4J_CUDA_STEM_CONV_FPROP_FP32_CUH

#include "statistics.cuh"
#include "stem_conv.cuh"

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
  StemConv conv;
};

// Where the window of a pixel of y begins in the image, perhaps outside.
struct StemWindow {
  int row, column, image;  // -1: no image
};

__device__ __forceinline__ StemWindow stem_window(const StemConv& s, int pixel, int pixels) {
  const int rows = s.rows, columns = s.columns, line = pixel / columns, image = line / rows;
  return {(line - image * rows) * static_cast<int>(s.stride) - static_cast<int>(s.padding),
          (pixel - line * columns) * static_cast<int>(s.stride) - static_cast<int>(s.padding),
          pixel < pixels ? image : -1};
}

struct StemPatches {
  static constexpr int kThreads = 256, kPixels = 64, kOut = 32, kTerms = 64;
  static constexpr int kWeightPitch = kOut + 8, kPatchPitch = kTerms + 4;
};

// What a thread sums of a tile, of which a warp has 16 x 16: pixels `pixel_` and eight on, four channels.
class StemSums : StemPatches {
 public:
  __device__ __forceinline__ void add(const float* patch, const float* weights, int count) {
    const float *x = patch + pixel_ * kPatchPitch, *w = weights + out_;
#pragma unroll 1
    for (int k = 0; k < count; k += 4, w += 4 * kWeightPitch) {
      const float4 first = *reinterpret_cast<const float4*>(x + k);
      const float4 second = *reinterpret_cast<const float4*>(x + 8 * kPatchPitch + k);
#pragma unroll
      for (int i = 0; i < 4; i++) {
        const float4 of_w = *reinterpret_cast<const float4*>(w + i * kWeightPitch);
#pragma unroll
        for (int j = 0; j < 4; j++) {
          sums_[0][j] = fmaf(member(first, i), member(of_w, j), sums_[0][j]);
          sums_[1][j] = fmaf(member(second, i), member(of_w, j), sums_[1][j]);
        }
      }
    }
  }

  __device__ __forceinline__ void store(char* staged, int pitch) const {
#pragma unroll
    for (int n = 0; n < 2; n++) {
      char* const to = staged + (pixel_ + n * 8) * pitch + out_ * static_cast<int>(sizeof(float));
      *reinterpret_cast<float4*>(to) = make_float4(sums_[n][0], sums_[n][1], sums_[n][2], sums_[n][3]);
    }
  }

 private:
  const int warp_ = threadIdx.x / 32, pixel_ = warp_ % 4 * 16 + threadIdx.x % 8;
  const int out_ = warp_ / 4 * 16 + threadIdx.x % 32 / 8 * 4;
  float sums_[2][4] = {};
};

__device__ __forceinline__ void stem_conv_fprop(const Tiled<StemConvFprop<float>>& p) {
  constexpr int kThreads = StemPatches::kThreads, kPixels = StemPatches::kPixels, kOut = StemPatches::kOut;
  constexpr int kTerms = StemPatches::kTerms, kWeightPitch = StemPatches::kWeightPitch,
                kPatchPitch = StemPatches::kPatchPitch;
  constexpr int kWarps = kThreads / 32, kRows = kPixels / kWarps, kPitch = kOut * sizeof(float) + 16;
  extern __shared__ __align__(128) char memory[];
  char* const staged = memory;
  auto* scratch = reinterpret_cast<double*>(memory + kPixels * kPitch);
  auto* w = reinterpret_cast<float*>(scratch + 2 * kWarps * kOut);  // (terms rounded up to 8, kWeightPitch)
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32, chunk = blockIdx.y * kOut;
  const int channels = p.conv.channels, kernel = p.conv.kernel, taps = kernel * kernel, terms = channels * taps;
  const int height = p.conv.height, width = p.conv.width, padded = round_up(terms, 8);
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

  ColumnSums<float, kOut, kWarps> sums;
  const int pixels = static_cast<int>(p.conv.images) * static_cast<int>(p.conv.rows) * static_cast<int>(p.conv.columns);
  const Tiles tiles((pixels + kPixels - 1) / kPixels, p.reversed);
  for (int tile = tiles.first; tiles.has(tile); tile += tiles.step) {
    if (tid < kPixels) windows[tid] = stem_window(p.conv, tile * kPixels + tid, pixels);
    StemSums of_tile;
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
      of_tile.add(patch, w + term0 * kWeightPitch, min(kTerms, padded - term0));
    }
    of_tile.store(staged, kPitch);
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
#endif
