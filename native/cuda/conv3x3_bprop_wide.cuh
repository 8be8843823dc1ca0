// The kernel of bnrelu_conv3x3_bprop.cu for up to 32 channels of y.
//
// z_tiles / 2 warps; a tile is 32 * row_groups pixels. Of da a warp takes 32 pixels and a share of the chunk of z. Of
// dw it takes all taps, 16 channels of y, 32 of z and all pixels: 144 registers that live over all tiles and are stored
// from where they are. So each row of dy or z that ldmatrix fetches serves four (da: 32 x 64) or nine by four products.
#ifndef DENSENET4J_CUDA_CONV3X3_BPROP_WIDE_CUH
#define DENSENET4J_CUDA_CONV3X3_BPROP_WIDE_CUH

#include "conv3x3_bprop.cuh"
#include "conv3x3_bprop_wide_layout.cuh"

namespace dn {

template <int z_tiles, int row_groups>
__device__ __forceinline__ void conv3x3_bprop_wide(const Conv3x3Bprop<bf16>& p) {
  using Layout = Conv3x3BpropWideLayout<z_tiles, row_groups>;
  constexpr int kPlane = Layout::kPlane, kPixels = Layout::kPixels, kN = Layout::kThreads, kTiles = Layout::kTiles;
  extern __shared__ __align__(128) char memory[];
  const int pixels = p.pixels, height = p.height, width = p.width, z_channels = p.z_channels, y_channels = p.y_channels;
  const int64_t z_pitch = p.z_pitch;
  const Layout at(width);
  const int tid = threadIdx.x;
  const int dy_rows = kPixels + 2 * width + 2, chunk = blockIdx.y * Layout::kZ;
  auto* y_affine = reinterpret_cast<float4*>(memory + Layout::kYAffine);  // dy = a * s + b * y + d: {a, b, d, 0}
  auto* z_affine = reinterpret_cast<float4*>(memory + Layout::kZAffine);  // {scale, shift, mean, gamma}
  char* const y_values = memory + Layout::kDy + 8 * at.dy_plane;
  const uint32_t zeros = shared_address(memory + Layout::kZeros), weights = shared_address(memory + Layout::kWeights);

  // Small loads go before large copies, which they would wait behind.
  static_assert(Layout::kZ <= kN, "a thread has one channel of z");
  float4 of_z = make_float4(0, 1, 0, 0);
  float beta = 0;
  if (tid < Layout::kZ && chunk + tid < z_channels) {
    const int c = chunk + tid;
    of_z = make_float4(p.reader.gamma[c], p.reader.variance[c], p.reader.mean[c], 0);
    beta = p.reader.beta[c];
  }
  {
    const int w_planes = p.w_planes, w_rows = p.w_rows;
    for (int i = tid; i < 9 * z_tiles * 32; i += kN) {
      const int tap = i / (z_tiles * 32), plane = chunk / kVector<bf16> + i / 32 % z_tiles;
      const bool there = plane < w_planes;
      copy_async(weights + i * 16,
                 there ? p.w + (static_cast<int64_t>(tap * w_planes + plane) * w_rows + i % 32) * kVector<bf16> : p.w,
                 there ? 16 : 0);
    }
  }
  // Channels beyond y_channels stay 0.
  for (int i = tid; i < 8 * at.dy_plane / 16; i += kN)
    reinterpret_cast<uint4*>(memory + Layout::kDy)[i] = make_uint4(0, 0, 0, 0);
  if (tid < 8) *reinterpret_cast<uint4*>(memory + Layout::kZeros + tid * 16) = make_uint4(0, 0, 0, 0);
  if (tid < Layout::kZ) {
    const float2 affine = scale_shift<bf16>(of_z.z, of_z.y, of_z.x, beta);
    z_affine[tid] = make_float4(affine.x, affine.y, of_z.z, of_z.x);
  }
  wait_for_predecessor();
  __syncthreads();  // zeros are there, before what is copied over them

  const int tiles = (pixels + kPixels - 1) / kPixels;
  const int mine =
      (tiles - static_cast<int>(blockIdx.x) + static_cast<int>(gridDim.x) - 1) / static_cast<int>(gridDim.x);
  const auto fetch = [&](int i) {
    if (i < mine) {
      const int tid = thread_now();
      const int first = (blockIdx.x + i * gridDim.x) * kPixels;
      const uint32_t to = shared_address(memory + Layout::kStages + i % 2 * Layout::kStage);
      constexpr int kEach = kN / z_tiles;  // eight lanes take eight planes of a pixel
      static_assert(kPixels % kEach == 0, "");
      const int plane = tid % z_tiles, row0 = tid / z_tiles;
      const bf16* from = p.z + (first + row0) * z_pitch + chunk + plane * kVector<bf16>;
      const int64_t skip = kEach * z_pitch;
      const int left = pixels - first - row0, bytes = valid_bytes<bf16>(z_channels, chunk + plane * kVector<bf16>);
#pragma unroll 2
      for (int j = 0; j < kPixels / kEach; j++)
        copy_async(to + plane * kPlane + (row0 + j * kEach) * 16, from + j * skip, j * kEach < left ? bytes : 0);
      char* const dy = memory + Layout::kDy + i % 2 * 4 * at.dy_plane;
      with_pieces<8>(p.y_width, [&](auto pieces) {
        fetch_dy<decltype(pieces)::value, kN>(dy, y_values, at.dy_plane, p, first - width - 1, dy_rows, tid);
      });
    }
    commit_copies();
  };
  static_assert(kN >= 32, "a thread has one channel of y");
  fetch(0);
  if (tid < 32) {
    float4 v = make_float4(0, 0, 0, 0);
    if (tid < y_channels) v = correction<bf16>(p.y_correction, tid, stores_statistics());
    y_affine[tid + tid / 8] = v;
  }
  if (blockIdx.x == 0) {
    hand_over<bf16>(p.hand_over, p.reader.variance, chunk, min(Layout::kZ, z_channels - chunk),
                    static_cast<float>(pixels), kN);
  }
  let_successor_start();
  __syncthreads();

  float dw[9][4][4];
  auto* const all_sums = reinterpret_cast<FragmentSums*>(memory + Layout::kSums);
  for (int j = tid; j < Layout::kWarps * kTiles / 2 * 32; j += kN) all_sums[j] = FragmentSums();
#pragma unroll
  for (int t = 0; t < 9; t++)
#pragma unroll
    for (int n = 0; n < 4; n++)
#pragma unroll
      for (int e = 0; e < 4; e++) dw[t][n][e] = 0;

  // Between two barriers a warp has a piece of work for the matrix unit and one without it. Of the two warps of a
  // sub-partition one takes them in the other order, so that either has what the other leaves.
#pragma unroll 1
  for (int i = -1; i < mine; i++) {
    const int first = (blockIdx.x + i * gridDim.x) * kPixels;
    char* const z_values = memory + Layout::kStages + (i & 1) * Layout::kStage;
    const uint32_t dy = shared_address(memory + Layout::kDy + (i & 1) * 4 * at.dy_plane);
    const auto* const inside = reinterpret_cast<const uint16_t*>(memory + Layout::kInside) + (i & 1) * kPixels;
    if (i >= 0) {
#pragma unroll 1
      for (int phase = 0; phase < 2; phase++) {
        if (phase == thread_now() / 128 % 2) {
          fetch(i + 1);
          continue;
        }
        const int tid = thread_now(), lane = tid % 32, warp = tid / 32;
        const int row_group = warp % row_groups, first_tile = warp / row_groups * kTiles;  // of da
        char* const staging = memory + Layout::kStagings + warp * Layout::kStaging;
        auto* const z_sums = all_sums + warp * kTiles / 2 * 32 + lane;
        float da[2][kTiles][4];
#pragma unroll
        for (int m = 0; m < 2; m++)
#pragma unroll
          for (int n = 0; n < kTiles; n++)
#pragma unroll
            for (int e = 0; e < 4; e++) da[m][n][e] = 0;
        const int local = row_group * 32 + lane % 16;
        uint32_t there = inside[local] | inside[local + 16]
                                             << 16;  // of both 16 pixels; the bit of the last tap is read first
        uint32_t row = dy + lane / 16 * at.dy_plane + (local + 2 * width + 2) * 16;
        uint32_t at_weights = weights + ((first_tile + lane / 16) * 32 + lane % 16) * 16;
#pragma unroll 1
        for (int tap = 0; tap < opaque(9); tap += 3) {
          uint32_t b[2][4];
          load_transposed(b[0], at_weights);
#pragma unroll
          for (int t = 0; t < 3; t++) {
            const uint32_t r0 = row - t * 16, r1 = r0 + 256;
            const bool in0 = there & 0x100u >> t, in1 = there & 0x1000000u >> t;
#pragma unroll
            for (int k = 0; k < 2; k++) {
              uint32_t a[2][4];
              const uint32_t s0 = r0 + 2 * k * at.dy_plane, s1 = r1 + 2 * k * at.dy_plane;
              load_matrices(a[0], in0 ? s0 : zeros + (s0 & 112));
              load_matrices(a[1], in1 ? s1 : zeros + (s1 & 112));
#pragma unroll
              for (int n = 0; n < kTiles; n += 2) {
                const int step = (2 * t + k) * kTiles / 2 + n / 2, next = step + 1,
                          of = next / (kTiles / 2);  // weights of the next products come meanwhile
                if (next < 3 * kTiles)
                  load_transposed(b[next % 2],
                                  at_weights + ((of / 2 * z_tiles + next % (kTiles / 2) * 2) * 32 + of % 2 * 16) * 16);
#pragma unroll
                for (int m = 0; m < 2; m++) {
                  multiply_bf16(da[m][n], a[m], b[step % 2][0], b[step % 2][1]);
                  multiply_bf16(da[m][n + 1], a[m], b[step % 2][2], b[step % 2][3]);
                }
              }
            }
          }
          there <<= 3;
          row -= width * 16;
          at_weights += 3 * z_tiles * 32 * 16;
        }
        float sums[8];
#pragma unroll
        for (int n = 0; n < kTiles; n++) {
          const int plane = first_tile + n;
          const float4 l = z_affine[plane * 8 + lane % 4 * 2], h = z_affine[plane * 8 + lane % 4 * 2 + 1];
#pragma unroll
          for (int half = 0; half < 4; half++) {
            const int row = half * 8 + lane / 4;
            auto* z =
                reinterpret_cast<uint32_t*>(z_values + plane * kPlane + (row_group * 32 + row) * 16 + lane % 4 * 4);
            const float z0 = low(*z), z1 = high(*z), before0 = fmaf(z0, l.x, l.y), before1 = fmaf(z1, h.x, h.y);
            const float dz0 = before0 > 0 ? da[half / 2][n][half % 2 * 2] : 0,
                        dz1 = before1 > 0 ? da[half / 2][n][half % 2 * 2 + 1] : 0;
            float* const sum = sums + n % 2 * 4;
            sum[0] = half ? sum[0] + dz0 : dz0;
            sum[1] = half ? sum[1] + dz1 : dz1;
            sum[2] = half ? fmaf(dz0, z0 - l.z, sum[2]) : dz0 * (z0 - l.z);
            sum[3] = half ? fmaf(dz1, z1 - h.z, sum[3]) : dz1 * (z1 - h.z);
            *reinterpret_cast<uint32_t*>(staging + row * Layout::kOutPitch + n * 16 + lane % 4 * 4) =
                pack<bf16>(l.w * dz0, h.w * dz1);
            *z = pack_relu<bf16>(before0, before1);
          }
          if (n % 2) z_sums[n / 2 * 32].add(sums, lane);
        }
      }
      __syncthreads();  // relu(bn(z)) of all pixels is there
    }
#pragma unroll 1
    for (int phase = 0; phase < 2; phase++) {
      if (phase == thread_now() / 128 % 2) {
        if (i + 1 == mine) continue;
        const int tid = thread_now(), next = (blockIdx.x + (i + 1) * gridDim.x) * kPixels;
        char* const dy_values = memory + Layout::kDy + (i + 1 & 1) * 4 * at.dy_plane;
        auto* const to = reinterpret_cast<uint16_t*>(memory + Layout::kInside) + (i + 1 & 1) * kPixels;
        static_assert(kN >= kPixels, "a thread has one pixel");
        if (const int row = tid - (kN - kPixels); row >= 0)
          to[row] = neighbours_inside(next + row, pixels, height, width);
        wait_copies<0>();
        with_pieces<8>(p.y_width, [&](auto pieces) {
          correct_dy<decltype(pieces)::value, kN>(dy_values, y_values, at.dy_plane, p, y_affine, next - width - 1,
                                                  dy_rows, tid);
        });
        continue;
      }
      if (i < 0) continue;
      const int tid = thread_now(), lane = tid % 32, warp = tid / 32;
      {
        const int row_group = warp % row_groups, first_tile = warp / row_groups * kTiles;
        const char* const staging = memory + Layout::kStagings + warp * Layout::kStaging;
        const int rows = min(32, pixels - first - row_group * 32), plane = lane % kTiles;
        constexpr int kEach = 32 / kTiles;
        for (int row = lane / kTiles; row < rows; row += kEach) {
          store_staged(p, first + row_group * 32 + row, chunk + (first_tile + plane) * kVector<bf16>,
                       staging + row * Layout::kOutPitch + plane * 16);
        }
      }
      const int y_half = warp % 2, z_quarter = warp / 2;  // of dw: 16 channels of y, 32 of z
      const uint32_t at_z = shared_address(z_values) + (z_quarter * 4 + lane / 16) * kPlane + lane % 16 * 16;
      const uint32_t at_dy = dy + (2 * y_half + lane / 8 % 2) * at.dy_plane + (lane / 16 * 8 + lane % 8) * 16;
#pragma unroll 1
      for (int pixel = 0; pixel < kPixels; pixel += 16) {
        uint32_t b[2][4];
#pragma unroll
        for (int n = 0; n < 2; n++) load_transposed(b[n], at_z + 2 * n * kPlane + pixel * 16);
        const uint32_t there = inside[pixel + lane / 16 * 8 + lane % 8];
#pragma unroll
        for (int t = 0; t < 9; t++) {
          uint32_t a[4];
          const uint32_t at_tap = at_dy + (pixel + (2 - t / 3) * width + 2 - t % 3) * 16;
          load_transposed(a, there >> (8 - t) & 1 ? at_tap : zeros + (at_tap & 112));
#pragma unroll
          for (int n = 0; n < 4; n++) multiply_bf16(dw[t][n], a, b[n / 2][n % 2 * 2], b[n / 2][n % 2 * 2 + 1]);
        }
      }
    }
    __syncthreads();  // dy and z of tile i + 1 are there, and nobody reads those of tile i any more
  }

  {
    const int tid = thread_now(), lane = tid % 32, warp = tid / 32;
    auto* sums = reinterpret_cast<float*>(memory + Layout::kStagings);
    const int row_group = warp % row_groups, first_tile = warp / row_groups * kTiles;
    const int y_half = warp % 2, z_quarter = warp / 2;
    const auto* const z_sums = all_sums + warp * kTiles / 2 * 32 + lane;
#pragma unroll
    for (int n = 0; n < kTiles; n += 2)
      z_sums[n / 2 * 32].store(sums + row_group * Layout::kZ + (first_tile + n) * 8, row_groups * Layout::kZ, lane);
    // Four lanes store a sector of dw.
    float* partials = p.w_partials + static_cast<int64_t>(blockIdx.x) * 9 * y_channels * z_channels;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int y = y_half * 16 + half * 8 + lane / 4;
      if (y >= y_channels) continue;
#pragma unroll
      for (int t = 0; t < 9; t++)
#pragma unroll
        for (int n = 0; n < 4; n++) {
          const int z = chunk + (z_quarter * 4 + n) * 8 + lane % 4 * 2;
          float* to = partials + (t * y_channels + y) * z_channels + z;
          if (z_channels % 2 == 0) {
            if (z < z_channels)
              *reinterpret_cast<float2*>(to) = make_float2(dw[t][n][half * 2], dw[t][n][half * 2 + 1]);
          } else {
            if (z < z_channels) to[0] = dw[t][n][half * 2];
            if (z + 1 < z_channels) to[1] = dw[t][n][half * 2 + 1];
          }
        }
    }
    __syncthreads();
    for (int i = tid; i < 2 * Layout::kZ; i += kN) {
      const int which = i / Layout::kZ, channel = i % Layout::kZ;
      if (chunk + channel >= z_channels) continue;
      float total = 0;
      for (int w = 0; w < row_groups; w++) total += sums[(which * row_groups + w) * Layout::kZ + channel];
      add_exact(p.z_sums + (chunk + channel) * 2 + which, total);
    }
  }
}

}  // namespace dn
#endif
