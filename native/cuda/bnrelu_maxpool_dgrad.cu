// The gradient of the max pool's input: S = gamma dx', dx' the corrected gradients of the windows of which a pixel is
// the first of the largest, where its pre-activation is above 0. x has no other consumer. Moves 2 bytes a value of x
// and S, and of y and its gradient, or 4.
//
// A thread has 16 bytes of channels of the 2x2 pixels (2i, 2j) to (2i + 1, 2j + 1), which windows (i, j) to (i + 1, j +
// 1) cover, and finds the first largest of each of these four windows again.
#include "correction.cuh"
#include "statistics.cuh"
#include "windows.cuh"

namespace dn {

template <class T>
struct MaxpoolDgrad {
  T* s;
  ExactSum* x_sums;  // (channels, 2): of dx' and dx' (x - mean)
  const T* gy;       // before its correction
  const T* y;
  const T* x;
  int64_t s_pitch;
  int64_t gy_pitch;
  int64_t y_pitch;
  int64_t x_pitch;
  int64_t channels;
  int64_t images;
  int64_t height;  // of x
  int64_t width;
  int64_t rows;  // of y
  int64_t columns;
  Correction y_correction;
  Reader reader;
};

// Of one channel in a window: the largest, and where in the window it came first.
struct FirstLargest {
  float value = 0;  // of relu
  int tap = -1;     // none is above 0: no gradient

  __device__ __forceinline__ void take(float before, int at) {
    if (before > value) value = before, tap = at;
  }
};

template <class T>
__device__ __forceinline__ void maxpool_dgrad(const MaxpoolDgrad<T>& p) {
  constexpr int kThreads = 128;
  extern __shared__ __align__(128) char memory[];
  const int tid = threadIdx.x, channels = p.channels, planes = (channels + kVector<T> - 1) / kVector<T>;
  auto* x_affine = reinterpret_cast<float4*>(memory);  // {scale, shift, mean, gamma}
  auto* y_affine = x_affine + spread<T>(planes * kVector<T>);  // {a, b, d, 0}
  auto* scratch = reinterpret_cast<float*>(y_affine + spread<T>(planes * kVector<T>));
  wait_for_predecessor();
  for (int c = tid; c < planes * kVector<T>; c += kThreads) {
    const float4 none = make_float4(0, 0, 0, 0);
    x_affine[spread<T>(c)] = c < channels ? reading<T>(p.reader, c) : none;
    y_affine[spread<T>(c)] = c < channels ? correction<T>(p.y_correction, c, stores_statistics()) : none;
  }
  let_successor_start();
  __syncthreads();

  const int plane = tid % planes, row = tid / planes, together = kThreads / planes, channel = plane * kVector<T>;
  const int height = p.height, width = p.width, rows = p.rows, columns = p.columns,
            bytes = valid_bytes<T>(channels, channel);
  const int cell_rows = (height + 1) / 2, cell_columns = (width + 1) / 2;
  const int cells = static_cast<int>(p.images) * cell_rows * cell_columns;
  VectorSums<float, kVector<T>> sums;
  for (int cell = blockIdx.x * together + row; row < together && cell < cells; cell += gridDim.x * together) {
    const int line = cell / cell_columns, image = line / cell_rows;
    const int i = line - image * cell_rows, j = cell - line * cell_columns;
    const T* const image_x = p.x + static_cast<int64_t>(image) * height * width * p.x_pitch + channel;
    float dx[4][kVector<T>] = {};
#pragma unroll 1
    for (int window = 0; window < 4; window++) {
      const int wr = i + window / 2, wc = j + window % 2;
      if (wr >= rows || wc >= columns) continue;
      FirstLargest largest[kVector<T>];
      float values[kVector<T>];
#pragma unroll 1
      for (int tap = 0; tap < 9; tap++) {
        const int r = wr * 2 - 1 + tap / 3, c = wc * 2 - 1 + tap % 3;
        if (r < 0 || r >= height || c < 0 || c >= width) continue;
        widen(values, load_valid(image_x + (static_cast<int64_t>(r) * width + c) * p.x_pitch, bytes));
#pragma unroll
        for (int e = 0; e < kVector<T>; e++) {
          const float4 a = x_affine[spread<T>(channel) + e];
          largest[e].take(fmaf(values[e], a.x, a.y), tap);
        }
      }
      const int64_t at = (static_cast<int64_t>(image) * rows + wr) * columns + wc;
      float of_s[kVector<T>];
      widen(of_s, load_valid(p.gy + at * p.gy_pitch + channel, bytes));
      widen(values, load_valid(p.y + at * p.y_pitch + channel, bytes));
#pragma unroll
      for (int e = 0; e < kVector<T>; e++) {
        const float4 a = y_affine[spread<T>(channel) + e];
        const float dy = corrected<T>(of_s[e], values[e], a);
#pragma unroll
        for (int q = 0; q < 4; q++) {  // pixel q of the cell as a tap of this window
          const int tap_row = q / 2 + 1 - 2 * (window / 2), tap_column = q % 2 + 1 - 2 * (window % 2);
          const bool covered = tap_row >= 0 && tap_column >= 0;
          if (covered && largest[e].tap == tap_row * 3 + tap_column) dx[q][e] += dy;
        }
      }
    }
#pragma unroll
    for (int q = 0; q < 4; q++) {
      const int r = 2 * i + q / 2, c = 2 * j + q % 2;
      if (r >= height || c >= width) continue;
      const int64_t at = static_cast<int64_t>(r) * width + c;
      float values[kVector<T>];
      widen(values, load_valid(image_x + at * p.x_pitch, bytes));
#pragma unroll
      for (int e = 0; e < kVector<T>; e++) {
        const float4 a = x_affine[spread<T>(channel) + e];
        sums.first[e] += dx[q][e];
        sums.second[e] = fmaf(dx[q][e], values[e] - a.z, sums.second[e]);
        values[e] = a.w * dx[q][e];
      }
      store_gradient(p.s + (static_cast<int64_t>(image) * height * width + at) * p.s_pitch + channel, values,
                     channels - channel, false);
    }
  }
  sums.store(p.x_sums, scratch, planes, kThreads, channels);
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_maxpool_dgrad(const __grid_constant__ dn::MaxpoolDgrad<dn::bf16> p) {
  dn::maxpool_dgrad(p);
}

extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_maxpool_dgrad_fp32(const __grid_constant__ dn::MaxpoolDgrad<float> p) {
  dn::maxpool_dgrad(p);
}
