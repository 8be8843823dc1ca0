// The kernel of bnrelu_conv1x1_bprop.cu.
#ifndef DENSENET4J_CUDA_CONV1X1_BPROP_CUH
#define DENSENET4J_CUDA_CONV1X1_BPROP_CUH

#include "correction.cuh"
#include "statistics.cuh"

namespace dn {

struct Conv1x1Bprop {
  bf16* s;            // (pixels, s_pitch)
  ExactSum* x_sums;   // (channels, 2): of dy and dy (x - mean)
  float* w_partials;  // (gridDim.x, z_channels, channels)
  const bf16* gz;     // (pixels, z_pitch), as z
  const bf16* z;
  const bf16* x;  // (pixels, x_pitch)
  const bf16* w;  // planes: (channels rounded up to 32) / 8, w_rows, 8; zeros where it pads
  int64_t s_pitch;
  int64_t x_pitch;
  int64_t z_pitch;
  int64_t w_rows;
  int64_t pixels;
  int64_t channels;
  int64_t z_channels;
  int64_t accumulate;
  Correction z_correction;
  Reader reader;
  HandOver hand_over;
};

template <int z_tiles, int row_warps, int m_tiles, int n_tiles, bool by_z>
struct Conv1x1BpropLayout {
  static constexpr int kWarps = 8, kThreads = 32 * kWarps, kColumnWarps = kWarps / row_warps,
                       kPixels = 16 * row_warps * m_tiles;
  static constexpr int kPlane = plane_bytes(kPixels), kZPlanes = 2 * z_tiles, kXPlanes = n_tiles * kColumnWarps;
  static constexpr int kChunk = kXPlanes * kVector, kStage = (2 * kZPlanes + 2 * kXPlanes) * kPlane;
  // {a, b, d} of dz = a * gz + b * z + d: 8 values each a plane. 112 bytes: an odd number of 16, so that lanes of 8
  // planes do not conflict.
  static constexpr int kZAffinePlane = 112, kXAffine = kZPlanes * kZAffinePlane, kWeights = kXAffine + kChunk * 16;
  static constexpr int kStages = round_up(kWeights + kXPlanes * kZPlanes * kVector * 16, 128);
  // 8 floats of padding: a fragment's 8 rows of 4 pairs are then in 32 different pairs of banks, half a warp at a time.
  static constexpr int kDwPitch = kChunk + 8, kDw = by_z ? 0 : row_warps * kZPlanes * kVector * kDwPitch * 4;
  static constexpr int kBytes = kStages + (kDw > 2 * kStage ? kDw : 2 * kStage);
};

template <int z_tiles, int row_warps, int m_tiles, int n_tiles, bool by_z>
__device__ __forceinline__ void conv1x1_bprop(const Conv1x1Bprop& p) {
  using Layout = Conv1x1BpropLayout<z_tiles, row_warps, m_tiles, n_tiles, by_z>;
  constexpr int kThreads = Layout::kThreads, kPlane = Layout::kPlane, kZRows = Layout::kZPlanes * kVector;
  extern __shared__ __align__(128) char memory[];
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32;
  const int row_warp = warp % row_warps, column_warp = warp / row_warps;
  const int chunk = blockIdx.y * Layout::kChunk, pixels = p.pixels, channels = p.channels, z_channels = p.z_channels;
  const int w_rows = p.w_rows;
  const int64_t z_pitch = p.z_pitch;
  const bool accumulate = p.accumulate != 0;
  auto* x_affine = reinterpret_cast<float4*>(memory + Layout::kXAffine);  // {scale, shift, mean, gamma}
  const uint32_t weights = shared_address(memory + Layout::kWeights);

  const int w_planes = round_up(channels, 32) / kVector;
  for (int i = tid; i < Layout::kXPlanes * kZRows; i += kThreads) {
    const int plane = chunk / kVector + i / kZRows, row = i % kZRows;
    const bool there = plane < w_planes && row < w_rows;
    copy_async(weights + i * 16, there ? p.w + (static_cast<int64_t>(plane) * w_rows + row) * kVector : p.w,
               there ? 16 : 0);
  }
  for (int i = tid; i < Layout::kChunk; i += kThreads) {
    const int c = chunk + i;
    float4 v = make_float4(0, 0, 0, 0);
    if (c < channels) {
      v = reading(p.reader, c);
    }
    x_affine[i] = v;
  }
  wait_for_predecessor();

  const int tiles = (pixels + Layout::kPixels - 1) / Layout::kPixels;
  const int mine =
      (tiles - static_cast<int>(blockIdx.x) + static_cast<int>(gridDim.x) - 1) / static_cast<int>(gridDim.x);

  // A thread copies one plane: of gz and z, which it corrects itself afterwards, and one of x and S. Eight lanes take
  // eight planes of a pixel, or, of planes that are not a multiple of 8, eight pixels of one: neither conflicts.
  constexpr bool kAcross = Layout::kZPlanes % 8 == 0;
  constexpr int kEachZ = kAcross ? kThreads / Layout::kZPlanes : kThreads / (8 * Layout::kZPlanes) * 8,
                kEachX = kThreads / Layout::kXPlanes;
  const int z_plane = kAcross ? tid % Layout::kZPlanes : tid / 8 % Layout::kZPlanes;
  const int z_first = kAcross ? tid / Layout::kZPlanes : tid / (8 * Layout::kZPlanes) * 8 + tid % 8,
            z_row = z_first < kEachZ ? z_first : Layout::kPixels;
  const int x_plane = tid % Layout::kXPlanes, x_row = tid / Layout::kXPlanes;
  const int z_bytes = valid_bytes(z_channels, z_plane * kVector);
  const auto fetch = [&](int i) {
    if (i < mine) {
      const int first = (blockIdx.x + i * gridDim.x) * Layout::kPixels;
      const uint32_t gz = shared_address(memory + Layout::kStages + i % 2 * Layout::kStage);
      const uint32_t z = gz + Layout::kZPlanes * kPlane, x = z + Layout::kZPlanes * kPlane,
                     s = x + Layout::kXPlanes * kPlane;
      for (int row = z_row; row < Layout::kPixels; row += kEachZ) {
        const int pixel = first + row;
        const bool there = pixel < pixels && z_bytes > 0;
        const int64_t from = there ? pixel * z_pitch + z_plane * kVector : 0;
        copy_async(gz + z_plane * kPlane + row * 16, p.gz + from, there ? z_bytes : 0);
        copy_async(z + z_plane * kPlane + row * 16, p.z + from, there ? z_bytes : 0);
      }
      const int channel = chunk + x_plane * kVector, bytes = valid_bytes(channels, channel);
      for (int row = x_row; row < Layout::kPixels; row += kEachX) {
        const int pixel = first + row;
        const bool there = pixel < pixels && bytes > 0;
        copy_async(x + x_plane * kPlane + row * 16, there ? p.x + pixel * p.x_pitch + channel : p.x, there ? bytes : 0);
        if (accumulate) {
          copy_async(s + x_plane * kPlane + row * 16, there ? p.s + pixel * p.s_pitch + channel : p.s,
                     there ? bytes : 0);
        }
      }
    }
    commit_copies();
  };
  fetch(0);
  for (int c = tid; c < kZRows; c += kThreads) {
    float4 v = make_float4(0, 0, 0, 0);
    if (c < z_channels) v = correction(p.z_correction, c, stores_statistics());
    auto* to = reinterpret_cast<float*>(memory + c / kVector * Layout::kZAffinePlane) + c % kVector;
    to[0] = v.x;
    to[8] = v.y;
    to[16] = v.z;
  }
  if (blockIdx.x == 0) {
    hand_over(p.hand_over, p.reader.variance, chunk, min(Layout::kChunk, channels - chunk), static_cast<float>(pixels),
              kThreads);
  }
  let_successor_start();
  __syncthreads();

  constexpr int kDwTiles = by_z ? z_tiles / row_warps : z_tiles;  // tiles of z a warp
  static_assert(!by_z || z_tiles % row_warps == 0, "");
  float dw[kDwTiles][n_tiles][4];
  FragmentSums x_sums[n_tiles / 2];
#pragma unroll
  for (int n = 0; n < n_tiles; n++) {
#pragma unroll
    for (int m = 0; m < kDwTiles; m++)
#pragma unroll
      for (int e = 0; e < 4; e++) dw[m][n][e] = 0;
  }

  for (int i = 0; i < mine; i++) {
    char* const stage = memory + Layout::kStages + i % 2 * Layout::kStage;
    char* const z_values = stage + Layout::kZPlanes * kPlane;
    char* const x_values = z_values + Layout::kZPlanes * kPlane;
    char* const s_values = x_values + Layout::kXPlanes * kPlane;
    const int first = (blockIdx.x + i * gridDim.x) * Layout::kPixels;
    wait_copies<0>();
    {
      const auto* affine = reinterpret_cast<const float4*>(memory + z_plane * Layout::kZAffinePlane);
      const float4 a0 = affine[0], a1 = affine[1], b0 = affine[2], b1 = affine[3], d0 = affine[4], d1 = affine[5];
      for (int row = z_row; row < Layout::kPixels; row += kEachZ) {
        auto* to = reinterpret_cast<uint4*>(stage + z_plane * kPlane + row * 16);
        const uint4 g = *to, z = *reinterpret_cast<const uint4*>(z_values + z_plane * kPlane + row * 16);
        uint4 v;
        v.x =
            pack(fmaf(a0.x, low(g.x), fmaf(b0.x, low(z.x), d0.x)), fmaf(a0.y, high(g.x), fmaf(b0.y, high(z.x), d0.y)));
        v.y =
            pack(fmaf(a0.z, low(g.y), fmaf(b0.z, low(z.y), d0.z)), fmaf(a0.w, high(g.y), fmaf(b0.w, high(z.y), d0.w)));
        v.z =
            pack(fmaf(a1.x, low(g.z), fmaf(b1.x, low(z.z), d1.x)), fmaf(a1.y, high(g.z), fmaf(b1.y, high(z.z), d1.y)));
        v.w =
            pack(fmaf(a1.z, low(g.w), fmaf(b1.z, low(z.w), d1.z)), fmaf(a1.w, high(g.w), fmaf(b1.w, high(z.w), d1.w)));
        if (first + row >= pixels) v = make_uint4(0, 0, 0, 0);
        *to = v;
      }
    }
    __syncthreads();  // dz of tile i is there, and nobody reads the other stage any more
    fetch(i + 1);

    const uint32_t dz = shared_address(stage);
    float da[m_tiles][n_tiles][4];
#pragma unroll
    for (int m = 0; m < m_tiles; m++)
#pragma unroll
      for (int n = 0; n < n_tiles; n++)
#pragma unroll
        for (int e = 0; e < 4; e++) da[m][n][e] = 0;
#pragma unroll
    for (int k = 0; k < z_tiles; k++) {
      uint32_t a[m_tiles][4], b[4];
#pragma unroll
      for (int m = 0; m < m_tiles; m++)
        load_matrices(a[m], dz + (2 * k + lane / 16) * kPlane + ((row_warp * m_tiles + m) * 16 + lane % 16) * 16);
#pragma unroll
      for (int n = 0; n < n_tiles; n += 2) {
        const int plane = column_warp * n_tiles + n + lane / 16, row = k * 16 + lane / 8 % 2 * 8 + lane % 8;
        load_transposed(b, weights + (plane * kZRows + row) * 16);
#pragma unroll
        for (int m = 0; m < m_tiles; m++) {
          multiply(da[m][n], a[m], b[0], b[1]);
          multiply(da[m][n + 1], a[m], b[2], b[3]);
        }
      }
    }

    // The mask, the sums, S and relu(bn(x)), in place of S and x.
    float sums[8];
#pragma unroll
    for (int n = 0; n < n_tiles; n++) {
      const int plane = column_warp * n_tiles + n, channel = plane * kVector + lane % 4 * 2;
      const float4 l = x_affine[channel], h = x_affine[channel + 1];
#pragma unroll
      for (int half = 0; half < 2 * m_tiles; half++) {
        const int at = plane * kPlane + (row_warp * m_tiles * 16 + half * 8 + lane / 4) * 16 + lane % 4 * 4;
        auto* x = reinterpret_cast<uint32_t*>(x_values + at);
        auto* s = reinterpret_cast<uint32_t*>(s_values + at);
        const float x0 = low(*x), x1 = high(*x), before0 = fmaf(x0, l.x, l.y), before1 = fmaf(x1, h.x, h.y);
        const float dy0 = before0 > 0 ? da[half / 2][n][half % 2 * 2] : 0,
                    dy1 = before1 > 0 ? da[half / 2][n][half % 2 * 2 + 1] : 0;
        float* sum = sums + n % 2 * 4;
        sum[0] = half ? sum[0] + dy0 : dy0;
        sum[1] = half ? sum[1] + dy1 : dy1;
        sum[2] = half ? fmaf(dy0, x0 - l.z, sum[2]) : dy0 * (x0 - l.z);
        sum[3] = half ? fmaf(dy1, x1 - h.z, sum[3]) : dy1 * (x1 - h.z);
        const uint32_t sum_before = accumulate ? *s : 0;
        *s = pack(fmaf(l.w, dy0, low(sum_before)), fmaf(h.w, dy1, high(sum_before)));
        *x = pack_relu(before0, before1);
      }
      if (n % 2) x_sums[n / 2].add(sums, lane);
    }
    if (by_z) {
      __syncthreads();  // relu(bn(x)) of all pixels is there
    } else {
      __syncwarp();
    }

    {  // this warp's pixels, 64 bytes of each. Pixels 4 apart share eight lanes: neighbours would conflict.
      static_assert(n_tiles == 4, "");
      const int plane = column_warp * n_tiles + lane % 4, channel = chunk + plane * kVector,
                valid = min(channels - channel, kVector);
      const int row0 = row_warp * m_tiles * 16 + lane / 8 + lane / 4 % 2 * 4;
      const char* from = s_values + plane * kPlane + row0 * 16;
      bf16* to = p.s + (first + row0) * p.s_pitch + channel;
#pragma unroll
      for (int j = 0; j < 2 * m_tiles; j++, from += 128, to += 8 * p.s_pitch) {
        if (first + row0 + 8 * j >= pixels) continue;
        if (valid == kVector) {
          *reinterpret_cast<uint4*>(to) = *reinterpret_cast<const uint4*>(from);
        } else {
          for (int e = 0; e < valid; e++) to[e] = reinterpret_cast<const bf16*>(from)[e];
        }
      }
    }

    // dw (z, x channels) += dz^T (z, 16 pixels) a (16 pixels, x channels)
    constexpr int kSteps = by_z ? row_warps * m_tiles : m_tiles;
    const int first_row = by_z ? 0 : row_warp * m_tiles * 16, first_tile = by_z ? row_warp * kDwTiles : 0;
#pragma unroll
    for (int k = 0; k < kSteps; k++) {
      uint32_t b[n_tiles][2];
#pragma unroll
      for (int n = 0; n < n_tiles; n += 2) {
        uint32_t r[4];
        const int plane = column_warp * n_tiles + n + lane / 16, row = first_row + k * 16 + lane / 8 % 2 * 8 + lane % 8;
        load_transposed(r, shared_address(x_values) + plane * kPlane + row * 16);
        b[n][0] = r[0];
        b[n][1] = r[1];
        b[n + 1][0] = r[2];
        b[n + 1][1] = r[3];
      }
#pragma unroll
      for (int m = 0; m < kDwTiles; m++) {
        uint32_t a[4];
        const int plane = 2 * (first_tile + m) + lane / 8 % 2, row = first_row + k * 16 + lane / 16 * 8 + lane % 8;
        load_transposed(a, dz + plane * kPlane + row * 16);
#pragma unroll
        for (int n = 0; n < n_tiles; n++) multiply(dw[m][n], a, b[n][0], b[n][1]);
      }
    }
  }

  // Sums of the rows of a warp, then of the warps, in one order.
  auto* scratch = reinterpret_cast<float*>(memory + Layout::kStages);
  __syncthreads();
#pragma unroll
  for (int n = 0; n < n_tiles; n += 2) {
    x_sums[n / 2].store(scratch + row_warp * Layout::kChunk + (column_warp * n_tiles + n) * 8,
                        row_warps * Layout::kChunk, lane);
  }
  __syncthreads();
  for (int i = tid; i < 2 * Layout::kChunk; i += kThreads) {
    const int which = i / Layout::kChunk, channel = i % Layout::kChunk;
    if (chunk + channel >= channels) continue;
    float total = 0;
    for (int w = 0; w < row_warps; w++) total += scratch[(which * row_warps + w) * Layout::kChunk + channel];
    add_exact(p.x_sums + (chunk + channel) * 2 + which, total);
  }
  float* partials = p.w_partials + static_cast<int64_t>(blockIdx.x) * z_channels * channels + chunk;
  const int chunk_channels = channels - chunk;
  if (by_z) {
#pragma unroll
    for (int m = 0; m < kDwTiles; m++)
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const int z = (row_warp * kDwTiles + m) * 16 + half * 8 + lane / 4;
        if (z >= z_channels) continue;
#pragma unroll
        for (int n = 0; n < n_tiles; n++) {
          const int channel = (column_warp * n_tiles + n) * 8 + lane % 4 * 2;
          float* to = partials + static_cast<int64_t>(z) * channels + channel;
          if (channels % 2 == 0) {
            if (channel < chunk_channels)
              *reinterpret_cast<float2*>(to) = make_float2(dw[m][n][half * 2], dw[m][n][half * 2 + 1]);
          } else {
            if (channel < chunk_channels) to[0] = dw[m][n][half * 2];
            if (channel + 1 < chunk_channels) to[1] = dw[m][n][half * 2 + 1];
          }
        }
      }
    return;
  }
  __syncthreads();
#pragma unroll
  for (int m = 0; m < kDwTiles; m++)
#pragma unroll
    for (int n = 0; n < n_tiles; n++)
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const int z = m * 16 + half * 8 + lane / 4, channel = (column_warp * n_tiles + n) * 8 + lane % 4 * 2;
        *reinterpret_cast<float2*>(scratch + (row_warp * kZRows + z) * Layout::kDwPitch + channel) =
            make_float2(dw[m][n][half * 2], dw[m][n][half * 2 + 1]);
      }
  __syncthreads();
  const int used = min(z_channels, kZRows);
  for (int i = tid; i < used * (Layout::kChunk / 4); i += kThreads) {
    const int z = i / (Layout::kChunk / 4), channel = i % (Layout::kChunk / 4) * 4;
    if (channel >= chunk_channels) continue;
    float4 total = make_float4(0, 0, 0, 0);
#pragma unroll
    for (int w = 0; w < row_warps; w++) {
      const float4 v = *reinterpret_cast<const float4*>(scratch + (w * kZRows + z) * Layout::kDwPitch + channel);
      total.x += v.x;
      total.y += v.y;
      total.z += v.z;
      total.w += v.w;
    }
    float* to = partials + static_cast<int64_t>(z) * channels + channel;
    if (channels % 4 == 0) {
      store_vector(to, total);
    } else {
      const float values[4] = {total.x, total.y, total.z, total.w};
#pragma unroll
      for (int e = 0; e < 4; e++) {
        if (channel + e < chunk_channels) to[e] = values[e];
      }
    }
  }
}

}  // namespace dn
#endif
