// The kernel of bnrelu_conv1x1_bprop.cu.
#ifndef DENSENET4J_CUDA_CONV1X1_BPROP_CUH
#define DENSENET4J_CUDA_CONV1X1_BPROP_CUH

#include "conv1x1_bprop_weights.cuh"
#include "correction.cuh"
#include "factors.cuh"
#include "statistics.cuh"
#include "tiles.cuh"

namespace dn {

template <class T>
struct Conv1x1Bprop {
  T* s;               // (pixels, s_pitch)
  ExactSum* x_sums;   // (channels, 2): of dy and dy (x - mean)
  float* w_partials;  // (gridDim.x, z_channels, channels)
  const T* gz;        // (pixels, z_pitch), as z
  const T* z;
  const T* x;  // (pixels, x_pitch)
  const T* w;  // whole stages of planes, (planes, w_rows, kVector); zeros where it pads
  int64_t s_pitch;
  int64_t x_pitch;
  int64_t z_pitch;
  int64_t w_rows;
  int64_t pixels;
  int64_t channels;
  int64_t z_channels;
  int64_t accumulate;
  int64_t tf32;  // whether factors are rounded to TF32; of float32
  Correction z_correction;
  Reader reader;
  HandOver hand_over;
};

template <class T, int z_tiles, int row_warps, int m_tiles, int n_tiles, bool by_z>
struct Conv1x1BpropLayout {
  static constexpr int kWarps = 8, kThreads = 32 * kWarps, kColumnWarps = kWarps / row_warps,
                       kPixels = 16 * row_warps * m_tiles;
  static constexpr int kZRows = 16 * z_tiles, kChunk = 8 * n_tiles * kColumnWarps, kTilePlanes = 8 / kVector<T>;
  static constexpr int kPlane = plane_bytes(kPixels), kZPlanes = kZRows / kVector<T>, kXPlanes = kChunk / kVector<T>;
  static constexpr int kStage = (kZPlanes + 2 * kXPlanes) * kPlane;
  // The corrections of z, {a, b, d} or {a, b, d, m}: kVector values each a plane. An odd number of 16 bytes, so that
  // lanes of different planes do not conflict.
  static constexpr int kZAffines = sizeof(T) == 2 ? 3 : 4, kZAffinePlane = kZAffines * kVector<T> * 4 + 16;
  static constexpr int kXAffine = kZPlanes * kZAffinePlane, kWeights = kXAffine + kChunk * 16;
  static constexpr int kStages = round_up(kWeights + kXPlanes * kZRows * 16, 128);
  static constexpr bool kHolds = sizeof(T) == 2 && !by_z && m_tiles > 1;
  using Dw = Conv1x1Dw<z_tiles, row_warps, n_tiles, kChunk, by_z>;
  static constexpr int kDw = Dw::kBytes;
  static constexpr int kBytes = kStages + (kDw > 2 * kStage ? kDw : 2 * kStage);
};

template <class T, int z_tiles, int row_warps, int m_tiles, int n_tiles, bool by_z>
__device__ __forceinline__ void conv1x1_bprop(const Tiled<Conv1x1Bprop<T>>& p) {
  using Layout = Conv1x1BpropLayout<T, z_tiles, row_warps, m_tiles, n_tiles, by_z>;
  constexpr int kThreads = Layout::kThreads, kPlane = Layout::kPlane, kZRows = Layout::kZRows,
                kTilePlanes = Layout::kTilePlanes;
  extern __shared__ __align__(128) char memory[];
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32;
  const int row_warp = warp % row_warps, column_warp = warp / row_warps;
  const int chunk = blockIdx.y * Layout::kChunk, pixels = p.pixels, channels = p.channels, z_channels = p.z_channels;
  const int w_rows = p.w_rows;
  const int64_t z_pitch = p.z_pitch;
  const bool accumulate = p.accumulate != 0;
  auto* x_affine = reinterpret_cast<float4*>(memory + Layout::kXAffine);  // {scale, shift, mean, gamma}
  const uint32_t weights = shared_address(memory + Layout::kWeights);

  const int w_planes = planes_of<T>(channels, 4);
  for (int i = tid; i < Layout::kXPlanes * kZRows; i += kThreads) {
    const int plane = chunk / kVector<T> + i / kZRows, row = i % kZRows;
    const bool there = plane < w_planes && row < w_rows;
    copy_async(weights + i * 16, there ? p.w + (static_cast<int64_t>(plane) * w_rows + row) * kVector<T> : p.w,
               there ? 16 : 0);
  }
  for (int i = tid; i < Layout::kChunk; i += kThreads) {
    const int c = chunk + i;
    float4 v = make_float4(0, 0, 0, 0);
    if (c < channels) {
      v = reading<T>(p.reader, c);
    }
    x_affine[i] = v;
  }
  wait_for_predecessor();

  const Tiles tiles((pixels + Layout::kPixels - 1) / Layout::kPixels, p.reversed);

  // A thread loads one plane of gz and z, which it corrects afterwards, and copies one of x and S. Eight lanes take
  // eight planes of a pixel, or, of planes that are not a multiple of 8, eight pixels of one: neither conflicts.
  constexpr bool kAcross = Layout::kZPlanes % 8 == 0;
  constexpr int kEachZ = kAcross ? kThreads / Layout::kZPlanes : kThreads / (8 * Layout::kZPlanes) * 8,
                kEachX = kThreads / Layout::kXPlanes;
  const int z_plane = kAcross ? tid % Layout::kZPlanes : tid / 8 % Layout::kZPlanes;
  const int z_first = kAcross ? tid / Layout::kZPlanes : tid / (8 * Layout::kZPlanes) * 8 + tid % 8,
            z_row = z_first < kEachZ ? z_first : Layout::kPixels;
  const int x_plane = tid % Layout::kXPlanes, x_row = tid / Layout::kXPlanes;
  constexpr int kZRounds = (Layout::kPixels + kEachZ - 1) / kEachZ;
  const int z_bytes = valid_bytes<T>(z_channels, z_plane * kVector<T>);
  const auto fetch = [&](int i) {
    if (i < tiles.mine) {
      const int first = tiles.at(i) * Layout::kPixels;
      const uint32_t x = shared_address(memory + Layout::kStages + i % 2 * Layout::kStage) + Layout::kZPlanes * kPlane,
                     s = x + Layout::kXPlanes * kPlane;
      const int channel = chunk + x_plane * kVector<T>, bytes = valid_bytes<T>(channels, channel);
      for (int row = x_row < kEachX ? x_row : Layout::kPixels; row < Layout::kPixels; row += kEachX) {
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
  uint4 gz[kZRounds], z[kZRounds];
  const auto load_row = [&](int i, int j) {
    const int row0 = tiles.at(i) * Layout::kPixels + z_row;
    const int64_t from = row0 * z_pitch + z_plane * kVector<T>;
    const bool there = z_row + j * kEachZ < Layout::kPixels && row0 + j * kEachZ < pixels && z_bytes > 0;
    gz[j] = z[j] = make_uint4(0, 0, 0, 0);
    if (!there) return;
    gz[j] = *reinterpret_cast<const uint4*>(p.gz + from + j * kEachZ * z_pitch);
    z[j] = *reinterpret_cast<const uint4*>(p.z + from + j * kEachZ * z_pitch);
  };
  const auto load = [&](int i) {
    if (i >= tiles.mine) return;
#pragma unroll
    for (int j = 0; j < kZRounds; j++) load_row(i, j);
  };
  // Two blocks a multiprocessor have no registers left for them while they multiply, and do not wait for each other.
  constexpr bool kAhead = m_tiles > 1;
  fetch(0);
  if (kAhead) load(0);
  for (int c = tid; c < kZRows; c += kThreads) {
    float4 v = make_float4(0, 0, 0, 0);
    if (c < z_channels) v = correction<T>(p.z_correction, c, stores_statistics());
    auto* to = reinterpret_cast<float*>(memory + c / kVector<T> * Layout::kZAffinePlane) + c % kVector<T>;
    to[0] = v.x;
    to[kVector<T>] = v.y;
    to[2 * kVector<T>] = v.z;
    if (sizeof(T) == 4) to[3 * kVector<T>] = v.w;
  }
  if (blockIdx.x == 0) {
    hand_over<T>(p.hand_over, p.reader.variance, chunk, min(Layout::kChunk, channels - chunk),
                 static_cast<float>(pixels), kThreads);
  }
  let_successor_start();
  __syncthreads();

  constexpr int kDwTiles = Layout::Dw::kTiles;
  const Products<T> products(p.tf32);
  typename Layout::Dw dw;
  FragmentSums x_sums[n_tiles / 2];

  const auto load_weights = [&](int k, int n) {
    uint32_t r[4];
    const int plane = (column_warp * n_tiles + n) * kTilePlanes;
    load_b_transposed<T>(r, weights + (plane * kZRows + k * kDepth<T>) * 16, kZRows * 16, lane);
    return products.factors(r);
  };
  // Of few channels of z a warp keeps its weights.
  constexpr int kSteps = kZRows / kDepth<T>, kHeld = Layout::kHolds ? kSteps : 0;
  Factors<T> held[Layout::kHolds ? kSteps : 1][n_tiles / 2];
  if (kHeld > 0) {
    wait_copies<0>();
    __syncthreads();
#pragma unroll
    for (int k = 0; k < kHeld; k++)
#pragma unroll
      for (int n = 0; n < n_tiles; n += 2) held[k][n / 2] = load_weights(k, n);
  }

  for (int i = 0; i < tiles.mine; i++) {
    char* const stage = memory + Layout::kStages + i % 2 * Layout::kStage;
    char* const x_values = stage + Layout::kZPlanes * kPlane;
    char* const s_values = x_values + Layout::kXPlanes * kPlane;
    const int first = tiles.at(i) * Layout::kPixels;
    {
      const auto* const affine = reinterpret_cast<const float4*>(memory + z_plane * Layout::kZAffinePlane);
      float4 of[Layout::kZAffines * kVector<T> / 4];
#pragma unroll
      for (int j = 0; j < Layout::kZAffines * kVector<T> / 4; j++) of[j] = affine[j];
#pragma unroll
      for (int k = 0; k < kZRounds; k++) {
        const int row = z_row + k * kEachZ;
        if (row >= Layout::kPixels) continue;
        if (!kAhead) load_row(i, k);
        float g[kVector<T>], of_z[kVector<T>];
        widen(g, gz[k]);
        widen(of_z, z[k]);
#pragma unroll
        for (int j = 0; j < kVector<T>; j++) {
          const auto of_channel = [&](int i) {
            return i < Layout::kZAffines ? member(of[(i * kVector<T> + j) / 4], j % 4) : 0;
          };
          const float v =
              corrected<T>(g[j], of_z[j], make_float4(of_channel(0), of_channel(1), of_channel(2), of_channel(3)));
          g[j] = j * static_cast<int>(sizeof(T)) < z_bytes ? v : 0;
        }
        const uint4 v = packed(g);
        *reinterpret_cast<uint4*>(stage + z_plane * kPlane + row * 16) =
            first + row >= pixels ? make_uint4(0, 0, 0, 0) : v;
      }
    }
    wait_copies<0>();
    __syncthreads();  // dz of tile i is there, and nobody reads the other stage any more
    fetch(i + 1);

    const uint32_t dz = shared_address(stage);
    float da[m_tiles][n_tiles][4];
    clear(da);
#pragma unroll
    for (int k = 0; k < kSteps; k++) {
      uint32_t r[4];
      Factors<T> a[m_tiles];
#pragma unroll
      for (int m = 0; m < m_tiles; m++) {
        load_matrices(r, dz + (2 * k + lane / 16) * kPlane + ((row_warp * m_tiles + m) * 16 + lane % 16) * 16);
        a[m] = products.factors(r);
      }
#pragma unroll
      for (int n = 0; n < n_tiles; n += 2) {
        const Factors<T> b = k < kHeld ? held[k][n / 2] : load_weights(k, n);
#pragma unroll
        for (int m = 0; m < m_tiles; m++) {
          products.add(da[m][n], a[m], b, 0);
          products.add(da[m][n + 1], a[m], b, 2);
        }
      }
    }

    // The mask, the sums, S and relu(bn(x)), in place of S and x.
    float sums[8];
#pragma unroll
    for (int n = 0; n < n_tiles; n++) {
      const int tile = column_warp * n_tiles + n, channel = tile * 8 + lane % 4 * 2;
      const float4 l = x_affine[channel], h = x_affine[channel + 1];
#pragma unroll
      for (int half = 0; half < 2 * m_tiles; half++) {
        const int at = tile * kTilePlanes * kPlane + (row_warp * m_tiles * 16 + half * 8 + lane / 4) * 16 +
                       pair_offset<T>(kPlane, lane);
        auto* x = reinterpret_cast<Pair<T>*>(x_values + at);
        auto* s = reinterpret_cast<Pair<T>*>(s_values + at);
        const float x0 = low(*x), x1 = high(*x), before0 = fmaf(x0, l.x, l.y), before1 = fmaf(x1, h.x, h.y);
        const float dy0 = before0 > 0 ? da[half / 2][n][half % 2 * 2] : 0,
                    dy1 = before1 > 0 ? da[half / 2][n][half % 2 * 2 + 1] : 0;
        float* sum = sums + n % 2 * 4;
        sum[0] = half ? sum[0] + dy0 : dy0;
        sum[1] = half ? sum[1] + dy1 : dy1;
        sum[2] = half ? fmaf(dy0, x0 - l.z, sum[2]) : dy0 * (x0 - l.z);
        sum[3] = half ? fmaf(dy1, x1 - h.z, sum[3]) : dy1 * (x1 - h.z);
        const Pair<T> sum_before = accumulate ? *s : Pair<T>();
        *s = pack<T>(fmaf(l.w, dy0, low(sum_before)), fmaf(h.w, dy1, high(sum_before)));
        *x = pack_relu<T>(before0, before1);
      }
      if (n % 2) x_sums[n / 2].add(sums, lane);
    }
    if (kAhead) load(i + 1);
    if (by_z) {
      __syncthreads();  // relu(bn(x)) of all pixels is there
    } else {
      __syncwarp();
    }

    {  // this warp's pixels, 64 bytes of each, or 32. No neighbours share eight lanes, which would conflict.
      constexpr int kPlanes = n_tiles * kTilePlanes, kAcrossS = kPlanes % 4 == 0 ? 4 : 2, kRowsS = 32 / kAcrossS;
      static_assert(kPlanes % kAcrossS == 0, "");
      const int row0 =
          row_warp * m_tiles * 16 + lane % 8 / kAcrossS * kAcrossS + lane / 8 % kAcrossS + lane / 8 / kAcrossS * 8;
      T* const to_row = p.s + (first + row0) * p.s_pitch;
#pragma unroll
      for (int i = 0; i < kPlanes / kAcrossS; i++) {
        const int plane = column_warp * kPlanes + i * kAcrossS + lane % kAcrossS, channel = chunk + plane * kVector<T>,
                  valid = min(channels - channel, kVector<T>);
        const char* from = s_values + plane * kPlane + row0 * 16;
        T* to = to_row + channel;
#pragma unroll
        for (int j = 0; j < 16 * m_tiles / kRowsS; j++, from += 16 * kRowsS, to += kRowsS * p.s_pitch) {
          if (first + row0 + kRowsS * j >= pixels) continue;
          if (valid == kVector<T>) {
            *reinterpret_cast<uint4*>(to) = *reinterpret_cast<const uint4*>(from);
          } else {
            for (int e = 0; e < valid; e++) to[e] = reinterpret_cast<const T*>(from)[e];
          }
        }
      }
    }

    // dw (z, x channels) += dz^T (z, 16 pixels) a (16 pixels, x channels)
    constexpr int kRowSteps = (by_z ? row_warps * m_tiles : m_tiles) * 16 / kDepth<T>;
    const int first_row = by_z ? 0 : row_warp * m_tiles * 16, first_tile = by_z ? row_warp * kDwTiles : 0;
#pragma unroll
    for (int k = 0; k < kRowSteps; k++) {
      Factors<T> b[n_tiles / 2];
      const int row = first_row + k * kDepth<T>;
      uint32_t r[4];
#pragma unroll
      for (int n = 0; n < n_tiles; n += 2) {
        const int plane = (column_warp * n_tiles + n) * kTilePlanes;
        load_b_transposed<T>(r, shared_address(x_values) + plane * kPlane + row * 16, kPlane, lane);
        b[n / 2] = products.factors(r);
      }
#pragma unroll
      for (int m = 0; m < kDwTiles; m++) {
        const int plane = 2 * (first_tile + m) * kTilePlanes;
        load_a_transposed<T>(r, dz + plane * kPlane + row * 16, kPlane, lane);
        const Factors<T> a = products.factors(r);
#pragma unroll
        for (int n = 0; n < n_tiles; n++) products.add(dw.v[m][n], a, b[n / 2], n % 2 * 2);
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
  float* partials = p.w_partials + part_of_block(p.reversed) * z_channels * channels + chunk;
  dw.store(partials, channels, channels - chunk, z_channels, scratch, row_warp, column_warp);
}

}  // namespace dn
#endif
