// Sums over pixels after a product: of what a warp has staged, and of fragments.
#ifndef DENSENET4J_CUDA_STATISTICS_CUH
#define DENSENET4J_CUDA_STATISTICS_CUH

#include "exact_sum.cuh"
#include "planes.cuh"

namespace dn {

// Batch statistics. A warp's tile lies in shared memory as it will lie in memory. Each lane owns pairs of channels and
// sums down the pixels: no shuffles, and the sums are those of the rounded values, which is what consumers read.
template <int kChannels, int kWarps>
struct ColumnSums {
  static constexpr int kThreads = 32 * kWarps, kPairs = kChannels / 2, kOwned = (kPairs + 31) / 32;
  float2 sum[kOwned], square[kOwned];

  __device__ ColumnSums() {
#pragma unroll
    for (int j = 0; j < kOwned; j++) sum[j] = square[j] = make_float2(0, 0);
  }

  __device__ void add(const char* tile, int pitch, int rows, int lane) {
#pragma unroll
    for (int j = 0; j < kOwned; j++) {
      const int pair = lane + 32 * j;
      if (kPairs % 32 && pair >= kPairs) continue;
      for (int row = 0; row < rows; row++) {
        const uint32_t v = *reinterpret_cast<const uint32_t*>(tile + row * pitch + pair * 4);
        sum[j].x += low(v);
        sum[j].y += high(v);
        square[j].x = fmaf(low(v), low(v), square[j].x);
        square[j].y = fmaf(high(v), high(v), square[j].y);
      }
    }
  }

  // Added to sums (used, 2), through `scratch` (2 * kWarps * kChannels). All threads; barriers.
  __device__ void store(ExactSum* sums, float* scratch, int used) {
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    __syncthreads();
#pragma unroll
    for (int j = 0; j < kOwned; j++) {
      const int pair = lane + 32 * j;
      if (kPairs % 32 && pair >= kPairs) continue;
      float* to = scratch + warp * 2 * kChannels + 2 * pair;
      to[0] = sum[j].x;
      to[1] = sum[j].y;
      to[kChannels] = square[j].x;
      to[kChannels + 1] = square[j].y;
    }
    __syncthreads();
    for (int i = threadIdx.x; i < 2 * kChannels; i += kThreads) {
      const int channel = i % kChannels, which = i / kChannels;
      if (channel >= used) continue;
      float total = 0;
      for (int w = 0; w < kWarps; w++) total += scratch[w * 2 * kChannels + i];
      add_exact(sums + channel * 2 + which, total);
    }
  }
};

// Two sums a column over the rows that the lanes of a warp hold of two fragments (16, 8). Lanes exchange halves of what
// they have, so seven shuffles do it and a lane keeps one sum instead of eight.
struct FragmentSums {
  float sum = 0;

  // values[4 * t + 2 * which + e] is of column 8 * t + 2 * (lane % 4) + e; used up.
  __device__ __forceinline__ void add(float (&values)[8], int lane) {
#pragma unroll
    for (int half = 4; half; half /= 2) {
      const bool upper = lane & 4 * half;
#pragma unroll
      for (int j = 0; j < half; j++) {
        const float sent = upper ? values[j] : values[j + half], kept = upper ? values[j + half] : values[j];
        values[j] = kept + __shfl_xor_sync(~0u, sent, 4 * half);
      }
    }
    sum += values[0];
  }

  // to[which * stride + column]
  __device__ __forceinline__ void store(float* to, int stride, int lane) const {
    to[lane / 8 % 2 * stride + lane / 16 * 8 + lane % 4 * 2 + lane / 4 % 2] = sum;
  }
};

// One of a thread's eight channels a value, two sums each; threads with the same plane are `planes` apart.
struct VectorSums {
  float first[kVector] = {}, second[kVector] = {};

  // Added to sums (8 * planes, 2), of which `used` channels are there, through scratch (2, threads * 8). All threads.
  __device__ void store(ExactSum* sums, float* scratch, int planes, int threads, int used) const {
    const int tid = threadIdx.x, plane = tid % planes, row = tid / planes, rows = threads / planes;
    __syncthreads();
    if (row < rows) {
#pragma unroll
      for (int j = 0; j < kVector; j++) {
        scratch[row * planes * kVector + plane * kVector + j] = first[j];
        scratch[(rows + row) * planes * kVector + plane * kVector + j] = second[j];
      }
    }
    __syncthreads();
    for (int i = tid; i < 2 * planes * kVector; i += threads) {
      const int which = i / (planes * kVector), channel = i - which * planes * kVector;
      if (channel >= used) continue;
      float total = 0;
      for (int r = 0; r < rows; r++) total += scratch[(which * rows + r) * planes * kVector + channel];
      add_exact(sums + channel * 2 + which, total);
    }
  }
};

}  // namespace dn
#endif
