// y = conv(image) with batch statistics of y, in float32: what the first layer rounds, all others amplify. Any square
// kernel, stride and padding. Moves 4 bytes a value of the image and 2 of y, or 4.
//
// A block computes tiles of 64 pixels and 32 channels (blockIdx.y): patches of the image (pixels, terms), 64 terms at a
// time, times weights (terms, channels). y of bfloat16 by three products of TF32, a warp 16 x 16 of it; y of float32, of
// which the last bits count, by multiply-adds.
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

struct StemTile {
  static constexpr int kThreads = 256, kPixels = 64, kOut = 32, kTerms = 64;
  // 8 and 4 values of padding: the terms of a fragment's channel, and the pixels of its term, do not conflict.
  static constexpr int kWeightPitch = kOut + 8, kPatchPitch = kTerms + 4;
};

// What a thread sums of a tile.
template <class T>
class StemSums : StemTile {
 public:
  // `count` terms, a multiple of 8.
  __device__ __forceinline__ void add(const float* patch, const float* weights, int count) {
    const Products<float> products(0);
    const float *x = patch + pixel_ * kPatchPitch + column_, *w = weights + column_ * kWeightPitch + out_ + row_;
#pragma unroll 2
    for (int k = 0; k < count; k += 8, x += 8, w += 8 * kWeightPitch) {
      const uint32_t of_x[4] = {__float_as_uint(x[0]), __float_as_uint(x[8 * kPatchPitch]), __float_as_uint(x[4]),
                                __float_as_uint(x[8 * kPatchPitch + 4])};
      const uint32_t of_w[4] = {__float_as_uint(w[0]), __float_as_uint(w[4 * kWeightPitch]), __float_as_uint(w[8]),
                                __float_as_uint(w[4 * kWeightPitch + 8])};
      const Factors<float> rows_of_x = products.factors(of_x), columns_of_w = products.factors(of_w);
      products.add(sums_[0], rows_of_x, columns_of_w, 0);
      products.add(sums_[1], rows_of_x, columns_of_w, 2);
    }
  }

  __device__ __forceinline__ void store(char* staged, int pitch) const {
#pragma unroll
    for (int n = 0; n < 2; n++) {
      char* const to = staged + pixel_ * pitch + (out_ + n * 8 + column_ * 2) * static_cast<int>(sizeof(T));
      *reinterpret_cast<Pair<T>*>(to) = pack<T>(sums_[n][0], sums_[n][1]);
      *reinterpret_cast<Pair<T>*>(to + 8 * pitch) = pack<T>(sums_[n][2], sums_[n][3]);
    }
  }

 private:
  const int warp_ = threadIdx.x / 32, row_ = threadIdx.x % 32 / 4, column_ = threadIdx.x % 4;
  const int pixel_ = warp_ % 4 * 16 + row_, out_ = warp_ / 4 * 16;
  float sums_[2][4] = {};
};

// A warp 16 x 16 of the tile, too: pixels `pixel_` and eight on, four channels.
template <>
class StemSums<float> : StemTile {
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

template <class T>
__device__ __forceinline__ void stem_conv_fprop(const StemConvFprop<T>& p) {
  constexpr int kThreads = StemTile::kThreads, kPixels = StemTile::kPixels, kOut = StemTile::kOut;
  constexpr int kTerms = StemTile::kTerms, kWeightPitch = StemTile::kWeightPitch, kPatchPitch = StemTile::kPatchPitch;
  constexpr int kWarps = kThreads / 32, kRows = kPixels / kWarps, kPitch = kOut * sizeof(T) + 16;
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
  for (int tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    if (tid < kPixels) windows[tid] = stem_window(p, tile * kPixels + tid, pixels);
    StemSums<T> of_tile;
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

extern "C" __global__ void __launch_bounds__(256, 4)
    dn_stem_conv_fprop(const __grid_constant__ dn::StemConvFprop<dn::bf16> p) {
  dn::stem_conv_fprop(p);
}

extern "C" __global__ void __launch_bounds__(256, 4)
    dn_stem_conv_fprop_fp32(const __grid_constant__ dn::StemConvFprop<float> p) {
  dn::stem_conv_fprop(p);
}
