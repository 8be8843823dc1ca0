// The kernel of bnrelu_conv3x3_bprop.cu for float32, of up to 16 channels of y.
//
// 6 * pixel_groups warps: each takes da of 16 pixels and all z channels of the chunk; then, of dw, a row of three taps,
// half of the z channels and every pixel_groups-th 32 pixels.
#ifndef DENSENET4J_CUDA_CONV3X3_BPROP_NARROW_CUH
#define DENSENET4J_CUDA_CONV3X3_BPROP_NARROW_CUH

#include "conv3x3_bprop.cuh"
#include "conv3x3_columns.cuh"

namespace dn {

// A tile of pixels that follow each other, with those around it.
struct PixelsAround {
  int first, count;
  __device__ __forceinline__ int operator()(int row) const {
    return static_cast<uint32_t>(first + row) < static_cast<uint32_t>(count) ? first + row : -1;
  }
};

template <class T, int z_tiles, int pixel_groups>
struct Conv3x3BpropNarrowLayout {
  static constexpr int kWarps = 6 * pixel_groups, kThreads = 32 * kWarps, kPixels = 16 * kWarps, kHalf = z_tiles / 2;
  static constexpr int kZ = 8 * z_tiles, kZPlanes = kZ / kVector<T>, kYPlanes = 16 / kVector<T>;
  static constexpr int kPlane = plane_bytes(kPixels), kStage = kZPlanes * kPlane;
  static constexpr int kOutPitch = kZ * sizeof(T) + 16, kStaging = 16 * kOutPitch;
  // Of y, 16 bytes a channel and 16 more after 8 channels: lanes of channels 0, 4 and 8 do not conflict.
  static constexpr int kYAffine = 0, kZAffine = kYAffine + 18 * 16, kZeros = round_up(kZAffine + kZ * 16, 128),
                       kInside = kZeros + 128;
  static constexpr int kWeights = kInside + 2 * kPixels * 2, kStages = round_up(kWeights + 9 * kZPlanes * 16 * 16, 128);
  // dw goes where stages were. 8 floats of padding: a fragment's 8 rows of 4 pairs then do not conflict.
  static constexpr int kDwPitch = kZ + 8, kDw = 9 * 16 * kDwPitch * 4;
  static constexpr int kStagings = kStages + round_up(kDw > 2 * kStage ? kDw : 2 * kStage, 128),
                       kDy = kStagings + kWarps * kStaging;
  static_assert(2 * kWarps * kZ * 4 <= kWarps * kStaging, "sums must fit where tiles were");
  int dy_plane, bytes;
  __host__ __device__ explicit Conv3x3BpropNarrowLayout(int width)
      : dy_plane(plane_bytes(kPixels + 2 * width + 2)), bytes(kDy + 3 * kYPlanes * dy_plane) {}
};

template <class T, int z_tiles, int pixel_groups>
__device__ __forceinline__ void conv3x3_bprop_narrow(const Conv3x3Bprop<T>& p, int64_t reversed) {
  using Layout = Conv3x3BpropNarrowLayout<T, z_tiles, pixel_groups>;
  constexpr int kPlane = Layout::kPlane, kPixels = Layout::kPixels, kN = Layout::kThreads;
  constexpr int kZPlanes = Layout::kZPlanes, kYPlanes = Layout::kYPlanes, kTilePlanes = 8 / kVector<T>;
  extern __shared__ __align__(128) char memory[];
  const int pixels = p.pixels, height = p.height, width = p.width, z_channels = p.z_channels, y_channels = p.y_channels;
  const int64_t z_pitch = p.z_pitch;
  const Layout at(width);
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32;
  const int dy_rows = kPixels + 2 * width + 2, chunk = blockIdx.y * Layout::kZ;
  auto* y_affine = reinterpret_cast<float4*>(memory + Layout::kYAffine);  // dy = a * s + b * y + d: {a, b, d, 0}
  auto* z_affine = reinterpret_cast<float4*>(memory + Layout::kZAffine);  // {scale, shift, mean, gamma}
  char* const y_values = memory + Layout::kDy + 2 * kYPlanes * at.dy_plane;
  const uint32_t zeros = shared_address(memory + Layout::kZeros), weights = shared_address(memory + Layout::kWeights);

  for (int i = tid; i < 9 * kZPlanes * 16; i += kN) {
    const int tap = i / (kZPlanes * 16), plane = chunk / kVector<T> + i / 16 % kZPlanes;
    const bool there = plane < static_cast<int>(p.w_planes);
    const int64_t row = (tap * p.w_planes + plane) * p.w_rows + i % 16;
    copy_async(weights + i * 16, there ? p.w + row * kVector<T> : p.w, there ? 16 : 0);
  }
  // Channels beyond y_channels stay 0.
  for (int i = tid; i < 2 * kYPlanes * at.dy_plane / 16; i += kN)
    reinterpret_cast<uint4*>(memory + Layout::kDy)[i] = make_uint4(0, 0, 0, 0);
  if (tid < 8) *reinterpret_cast<uint4*>(memory + Layout::kZeros + tid * 16) = make_uint4(0, 0, 0, 0);
  for (int c = tid; c < Layout::kZ; c += kN) {
    float4 v = make_float4(0, 0, 0, 0);
    if (chunk + c < z_channels) v = reading<T>(p.reader, chunk + c);
    z_affine[c] = v;
  }
  wait_for_predecessor();
  __syncthreads();  // zeros are there, before what is copied over them

  const Tiles tiles((pixels + kPixels - 1) / kPixels, reversed);
  const auto fetch = [&](int i) {
    if (i < tiles.mine) {
      const int first = tiles.at(i) * kPixels;
      const uint32_t to = shared_address(memory + Layout::kStages + i % 2 * Layout::kStage);
      const int plane = tid / 8 % kZPlanes, row0 = tid / (8 * kZPlanes) * 8 + tid % 8;
      constexpr int kEach = kN / kZPlanes;
      static_assert(kEach % 8 == 0 && kPixels % kEach == 0, "");
      const T* from = p.z + (first + row0) * z_pitch + chunk + plane * kVector<T>;
      const int64_t skip = kEach * z_pitch;
      const int left = pixels - first - row0, bytes = valid_bytes<T>(z_channels, chunk + plane * kVector<T>);
#pragma unroll
      for (int j = 0; j < kPixels / kEach; j++)
        copy_async(to + plane * kPlane + (row0 + j * kEach) * 16, from + j * skip, j * kEach < left ? bytes : 0);
      char* const dy = memory + Layout::kDy + i % 2 * kYPlanes * at.dy_plane;
      with_pieces<4>(p.y_width, [&](auto pieces) {
        fetch_dy<decltype(pieces)::value, kN>(dy, y_values, at.dy_plane, p,
                                              PixelsAround{first - width - 1, pixels}, dy_rows, tid);
      });
    }
    commit_copies();
  };
  fetch(0);
  for (int c = tid; c < 16; c += kN) {
    float4 v = make_float4(0, 0, 0, 0);
    if (c < y_channels) v = correction<T>(p.y_correction, c, stores_statistics());
    y_affine[c + c / 8] = v;
  }
  if (blockIdx.x == 0) {
    hand_over<T>(p.hand_over, p.reader.variance, chunk, min(Layout::kZ, z_channels - chunk),
                 static_cast<float>(pixels), kN);
  }
  let_successor_start();
  __syncthreads();

  constexpr int kHalf = Layout::kHalf;
  const int tap_row = warp / (2 * pixel_groups), first_tile = warp % 2 * kHalf, pixel_group = warp / 2 % pixel_groups;
  const Products<T> products(p.tf32);
  float dw[3][kHalf][4];
  FragmentSums z_sums[z_tiles / 2];
#pragma unroll
  for (int t = 0; t < 3; t++)
#pragma unroll
    for (int n = 0; n < kHalf; n++)
#pragma unroll
      for (int e = 0; e < 4; e++) dw[t][n][e] = 0;
  char* staging = memory + Layout::kStagings + warp * Layout::kStaging;

  for (int i = 0; i < tiles.mine; i++) {
    const int first = tiles.at(i) * kPixels;
    char* const z_values = memory + Layout::kStages + i % 2 * Layout::kStage;
    char* const dy_values = memory + Layout::kDy + i % 2 * kYPlanes * at.dy_plane;
    auto* const inside = reinterpret_cast<uint16_t*>(memory + Layout::kInside) + i % 2 * kPixels;
    const uint32_t dy = shared_address(dy_values);
    for (int row = tid; row < kPixels; row += kN) inside[row] = neighbours_inside(first + row, pixels, height, width);
    wait_copies<0>();
    with_pieces<4>(p.y_width, [&](auto pieces) {
      correct_dy<decltype(pieces)::value, kN>(dy_values, y_values, at.dy_plane, p, y_affine,
                                              PixelsAround{first - width - 1, pixels}, dy_rows, tid);
    });
    __syncthreads();  // dy and z of tile i are there, and nobody reads the other stage, dy and masks any more
    fetch(i + 1);

    {
      float da[z_tiles][4];
#pragma unroll
      for (int n = 0; n < z_tiles; n++)
#pragma unroll
        for (int e = 0; e < 4; e++) da[n][e] = 0;
      const int local = warp * 16 + lane % 16;
      const uint32_t mine_inside = inside[local];
#pragma unroll 1
      for (int tap = 0; tap < 9; tap += 3) {
        const int row = local + (2 - tap / 3) * width;
#pragma unroll
        for (int t = 0; t < 3; t++) {
#pragma unroll kUnrolled<T, kYPlanes / 2>
          for (int k = 0; k < kYPlanes / 2; k++) {
            uint32_t r[4];
            const uint32_t at_tap = dy + (2 * k + lane / 16) * at.dy_plane + (row + 2 - t) * 16;
            load_matrices(r, mine_inside >> (8 - tap - t) & 1 ? at_tap : zeros + (at_tap & 112));
            const Factors<T> a = products.factors(r);
#pragma unroll
            for (int n = 0; n < z_tiles; n += 2) {
              const int plane = (tap + t) * kZPlanes + n * kTilePlanes;
              load_b_transposed<T>(r, weights + (plane * 16 + k * kDepth<T>) * 16, 256, lane);
              const Factors<T> b = products.factors(r);
              products.add(da[n], a, b, 0);
              products.add(da[n + 1], a, b, 2);
            }
          }
        }
      }
      float sums[8];
#pragma unroll
      for (int n = 0; n < z_tiles; n++) {
        const float4 l = z_affine[n * 8 + lane % 4 * 2], h = z_affine[n * 8 + lane % 4 * 2 + 1];
#pragma unroll
        for (int half = 0; half < 2; half++) {
          const int row = half * 8 + lane / 4;
          auto* z = reinterpret_cast<Pair<T>*>(z_values + n * kTilePlanes * kPlane + (warp * 16 + row) * 16 +
                                               pair_offset<T>(kPlane, lane));
          const float z0 = low(*z), z1 = high(*z), before0 = fmaf(z0, l.x, l.y), before1 = fmaf(z1, h.x, h.y);
          const float dz0 = before0 > 0 ? da[n][2 * half] : 0, dz1 = before1 > 0 ? da[n][2 * half + 1] : 0;
          sums[n % 2 * 4] = half ? sums[n % 2 * 4] + dz0 : dz0;
          sums[n % 2 * 4 + 1] = half ? sums[n % 2 * 4 + 1] + dz1 : dz1;
          sums[n % 2 * 4 + 2] = half ? fmaf(dz0, z0 - l.z, sums[n % 2 * 4 + 2]) : dz0 * (z0 - l.z);
          sums[n % 2 * 4 + 3] = half ? fmaf(dz1, z1 - h.z, sums[n % 2 * 4 + 3]) : dz1 * (z1 - h.z);
          *reinterpret_cast<Pair<T>*>(staging + row * Layout::kOutPitch + (n * 8 + lane % 4 * 2) * sizeof(T)) =
              pack<T>(l.w * dz0, h.w * dz1);
          *z = pack_relu<T>(before0, before1);
        }
        if (n % 2) z_sums[n / 2].add(sums, lane);
      }
    }
    __syncthreads();  // relu(bn(z)) of all pixels is there
    {
      const int rows = min(16, pixels - first - warp * 16);
      const int vectors = min(kZPlanes, (z_channels - chunk + kVector<T> - 1) / kVector<T>);
      for (int v = lane; v < rows * vectors; v += 32) {
        const int row = v / vectors, piece = v - row * vectors;
        store_staged(p, first + warp * 16 + row, chunk + piece * kVector<T>,
                     staging + row * Layout::kOutPitch + piece * 16);
      }
    }
    using Columns = PixelColumns<kHalf>;
    const uint32_t z = shared_address(z_values) + first_tile * kTilePlanes * kPlane;
#pragma unroll 1
    for (int pixel = pixel_group * Columns::kPixels; pixel < kPixels; pixel += Columns::kPixels * pixel_groups) {
      const Columns columns(products, z, kPlane, pixel, lane);
      const NeighbourColumns neighbours(dy, at.dy_plane, inside, pixel, lane);
#pragma unroll
      for (int t = 0; t < 3; t++) {
        uint32_t r[4];
        neighbours.load(r, (2 - tap_row) * width + 2 - t, 8 - tap_row * 3 - t, at.dy_plane);
        const Factors<T> a = products.factors(r);
#pragma unroll
        for (int n = 0; n < kHalf; n++) columns.multiply(products, dw[t][n], a, n);
      }
    }
  }
  __syncthreads();

  auto* sums = reinterpret_cast<float*>(memory + Layout::kStagings);
#pragma unroll
  for (int n = 0; n < z_tiles; n += 2)
    z_sums[n / 2].store(sums + warp * Layout::kZ + n * 8, Layout::kWarps * Layout::kZ, lane);
  auto* total_dw = reinterpret_cast<float*>(memory + Layout::kStages);
  for (int g = 0; g < pixel_groups; g++) {  // one group of pixels after the other: one order of summation
    if (pixel_group == g) {
#pragma unroll
      for (int t = 0; t < 3; t++)
#pragma unroll
        for (int n = 0; n < kHalf; n++)
#pragma unroll
          for (int half = 0; half < 2; half++) {
            auto* to =
                reinterpret_cast<float2*>(total_dw + ((tap_row * 3 + t) * 16 + half * 8 + lane / 4) * Layout::kDwPitch +
                                          (first_tile + n) * 8 + lane % 4 * 2);
            const float2 before = g ? *to : make_float2(0, 0);
            *to = make_float2(before.x + dw[t][n][half * 2], before.y + dw[t][n][half * 2 + 1]);
          }
    }
    __syncthreads();
  }
  for (int i = tid; i < 2 * Layout::kZ; i += kN) {
    const int which = i / Layout::kZ, channel = i % Layout::kZ;
    if (chunk + channel >= z_channels) continue;
    float total = 0;
    for (int w = 0; w < Layout::kWarps; w++) total += sums[(which * Layout::kWarps + w) * Layout::kZ + channel];
    add_exact(p.z_sums + (chunk + channel) * 2 + which, total);
  }
  // 9 * y_channels rows of z_channels, four at a time.
  float* partials = p.w_partials + part_of_block(reversed) * 9 * y_channels * z_channels;
  for (int i = tid; i < 9 * 16 * (Layout::kZ / 4); i += kN) {
    const int tap = i / (16 * (Layout::kZ / 4)), y = i / (Layout::kZ / 4) % 16, z = i % (Layout::kZ / 4) * 4;
    if (y >= y_channels || chunk + z >= z_channels) continue;
    const float4 v = *reinterpret_cast<const float4*>(total_dw + (tap * 16 + y) * Layout::kDwPitch + z);
    float* to = partials + (tap * y_channels + y) * z_channels + chunk + z;
    if (z_channels % 4 == 0) {
      store_vector(to, v);
    } else {
      const float values[4] = {v.x, v.y, v.z, v.w};
#pragma unroll
      for (int e = 0; e < 4; e++) {
        if (chunk + z + e < z_channels) to[e] = values[e];
      }
    }
  }
}

}  // namespace dn
#endif
