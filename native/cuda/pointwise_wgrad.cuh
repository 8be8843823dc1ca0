// The gradient of the weights: dw (y, x channels) = dy^T (y, pixels) a (pixels, x channels). A block takes 64 channels
// of y and 64 of x (blockIdx.y) and tiles of 64 pixels, a warp 16 x 64; its sums stay in registers until the end.
#ifndef DENSENET4J_CUDA_POINTWISE_WGRAD_CUH
#define DENSENET4J_CUDA_POINTWISE_WGRAD_CUH

#include "pointwise_bprop.cuh"

namespace dn {

template <class T>
struct PointwiseWgradLayout {
  static constexpr int kThreads = 128, kPixels = 64, kChunk = 64, kPlanes = kChunk / kVector<T>;
  static constexpr int kRows = kThreads / kPlanes, kPlane = plane_bytes(kPixels);
  // {scale, shift} of a plane, and 16 bytes more: lanes of different planes do not conflict.
  static constexpr int kXAffinePlane = kVector<T> * 8 + 16;
  static constexpr int kXAffine = 0, kYAffine = kXAffine + kPlanes * kXAffinePlane;
  static constexpr int kDy = kYAffine + spread<T>(kChunk) * 16;
  static constexpr int kA = kDy + kPlanes * kPlane, kBytes = kA + kPlanes * kPlane;
};

template <int kWindow, class T>
__device__ __forceinline__ void pointwise_wgrad(const Tiled<PointwiseBprop<T>>& p) {
  using L = PointwiseWgradLayout<T>;
  constexpr int kTilePlanes = 8 / kVector<T>;
  extern __shared__ __align__(128) char memory[];
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32;
  const int channels = p.channels, y_channels = p.y_channels, x_chunks = (channels + L::kChunk - 1) / L::kChunk;
  const int x_chunk = blockIdx.y % x_chunks * L::kChunk, y_chunk = blockIdx.y / x_chunks * L::kChunk;
  const Windows<kWindow> windows(p.height, p.width);
  const int pixels = static_cast<int>(p.images) * windows.rows * windows.columns;
  const Tiles tiles((pixels + L::kPixels - 1) / L::kPixels, p.reversed);
  char* const x_affine = memory + L::kXAffine;
  auto* y_affine = reinterpret_cast<float4*>(memory + L::kYAffine);
  for (int i = tid; i < L::kChunk; i += L::kThreads) {
    const float4 v = x_chunk + i < channels ? reading<T>(p.reader, x_chunk + i) : make_float4(0, 0, 0, 0);
    reinterpret_cast<float2*>(x_affine + i / kVector<T> * L::kXAffinePlane)[i % kVector<T>] = make_float2(v.x, v.y);
  }
  wait_for_predecessor();
  store_correction(y_affine, p, y_chunk, L::kChunk, L::kThreads, false);
  __syncthreads();

  const int plane = tid % L::kPlanes, row0 = tid / L::kPlanes;
  const int x_channel = x_chunk + plane * kVector<T>, y_channel = y_chunk + plane * kVector<T>;
  const int x_bytes = valid_bytes<T>(channels, x_channel), y_bytes = valid_bytes<T>(y_channels, y_channel);
  const uint32_t dy = shared_address(memory + L::kDy), a = shared_address(memory + L::kA);
  const Products<T> products(p.tf32);
  float dw[1][8][4];
  clear(dw);
  for (int tile = tiles.first; tiles.has(tile); tile += tiles.step) {
#pragma unroll 2
    for (int row = row0; row < L::kPixels; row += L::kRows) {
      const int64_t pixel = tile * L::kPixels + row;
      const bool there = pixel < pixels;
      const uint4 of_s = load_valid(p.gy + pixel * p.gy_pitch + y_channel, there ? y_bytes : 0);
      const uint4 of_y = load_valid(p.y + pixel * p.y_pitch + y_channel, there ? y_bytes : 0);
      const int64_t first = there ? windows.first(static_cast<int>(pixel)) : 0;
      uint4 x[kWindow * kWindow];
#pragma unroll
      for (int i = 0; i < kWindow * kWindow; i++) {
        x[i] = load_valid(p.x + (first + windows.offset(i)) * p.x_pitch + x_channel, there ? x_bytes : 0);
      }
      const uint4 none = make_uint4(0, 0, 0, 0);
      *reinterpret_cast<uint4*>(memory + L::kDy + plane * L::kPlane + row * 16) =
          there ? corrected<T>(of_s, of_y, y_affine + spread<T>(plane * kVector<T>)) : none;
      *reinterpret_cast<uint4*>(memory + L::kA + plane * L::kPlane + row * 16) =
          there ? mean_rectified<T>(x, reinterpret_cast<const float4*>(x_affine + plane * L::kXAffinePlane)) : none;
    }
    __syncthreads();
#pragma unroll
    for (int k = 0; k < L::kPixels / kDepth<T>; k++) {
      uint32_t r[4];
      load_a_transposed<T>(r, dy + warp * 2 * kTilePlanes * L::kPlane + k * kDepth<T> * 16, L::kPlane, lane);
      const Factors<T> rows = products.factors(r);
#pragma unroll
      for (int n = 0; n < 8; n += 2) {
        load_b_transposed<T>(r, a + n * kTilePlanes * L::kPlane + k * kDepth<T> * 16, L::kPlane, lane);
        const Factors<T> columns = products.factors(r);
        products.add(dw[0][n], rows, columns, 0);
        products.add(dw[0][n + 1], rows, columns, 2);
      }
    }
    __syncthreads();
  }
  float* partials = p.w_partials + part_of_block(p.reversed) * y_channels * channels;
#pragma unroll
  for (int n = 0; n < 8; n++) {
#pragma unroll
    for (int e = 0; e < 4; e++) {
      const int y = y_chunk + warp * 16 + e / 2 * 8 + lane / 4, c = x_chunk + n * 8 + lane % 4 * 2 + e % 2;
      if (y < y_channels && c < channels) partials[static_cast<int64_t>(y) * channels + c] = dw[0][n][e];
    }
  }
}

}  // namespace dn
#endif
