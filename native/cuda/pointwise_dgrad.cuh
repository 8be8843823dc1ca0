// The gradient of x: tiles of 64 pixels of y and 128 channels of x (blockIdx.y), a warp 32 x 64, or of float32 64
// channels, a warp 16 x 64. y comes in steps of four planes, a step ahead in registers. What the product leaves goes to
// shared memory, and from there, 16 bytes of channels a thread, through the ReLU to the pixels of the window.
#ifndef DENSENET4J_CUDA_POINTWISE_DGRAD_CUH
#define DENSENET4J_CUDA_POINTWISE_DGRAD_CUH

#include "pointwise_bprop.cuh"

namespace dn {

template <class T>
struct PointwiseDgradLayout {
  static constexpr int kThreads = 128, kPixels = 64, kTiles = sizeof(T) == 2 ? 2 : 1, kRowWarps = 4 / kTiles;
  static constexpr int kColumns = 64, kChunk = kTiles * kColumns, kPlanes = kChunk / kVector<T>;
  static constexpr int kStepPlanes = 4, kStep = kStepPlanes * kVector<T>, kPlane = plane_bytes(kPixels);
  static constexpr int kDy = kStepPlanes * kPlane, kW = kPlanes * kStep * 16;
  // 8 floats of padding: a fragment's rows do not conflict.
  static constexpr int kDaPitch = kChunk + 8;
  static constexpr int kXAffine = 0, kDa = kXAffine + spread<T>(kChunk) * 16, kDys = kDa + kPixels * kDaPitch * 4;
  static constexpr int kWeights = kDys + 2 * kDy, kYAffine = kWeights + 2 * kW;
  static_assert(2 * kThreads * kVector<T> * 4 <= kPixels * kDaPitch * 4, "sums must fit where da was");
};

// 0 to the pixels of the last row and column that no window of two has.
template <int kWindow, class T>
__device__ __forceinline__ void clear_outside(const PointwiseBprop<T>& p, const Windows<kWindow>& windows, int channel,
                                              int valid, int first, int step) {
  const int below = (windows.height - windows.rows * kWindow) * windows.width;
  const int beside = (windows.width - windows.columns * kWindow) * windows.rows * kWindow;
  const int each = below + beside, all = each * static_cast<int>(p.images);
  for (int i = first; i < all; i += step) {
    const int image = i / each, at = i - image * each;
    const int pixel = at < below ? windows.rows * kWindow * windows.width + at : (at - below + 1) * windows.width - 1;
    float none[kVector<T>] = {};
    store_gradient(p.s + (static_cast<int64_t>(image) * windows.height * windows.width + pixel) * p.s_pitch + channel,
                   none, valid, false);
  }
}

template <int kWindow, class T>
__device__ __forceinline__ void pointwise_dgrad(const Tiled<PointwiseBprop<T>>& p) {
  using L = PointwiseDgradLayout<T>;
  extern __shared__ __align__(128) char memory[];
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32;
  const int channels = p.channels, y_channels = p.y_channels, w_rows = p.w_rows, chunk = blockIdx.y * L::kChunk;
  const int padded = round_up(y_channels, L::kStep), steps = padded / L::kStep;
  const Windows<kWindow> windows(p.height, p.width);
  const int pixels = static_cast<int>(p.images) * windows.rows * windows.columns;
  const Tiles tiles((pixels + L::kPixels - 1) / L::kPixels, p.reversed);
  auto* x_affine = reinterpret_cast<float4*>(memory + L::kXAffine);  // {scale, shift, mean, gamma}
  auto* y_affine = reinterpret_cast<float4*>(memory + L::kYAffine);
  auto* da = reinterpret_cast<float*>(memory + L::kDa);
  for (int i = tid; i < L::kChunk; i += L::kThreads) {
    x_affine[spread<T>(i)] = chunk + i < channels ? reading<T>(p.reader, chunk + i) : make_float4(0, 0, 0, 0);
  }
  wait_for_predecessor();
  store_correction(y_affine, p, 0, padded, L::kThreads, stores_statistics());
  if (blockIdx.x == 0) {
    const auto count = static_cast<float>(p.images * p.height * p.width);
    hand_over<T>(p.hand_over, p.reader.variance, chunk, min(L::kChunk, channels - chunk), count, L::kThreads);
  }
  let_successor_start();
  __syncthreads();

  const uint32_t weights = shared_address(memory + L::kWeights);
  const int w_planes = planes_of<T>(channels, 4);
  const auto fetch_weights = [&](int step) {
    for (int i = tid; i < L::kPlanes * L::kStep; i += L::kThreads) {
      const int plane = chunk / kVector<T> + i / L::kStep, row = step * L::kStep + i % L::kStep;
      const bool there = plane < w_planes;
      const T* from = p.w + (static_cast<int64_t>(there ? plane : 0) * w_rows + row) * kVector<T>;
      copy_async(weights + step % 2 * L::kW + i * 16, from, there ? 16 : 0);
    }
    commit_copies();
  };
  const int y_plane = tid % L::kStepPlanes, y_row = tid / L::kStepPlanes;  // and y_row + 32
  const int x_plane = tid % L::kPlanes, x_row = tid / L::kPlanes, channel = chunk + x_plane * kVector<T>;
  const int x_bytes = valid_bytes<T>(channels, channel);
  const int row_warp = warp % L::kRowWarps, column = warp / L::kRowWarps * L::kColumns;
  const Products<T> products(p.tf32);
  VectorSums<float, kVector<T>> sums;
  for (int tile = tiles.first; tiles.has(tile); tile = Tiles::after(tile, p.reversed)) {
    uint4 of_s[2], of_y[2];
    const auto load = [&](int step) {
      const int c = step * L::kStep + y_plane * kVector<T>;
#pragma unroll
      for (int i = 0; i < 2; i++) {
        const int64_t pixel = tile * L::kPixels + y_row + 32 * i;
        const int bytes = pixel < pixels ? valid_bytes<T>(y_channels, c) : 0;
        of_s[i] = load_valid(p.gy + pixel * p.gy_pitch + c, bytes);
        of_y[i] = load_valid(p.y + pixel * p.y_pitch + c, bytes);
      }
    };
    float acc[L::kTiles][8][4];
    clear(acc);
    load(0);
    fetch_weights(0);
#pragma unroll 1
    for (int step = 0; step < steps; step++) {
      char* stage = memory + L::kDys + step % 2 * L::kDy;
#pragma unroll
      for (int i = 0; i < 2; i++) {
        const bool there = tile * L::kPixels + y_row + 32 * i < pixels;
        const uint4 dy = corrected<T>(of_s[i], of_y[i], y_affine + spread<T>(step * L::kStep + y_plane * kVector<T>));
        *reinterpret_cast<uint4*>(stage + y_plane * L::kPlane + (y_row + 32 * i) * 16) =
            there ? dy : make_uint4(0, 0, 0, 0);
      }
      wait_copies<0>();
      __syncthreads();  // this step's operands are there, and nobody reads those of the one before any more
      if (step + 1 < steps) {
        load(step + 1);
        fetch_weights(step + 1);
      }
#pragma unroll 1
      for (int k = 0; k < L::kStep / kDepth<T>; k++) {
        Factors<T> a[L::kTiles];
#pragma unroll
        for (int m = 0; m < L::kTiles; m++) {
          uint32_t r[4];
          load_a(r, shared_address(stage) + 2 * k * L::kPlane + (row_warp * L::kTiles + m) * 256, L::kPlane, lane);
          a[m] = products.factors(r);
        }
#pragma unroll
        for (int n = 0; n < 8; n += 2) {
          const int row = (column + n * 8) / kVector<T> * L::kStep + k * kDepth<T>;
          uint32_t r[4];
          load_b_transposed<T>(r, weights + step % 2 * L::kW + row * 16, L::kStep * 16, lane);
          const Factors<T> b = products.factors(r);
#pragma unroll
          for (int m = 0; m < L::kTiles; m++) {
            products.add(acc[m][n], a[m], b, 0);
            products.add(acc[m][n + 1], a[m], b, 2);
          }
        }
      }
    }
#pragma unroll
    for (int m = 0; m < L::kTiles; m++) {
      const int row = (row_warp * L::kTiles + m) * 16 + lane / 4;
#pragma unroll
      for (int n = 0; n < 8; n++) {
        float* to = da + row * L::kDaPitch + column + n * 8 + lane % 4 * 2;
        *reinterpret_cast<float2*>(to) = make_float2(acc[m][n][0], acc[m][n][1]);
        *reinterpret_cast<float2*>(to + 8 * L::kDaPitch) = make_float2(acc[m][n][2], acc[m][n][3]);
      }
    }
    __syncthreads();  // da of the tile is there, and nobody reads operands of the last step any more
    if (x_bytes > 0) {
#pragma unroll 1
      for (int row = x_row; row < L::kPixels; row += L::kThreads / L::kPlanes) {
        const int pixel = tile * L::kPixels + row;
        if (pixel >= pixels) break;
        const int64_t first = windows.first(pixel);
        float share[kVector<T>];
        const auto* of_row = reinterpret_cast<const float4*>(da + row * L::kDaPitch + x_plane * kVector<T>);
#pragma unroll
        for (int j = 0; j < kVector<T>; j++) share[j] = member(of_row[j / 4], j % 4);
#pragma unroll
        for (int i = 0; i < kWindow * kWindow; i++) {
          const int64_t at = first + windows.offset(i);
          float x[kVector<T>], ds[kVector<T>];
          widen(x, load_valid(p.x + at * p.x_pitch + channel, x_bytes));
#pragma unroll
          for (int j = 0; j < kVector<T>; j++) {
            const float4 a = x_affine[spread<T>(x_plane * kVector<T>) + j];
            const float dx = fmaf(x[j], a.x, a.y) > 0 ? share[j] * (1.0f / (kWindow * kWindow)) : 0;
            sums.first[j] += dx;
            sums.second[j] = fmaf(dx, x[j] - a.z, sums.second[j]);
            ds[j] = a.w * dx;
          }
          store_gradient(p.s + at * p.s_pitch + channel, ds, channels - channel, p.accumulate != 0);
        }
      }
    }
    __syncthreads();  // nobody reads da any more
  }
  if (kWindow > 1 && x_bytes > 0) {
    constexpr int kRows = L::kThreads / L::kPlanes;
    clear_outside(p, windows, channel, channels - channel, blockIdx.x * kRows + x_row, gridDim.x * kRows);
  }
  sums.store(p.x_sums + chunk * 2, da, L::kPlanes, L::kThreads, channels - chunk);
}

}  // namespace dn
#endif
