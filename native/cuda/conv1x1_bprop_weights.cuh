// The gradient of the weights in conv1x1_bprop.cuh: what a warp has of it, and how it leaves a block.
#ifndef DENSENET4J_CUDA_CONV1X1_BPROP_WEIGHTS_CUH
#define DENSENET4J_CUDA_CONV1X1_BPROP_WEIGHTS_CUH

#include "planes.cuh"
#include "vector.cuh"

namespace dn {

template <int z_tiles, int row_warps, int n_tiles, int chunk, bool by_z>
struct Conv1x1Dw {
  static constexpr int kTiles = by_z ? z_tiles / row_warps : z_tiles;  // of 16 channels of z, a warp
  static_assert(!by_z || z_tiles % row_warps == 0, "");
  // 8 floats of padding: a fragment's 8 rows of 4 pairs are then in 32 different pairs of banks, half a warp at a time.
  static constexpr int kPitch = chunk + 8, kZRows = 16 * z_tiles, kBytes = by_z ? 0 : row_warps * kZRows * kPitch * 4;
  static constexpr int kThreads = 256;
  float v[kTiles][n_tiles][4];

  __device__ __forceinline__ Conv1x1Dw() { clear(v); }

  // To (z_channels, channels), of which the block has the first `here` from `to` on. All threads; barriers.
  __device__ __forceinline__ void store(float* to, int channels, int here, int z_channels, float* scratch, int row_warp,
                                        int column_warp) const {
    if (by_z) {
      store_own(to, channels, here, z_channels, row_warp, column_warp);
    } else {
      store_sums(to, channels, here, z_channels, scratch, row_warp, column_warp);
    }
  }

 private:
  __device__ __forceinline__ void store_own(float* partials, int channels, int here, int z_channels, int row_warp,
                                            int column_warp) const {
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int m = 0; m < kTiles; m++)
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const int z = (row_warp * kTiles + m) * 16 + half * 8 + lane / 4;
        if (z >= z_channels) continue;
#pragma unroll
        for (int n = 0; n < n_tiles; n++) {
          const int channel = (column_warp * n_tiles + n) * 8 + lane % 4 * 2;
          float* to = partials + static_cast<int64_t>(z) * channels + channel;
          if (channels % 2 == 0) {
            if (channel < here) *reinterpret_cast<float2*>(to) = make_float2(v[m][n][half * 2], v[m][n][half * 2 + 1]);
          } else {
            if (channel < here) to[0] = v[m][n][half * 2];
            if (channel + 1 < here) to[1] = v[m][n][half * 2 + 1];
          }
        }
      }
  }

  // Warps of the same channels add up what they have.
  __device__ __forceinline__ void store_sums(float* partials, int channels, int here, int z_channels, float* scratch,
                                             int row_warp, int column_warp) const {
    const int lane = threadIdx.x % 32;
    __syncthreads();
#pragma unroll
    for (int m = 0; m < kTiles; m++)
#pragma unroll
      for (int n = 0; n < n_tiles; n++)
#pragma unroll
        for (int half = 0; half < 2; half++) {
          const int z = m * 16 + half * 8 + lane / 4, channel = (column_warp * n_tiles + n) * 8 + lane % 4 * 2;
          *reinterpret_cast<float2*>(scratch + (row_warp * kZRows + z) * kPitch + channel) =
              make_float2(v[m][n][half * 2], v[m][n][half * 2 + 1]);
        }
    __syncthreads();
    const int used = min(z_channels, kZRows);
    if (channels % 4 == 0) {
      add_up<4>(partials, channels, here, used, scratch);
    } else {
      add_up<1>(partials, channels, here, used, scratch);
    }
  }

  template <int kWidth>
  __device__ __forceinline__ void add_up(float* partials, int channels, int here, int used,
                                         const float* scratch) const {
    constexpr int kAcross = chunk / kWidth;
    for (int i = threadIdx.x; i < used * kAcross; i += kThreads) {
      const int z = i / kAcross, channel = i % kAcross * kWidth;
      if (channel >= here) continue;
      Vector<kWidth> total = {};
#pragma unroll
      for (int w = 0; w < row_warps; w++) {
        const auto part = load<kWidth>(scratch + (w * kZRows + z) * kPitch + channel);
#pragma unroll
        for (int e = 0; e < kWidth; e++) total.value[e] += part.value[e];
      }
      dn::store(partials + static_cast<int64_t>(z) * channels + channel, total);
    }
  }
};

}  // namespace dn
#endif
