// y = the largest of 3x3 pixels, stride 2, padding 1, of relu(bn(x)), with batch statistics of y. 16 bytes of
// channels a thread. Moves 2 bytes a value of x, and of y, or 4.
#include "norm.cuh"
#include "statistics.cuh"
#include "tiles.cuh"
#include "windows.cuh"

namespace dn {

template <class T>
struct MaxpoolFprop {
  T* y;
  ExactSum* y_sums;  // (channels, 2); null: statistics are not wanted
  const T* x;
  int64_t y_pitch;
  int64_t x_pitch;
  int64_t images;
  int64_t height;  // of x
  int64_t width;
  int64_t rows;  // of y
  int64_t columns;
  Norm norm;
};

template <class T>
__device__ __forceinline__ void maxpool_fprop(const Tiled<MaxpoolFprop<T>>& p) {
  constexpr int kThreads = 256;
  extern __shared__ __align__(128) char memory[];
  const int tid = threadIdx.x, channels = p.norm.channels, planes = (channels + kVector<T> - 1) / kVector<T>;
  const auto* affine = reinterpret_cast<const float4*>(memory);
  char* const scratch = memory + planes * kVector<T> * 8;
  Affine<T, 1, kThreads> affine_of_channels(p.norm);
  wait_for_predecessor();
  affine_of_channels.store(reinterpret_cast<float2*>(memory), p.norm, planes * kVector<T>);
  let_successor_start();
  __syncthreads();

  const int plane = tid % planes, row = tid / planes, together = kThreads / planes, channel = plane * kVector<T>;
  const int height = p.height, width = p.width, rows = p.rows, columns = p.columns;
  const int pixels = static_cast<int>(p.images) * rows * columns, bytes = valid_bytes<T>(channels, channel);
  VectorSums<Wide<T>, kVector<T>> sums;
  float4 of_pair[kVector<T> / 2];  // {scale, shift} of two channels
#pragma unroll
  for (int j = 0; j < kVector<T> / 2; j++) of_pair[j] = affine[plane * kVector<T> / 2 + j];
  const Tiles tiles((pixels + together - 1) / together, p.reversed);
  if (row < together) {
    for (int tile = tiles.first; tiles.has(tile); tile += tiles.step) {
      const int pixel = tile * together + row;
      if (pixel >= pixels) continue;
      const int line = pixel / columns, image = line / rows;
      const int r0 = (line - image * rows) * 2 - 1, c0 = (pixel - line * columns) * 2 - 1;
      float most[kVector<T>] = {}, values[kVector<T>];  // a ReLU's output is at least 0
#pragma unroll
      for (int tap = 0; tap < 9; tap++) {
        const int r = r0 + tap / 3, c = c0 + tap % 3;
        if (r < 0 || r >= height || c < 0 || c >= width) continue;
        widen(values,
              load_valid(p.x + ((static_cast<int64_t>(image) * height + r) * width + c) * p.x_pitch + channel, bytes));
#pragma unroll
        for (int j = 0; j < kVector<T> / 2; j++) {
          const float4 a = of_pair[j];
          most[2 * j] = larger(most[2 * j], fmaf(values[2 * j], a.x, a.y));
          most[2 * j + 1] = larger(most[2 * j + 1], fmaf(values[2 * j + 1], a.z, a.w));
        }
      }
      widen(values, packed(most));
#pragma unroll
      for (int j = 0; j < kVector<T>; j++) {
        const Wide<T> value = values[j];
        sums.first[j] += value;
        sums.second[j] = multiply_add(value, value, sums.second[j]);
      }
      store_gradient(p.y + pixel * p.y_pitch + channel, values, channels - channel, false);
    }
  }
  if (p.y_sums != nullptr) sums.store(p.y_sums, scratch, planes, kThreads, channels);
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(256, 2)
    dn_bnrelu_maxpool_fprop(const __grid_constant__ dn::Tiled<dn::MaxpoolFprop<dn::bf16>> p) {
  dn::maxpool_fprop(p);
}

extern "C" __global__ void __launch_bounds__(256, 2)
    dn_bnrelu_maxpool_fprop_fp32(const __grid_constant__ dn::Tiled<dn::MaxpoolFprop<float>> p) {
  dn::maxpool_fprop(p);
}
