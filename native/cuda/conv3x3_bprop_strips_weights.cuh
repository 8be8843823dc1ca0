// The gradient of the weights in conv3x3_bprop_strips.cuh.
#ifndef DENSENET4J_CUDA_CONV3X3_BPROP_STRIPS_WEIGHTS_CUH
#define DENSENET4J_CUDA_CONV3X3_BPROP_STRIPS_WEIGHTS_CUH

#include "conv3x3_bprop_strips_block.cuh"

namespace dn {

// What a warp has: 16 channels of y, tiles of 8 channels of z, and one of kPixelGroups parts of the pixels. Warps
// beyond kOfPixels have other pixels of what those before them have.
template <class Layout>
struct Conv3x3WeightsShare {
  static constexpr int kOfPixels = Layout::kYSteps * Layout::kDwParts;
  int y_step, first_tile, pixel_group;
  __device__ __forceinline__ explicit Conv3x3WeightsShare(int warp)
      : y_step(warp % Layout::kYSteps),
        first_tile(warp / Layout::kYSteps % Layout::kDwParts * Layout::kDwTiles),
        pixel_group(warp / kOfPixels) {}
};

// dw[tap] (16 y channels, z channels) += dy[p - tap]^T relu(bn(z))[p], of 16 strips: rows of dy by the column of a tap.
template <class Layout>
__device__ __forceinline__ void add_strips(float (&dw)[9][Layout::kDwTiles][4], const uint32_t (&dy_rows)[3],
                                           uint32_t at_z) {
  constexpr int kRows = Layout::kRows, kDwTiles = Layout::kDwTiles;
  uint32_t b[kRows][kDwTiles / 2][4];
#pragma unroll
  for (int j = 0; j < kRows + 2; j++) {
    if (j < kRows) {
#pragma unroll
      for (int n = 0; n < kDwTiles / 2; n++)
        load_transposed(b[j][n], at_z + 2 * n * Layout::kPlane + j * Layout::kStrips * 16);
    }
#pragma unroll
    for (int tap = 0; tap < 3; tap++) {
      uint32_t a[4];
      load_transposed(a, dy_rows[tap] + j * Layout::kRow);
#pragma unroll
      for (int t = 0; t < 3; t++) {
        const int o = j + t - 2;
        if (o < 0 || o >= kRows) continue;
#pragma unroll
        for (int n = 0; n < kDwTiles; n++)
          multiply_bf16(dw[3 * t + tap][n], a, b[o][n / 2][n % 2 * 2], b[o][n / 2][n % 2 * 2 + 1]);
      }
    }
  }
}

// A tile's part of the gradient.
template <class Layout>
__device__ __forceinline__ void add_weight_gradient(float (&dw)[9][Layout::kDwTiles][4],
                                                    const Conv3x3BpropBlock<Layout>& block, int i, int lane, int warp) {
  const Conv3x3WeightsShare<Layout> share(warp);
#pragma unroll 1
  for (int group = share.pixel_group; group < Layout::kGroups; group += Layout::kPixelGroups) {
    const Strip strip = block.table(i)[1 + group * 16 + lane / 16 * 8 + lane % 8];
    const uint32_t at_z =
        shared_address(block.z(i)) + (share.first_tile + lane / 16) * Layout::kPlane + (group * 16 + lane % 16) * 16;
    const uint32_t at_dy = shared_address(block.dy(i)) + (2 * share.y_step + lane / 8 % 2) * Layout::kDyPlane +
                           (group * 16 + lane / 16 * 8 + lane % 8 + 2) * 16;
    uint32_t rows[3];
#pragma unroll
    for (int tap = 0; tap < 3; tap++) {
      const uint32_t column = at_dy - tap * 16;
      rows[tap] = has_neighbour(strip, block.width, tap) ? column : block.zeros + (column & 112);
    }
    add_strips<Layout>(dw, rows, at_z);
  }
}

// Adds up what two warps have of two halves of the pixels, in the first one.
template <class Layout>
__device__ __forceinline__ void add_pixel_groups(float (&dw)[9][Layout::kDwTiles][4],
                                                 const Conv3x3BpropBlock<Layout>& block, int lane, int warp) {
  static_assert(Layout::kPixelGroups == 2, "");
  constexpr int kOfPixels = Conv3x3WeightsShare<Layout>::kOfPixels, kDwTiles = Layout::kDwTiles;
  auto* const of_lane =
      reinterpret_cast<float4*>(block.memory() + Layout::kStages) + warp % kOfPixels * 9 * kDwTiles * 32 + lane;
  if (warp >= kOfPixels) {
#pragma unroll
    for (int t = 0; t < 9; t++)
#pragma unroll
      for (int n = 0; n < kDwTiles; n++)
        of_lane[(t * kDwTiles + n) * 32] = make_float4(dw[t][n][0], dw[t][n][1], dw[t][n][2], dw[t][n][3]);
  }
  __syncthreads();  // the other pixels' are there
  if (warp < kOfPixels) {
#pragma unroll
    for (int t = 0; t < 9; t++)
#pragma unroll
      for (int n = 0; n < kDwTiles; n++) {
        const float4 v = of_lane[(t * kDwTiles + n) * 32];
        dw[t][n][0] += v.x;
        dw[t][n][1] += v.y;
        dw[t][n][2] += v.z;
        dw[t][n][3] += v.w;
      }
  }
}

// Four lanes store a sector of dw.
template <class Layout>
__device__ __forceinline__ void store_weight_gradient(const float (&dw)[9][Layout::kDwTiles][4],
                                                      const Conv3x3BpropBlock<Layout>& block, int lane, int warp) {
  const Conv3x3WeightsShare<Layout> share(warp);
  const int z_channels = block.z_channels, y_channels = block.y_channels;
  const int64_t part = load_shared(shared_address(block.memory() + Layout::kPart));
  float* partials = block.p.w_partials + part * 9 * y_channels * z_channels;
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const int y = share.y_step * 16 + half * 8 + lane / 4;
    if (y >= y_channels || warp >= share.kOfPixels) continue;
#pragma unroll
    for (int t = 0; t < 9; t++)
#pragma unroll
      for (int n = 0; n < Layout::kDwTiles; n++) {
        const int z = block.chunk + (share.first_tile + n) * 8 + lane % 4 * 2;
        float* to = partials + (t * y_channels + y) * z_channels + z;
        if (z_channels % 2 == 0) {
          if (z < z_channels) store_vector(to, make_float2(dw[t][n][half * 2], dw[t][n][half * 2 + 1]));
        } else {
          if (z < z_channels) to[0] = dw[t][n][half * 2];
          if (z + 1 < z_channels) to[1] = dw[t][n][half * 2 + 1];
        }
      }
  }
}

}  // namespace dn
#endif
