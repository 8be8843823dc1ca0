// y = conv(image) with batch statistics of y, in float32: what the first layer rounds, all others amplify. Any square
// kernel, stride and padding. Moves 4 bytes a value of the image and 2 of y, or 4.
//
// A block computes tiles of 64 pixels and 32 channels (blockIdx.y), a thread a pixel and eight channels, whose weights
// all lanes of a warp read at once.
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

template <class T>
__device__ __forceinline__ void stem_conv_fprop(const StemConvFprop<T>& p) {
  constexpr int kThreads = 256, kPixels = 64, kOut = 32, kWarps = kThreads / 32, kRows = kPixels / kWarps;
  constexpr int kEach = 8, kPitch = kOut * sizeof(T) + 16;  // channels of a thread
  extern __shared__ __align__(128) char memory[];
  char* const staged = memory;
  auto* scratch = reinterpret_cast<Wide<T>*>(memory + kPixels * kPitch);
  auto* w = reinterpret_cast<float*>(scratch + 2 * kWarps * kOut);  // (channels * kernel^2, 32)
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32, chunk = blockIdx.y * kOut;
  const int channels = p.channels, kernel = p.kernel, taps = kernel * kernel, terms = channels * taps;
  const int height = p.height, width = p.width, rows = p.rows, columns = p.columns;
  const int used = min(kOut, static_cast<int>(p.y_channels) - chunk);
  for (int i = tid; i < terms * kOut; i += kThreads) {
    const int o = i % kOut, term = i / kOut, tap = term / channels, c = term - tap * channels;
    w[i] = o < used ? p.w[(static_cast<int64_t>(chunk + o) * channels + c) * taps + tap] : 0;
  }
  wait_for_predecessor();
  let_successor_start();
  __syncthreads();

  ColumnSums<T, kOut, kWarps> sums;
  const int pixels = static_cast<int>(p.images) * rows * columns, tiles = (pixels + kPixels - 1) / kPixels;
  const int local = tid % kPixels, first_out = tid / kPixels * kEach;
  for (int tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    const int pixel = tile * kPixels + local;
    float acc[kEach] = {};
    if (pixel < pixels) {
      const int line = pixel / columns, image = line / rows;
      const int r0 = (line - image * rows) * static_cast<int>(p.stride) - static_cast<int>(p.padding);
      const int c0 = (pixel - line * columns) * static_cast<int>(p.stride) - static_cast<int>(p.padding);
      const float* const from = p.image + static_cast<int64_t>(image) * height * width * channels;
      const float* weights = w + first_out;
#pragma unroll 1
      for (int kr = 0; kr < kernel; kr++) {
#pragma unroll 1
        for (int kc = 0; kc < kernel; kc++, weights += channels * kOut) {
          const int r = r0 + kr, c = c0 + kc;
          if (r < 0 || r >= height || c < 0 || c >= width) continue;
          const float* x = from + (static_cast<int64_t>(r) * width + c) * channels;
          for (int i = 0; i < channels; i++) {
            const float value = x[i];
            const float4 l = *reinterpret_cast<const float4*>(weights + i * kOut);
            const float4 h = *reinterpret_cast<const float4*>(weights + i * kOut + 4);
            acc[0] = fmaf(value, l.x, acc[0]), acc[1] = fmaf(value, l.y, acc[1]);
            acc[2] = fmaf(value, l.z, acc[2]), acc[3] = fmaf(value, l.w, acc[3]);
            acc[4] = fmaf(value, h.x, acc[4]), acc[5] = fmaf(value, h.y, acc[5]);
            acc[6] = fmaf(value, h.z, acc[6]), acc[7] = fmaf(value, h.w, acc[7]);
          }
        }
      }
    }
    T* const to = reinterpret_cast<T*>(staged + local * kPitch) + first_out;
#pragma unroll
    for (int j = 0; j < kEach; j += 2) *reinterpret_cast<Pair<T>*>(to + j) = pack<T>(acc[j], acc[j + 1]);
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
