// Sums over pixels after a product: of what a warp has staged, and of fragments.
#ifndef DENSENET4J_CUDA_STATISTICS_CUH
#define DENSENET4J_CUDA_STATISTICS_CUH

#include "exact_sum.cuh"
#include "planes.cuh"

namespace dn {

// Batch statistics. A warp's tile lies in shared memory as it will lie in memory. Each lane owns pairs of channels and
// sums down the pixels: no shuffles, and the sums are those of the rounded values, which is what consumers read. Values
// of float32 are taken from the lane's first one, or their squares would lose a variance that is small beside the mean.
// Warps in their order have kGroups of kChannels.
template <class T, int kChannels, int kWarps, int kGroups = 1>
class ColumnSums {
  static constexpr int kThreads = 32 * kWarps, kPairs = kChannels / 2, kOwned = (kPairs + 31) / 32;
  static constexpr bool kFromFirst = sizeof(T) == 4;

 public:
  __device__ ColumnSums() {
#pragma unroll
    for (int j = 0; j < kOwned; j++) sum_[j] = square_[j] = first_[j] = make_float2(0, 0);
  }

  __device__ void add(const char* tile, int pitch, int rows, int lane) {
#pragma unroll
    for (int j = 0; j < kOwned; j++) {
      const int pair = lane + 32 * j;
      if (kPairs % 32 && pair >= kPairs) continue;
      const char* const column = tile + pair * 2 * sizeof(T);
      if (kFromFirst && count_ == 0 && rows > 0) {
        const auto v = *reinterpret_cast<const Pair<T>*>(column);
        first_[j] = make_float2(low(v), high(v));
      }
      for (int row = 0; row < rows; row++) {
        const auto v = *reinterpret_cast<const Pair<T>*>(column + row * pitch);
        const float l = kFromFirst ? low(v) - first_[j].x : low(v), h = kFromFirst ? high(v) - first_[j].y : high(v);
        sum_[j].x += l;
        sum_[j].y += h;
        square_[j].x = fmaf(l, l, square_[j].x);
        square_[j].y = fmaf(h, h, square_[j].y);
      }
    }
    count_ += max(rows, 0);
  }

  // Added to sums (used, 2), through `scratch` (2 * kWarps * kChannels values). All threads; barriers.
  __device__ void store(ExactSum* sums, void* memory, int used) const {
    auto* const scratch = static_cast<Wide<T>*>(memory);
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    __syncthreads();
#pragma unroll
    for (int j = 0; j < kOwned; j++) {
      const int pair = lane + 32 * j;
      if (kPairs % 32 && pair >= kPairs) continue;
      Wide<T>* const to = scratch + warp * 2 * kChannels + 2 * pair;
      store(to, sum_[j].x, square_[j].x, first_[j].x);
      store(to + 1, sum_[j].y, square_[j].y, first_[j].y);
    }
    __syncthreads();
    for (int i = threadIdx.x; i < 2 * kChannels * kGroups; i += kThreads) {
      const int group = i / (2 * kChannels), which = i / kChannels % 2, channel = group * kChannels + i % kChannels;
      if (channel >= used) continue;
      const Wide<T>* const of_group = scratch + group * (kWarps / kGroups - 1) * 2 * kChannels;
      Wide<T> total = 0;
      for (int w = 0; w < kWarps / kGroups; w++) total += of_group[w * 2 * kChannels + i];
      add_exact(sums + channel * 2 + which, total);
    }
  }

 private:
  __device__ void store(Wide<T>* to, Wide<T> sum, Wide<T> square, Wide<T> first) const {
    const Wide<T> all = kFromFirst ? count_ * first : 0;
    to[0] = all + sum;
    to[kChannels] = kFromFirst ? square + first * (2 * sum + all) : square;
  }

  float2 sum_[kOwned], square_[kOwned], first_[kOwned];
  int count_ = 0;
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

// Of a thread's channels, kCount that follow each other, two sums each; threads with the same are `planes` apart.
template <class Sum, int kCount>
struct VectorSums {
  Sum first[kCount] = {}, second[kCount] = {};

  // Added to sums (kCount * planes, 2), of which `used` channels are there, through scratch (2, threads * kCount). All
  // threads.
  __device__ void store(ExactSum* sums, void* memory, int planes, int threads, int used) const {
    auto* const scratch = static_cast<Sum*>(memory);
    const int tid = threadIdx.x, plane = tid % planes, row = tid / planes, rows = threads / planes;
    __syncthreads();
    if (row < rows) {
#pragma unroll
      for (int j = 0; j < kCount; j++) {
        scratch[row * planes * kCount + plane * kCount + j] = first[j];
        scratch[(rows + row) * planes * kCount + plane * kCount + j] = second[j];
      }
    }
    __syncthreads();
    for (int i = tid; i < 2 * planes * kCount; i += threads) {
      const int which = i / (planes * kCount), channel = i - which * planes * kCount;
      if (channel >= used) continue;
      Sum total = 0;
      for (int r = 0; r < rows; r++) total += scratch[(which * rows + r) * planes * kCount + channel];
      add_exact(sums + channel * 2 + which, total);
    }
  }
};

}  // namespace dn
#endif
