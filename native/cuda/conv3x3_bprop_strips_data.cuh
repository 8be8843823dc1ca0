// The gradient of z in conv3x3_bprop_strips.cuh.
#ifndef DENSENET4J_CUDA_CONV3X3_BPROP_STRIPS_DATA_CUH
#define DENSENET4J_CUDA_CONV3X3_BPROP_STRIPS_DATA_CUH

#include "conv3x3_bprop_strips_block.cuh"

namespace dn {

// What a warp has of a tile: 16 strips, and tiles of 8 channels of z.
template <class Layout>
struct Conv3x3DataShare {
  int group, first_tile;
  __device__ __forceinline__ explicit Conv3x3DataShare(int warp)
      : group(warp / Layout::kSplit), first_tile(warp % Layout::kSplit * Layout::kTiles) {}
};

// da (strips, z channels) += three rows of taps of one column: dy (strips, 16 y channels) w (16 y channels, z channels)
template <class Layout>
__device__ __forceinline__ void add_column_of_taps(float (&da)[Layout::kRows][Layout::kTiles][4], uint32_t dy_rows,
                                                   uint32_t weights) {
  constexpr int kRows = Layout::kRows, kTiles = Layout::kTiles;
  uint32_t b[3][kTiles / 2][4];
#pragma unroll
  for (int t = 0; t < 3; t++)
#pragma unroll
    for (int n = 0; n < kTiles / 2; n++)
      load_transposed(b[t][n], weights + (3 * t * Layout::kZTiles + 2 * n) * Layout::kY * 16);
#pragma unroll
  for (int j = 0; j < kRows + 2; j++) {
    uint32_t a[4];
    load_matrices(a, dy_rows + j * Layout::kRow);
#pragma unroll
    for (int t = 0; t < 3; t++) {
      const int o = j + t - 2;
      if (o < 0 || o >= kRows) continue;
#pragma unroll
      for (int n = 0; n < kTiles; n++) multiply_bf16(da[o][n], a, b[t][n / 2][n % 2 * 2], b[t][n / 2][n % 2 * 2 + 1]);
    }
  }
}

template <class Layout>
__device__ __forceinline__ void multiply_by_weights(float (&da)[Layout::kRows][Layout::kTiles][4],
                                                    const Conv3x3BpropBlock<Layout>& block,
                                                    const Conv3x3DataShare<Layout>& share, int i, int lane) {
  constexpr int kY = Layout::kY, kYSteps = Layout::kYSteps, kDyPlane = Layout::kDyPlane;
  const int strip_of_lane = share.group * 16 + lane % 16;
  const Strip strip = block.table(i)[1 + strip_of_lane];
  uint32_t at_weights = block.weights + ((share.first_tile + lane / 16) * kY + lane % 16) * 16;
  uint32_t at_dy = shared_address(block.dy(i)) + lane / 16 * kDyPlane + (strip_of_lane + 2) * 16;
  // of three columns of taps whether dy is in the image, the next one first
  uint32_t there = has_neighbour(strip, block.width, 0) | 2 | has_neighbour(strip, block.width, 2) << 2;
#pragma unroll 1
  for (int step = 0; step < opaque(3 * kYSteps); step++) {
    add_column_of_taps<Layout>(da, there & 1 ? at_dy : block.zeros + (at_dy & 112), at_weights);
    if (kYSteps == 2 && step % 2 == 0) {
      at_weights += 256;
      at_dy += 2 * kDyPlane;
    } else {
      at_weights += (Layout::kZTiles * kY - 16 * (kYSteps - 1)) * 16;
      at_dy -= 2 * kDyPlane * (kYSteps - 1) + 16;
      there >>= 1;
    }
  }
}

// dz = da where relu(bn(z)) > 0: its sums, gamma dz into the staging, and relu(bn(z)) in place of z.
template <class Layout>
__device__ __forceinline__ void mask_and_sum(const float (&da)[Layout::kRows][Layout::kTiles][4],
                                             const Conv3x3BpropBlock<Layout>& block,
                                             const Conv3x3DataShare<Layout>& share, char* z_values, int i, int lane,
                                             int warp) {
  constexpr int kRows = Layout::kRows, kTiles = Layout::kTiles;
  const int low_rows = block.table(i)[1 + share.group * 16 + lane / 4].rows,
            high_rows = block.table(i)[1 + share.group * 16 + lane / 4 + 8].rows;
  char* const staging = block.staging(warp);
  auto* const z_sums = block.z_sums(warp, lane);
  float sums[8];
#pragma unroll
  for (int n = 0; n < kTiles; n++) {
    const int plane = share.first_tile + n;
    const float4* const affine = block.z_affine() + plane * 8 + lane % 4 * 2;
    const float4 l = affine[0], h = affine[1];
    float* const sum = sums + n % 2 * 4;
    sum[0] = sum[1] = sum[2] = sum[3] = 0;
#pragma unroll
    for (int half = 0; half < 2 * kRows; half++) {
      const int o = half / 2, row = half % 2 * 8 + lane / 4;
      const bool there = o < (half % 2 ? high_rows : low_rows);
      auto* z = reinterpret_cast<uint32_t*>(z_values + plane * Layout::kPlane +
                                            (o * Layout::kStrips + share.group * 16 + row) * 16 + lane % 4 * 4);
      const float z0 = low(*z), z1 = high(*z);
      const float before0 = there ? fmaf(z0, l.x, l.y) : 0, before1 = there ? fmaf(z1, h.x, h.y) : 0;
      const float dz0 = before0 > 0 ? da[o][n][half % 2 * 2] : 0, dz1 = before1 > 0 ? da[o][n][half % 2 * 2 + 1] : 0;
      sum[0] += dz0;
      sum[1] += dz1;
      sum[2] = fmaf(dz0, z0, sum[2]);
      sum[3] = fmaf(dz1, z1, sum[3]);
      *reinterpret_cast<uint32_t*>(staging + (o * 16 + row) * Layout::kOutPitch + n * 16 + lane % 4 * 4) =
          pack<bf16>(l.w * dz0, h.w * dz1);
      *z = pack_relu<bf16>(before0, before1);
    }
    // dz (z - mean), summed: the mean is read again, or it would take registers.
    const uint32_t at_mean = shared_address(&affine->z);
    sum[2] = fmaf(-__uint_as_float(load_shared(at_mean)), sum[0], sum[2]);
    sum[3] = fmaf(-__uint_as_float(load_shared(at_mean + 16)), sum[1], sum[3]);
    if (n % 2) z_sums[n / 2 * 32].add(sums, lane);
  }
}

template <class Layout>
__device__ __forceinline__ void data_gradient(const Conv3x3BpropBlock<Layout>& block) {
  const int tid = thread_now(), lane = tid % 32, warp = tid / 32, i = block.turn();
  const Conv3x3DataShare<Layout> share(warp);
  char* const z_values = block.z(i);
  float da[Layout::kRows][Layout::kTiles][4];
  clear(da);
  multiply_by_weights(da, block, share, i, lane);
  mask_and_sum(da, block, share, z_values, i, lane, warp);
}

// What a warp has staged goes to the gradient of z.
template <class Layout>
__device__ __forceinline__ void store_data_gradient(const Conv3x3BpropBlock<Layout>& block, int i, int lane, int warp) {
  constexpr int kTiles = Layout::kTiles;
  const Conv3x3DataShare<Layout> share(warp);
  const int plane = share.first_tile + lane % kTiles;
  const char* const staging = block.staging(warp) + lane % kTiles * 16;
#pragma unroll 1
  for (int s = lane / kTiles; s < 16; s += 32 / kTiles) {
    const Strip strip = block.table(i)[1 + share.group * 16 + s];
    for (int o = 0; o < strip.rows; o++)
      store_staged(block.p, strip.pixel + o * block.width, block.chunk + plane * kVector<bf16>,
                   staging + (o * 16 + s) * Layout::kOutPitch);
  }
}

// A group's sums of z: (2, kGroups, kZ).
template <class Layout>
__device__ __forceinline__ void store_z_sums(float* sums, const Conv3x3BpropBlock<Layout>& block, int lane, int warp) {
  const Conv3x3DataShare<Layout> share(warp);
  const auto* const of_lane = block.z_sums(warp, lane);
#pragma unroll
  for (int n = 0; n < Layout::kTiles; n += 2)
    of_lane[n / 2 * 32].store(sums + share.group * Layout::kZ + (share.first_tile + n) * 8,
                              Layout::kGroups * Layout::kZ, lane);
}

template <class Layout>
__device__ __forceinline__ void add_z_sums(const float* sums, const Conv3x3BpropBlock<Layout>& block, int tid) {
  constexpr int kGroups = Layout::kGroups, kZ = Layout::kZ;
  for (int i = tid; i < 2 * kZ; i += Layout::kThreads) {
    const int which = i / kZ, channel = i % kZ;
    if (block.chunk + channel >= block.z_channels) continue;
    float total = 0;
    for (int g = 0; g < kGroups; g++) total += sums[(which * kGroups + g) * kZ + channel];
    add_exact(block.p.z_sums + (block.chunk + channel) * 2 + which, total);
  }
}

}  // namespace dn
#endif
