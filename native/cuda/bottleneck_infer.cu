// y = conv3x3(relu(bn(z))) with z = conv1x1(relu(bn(x))), of a layer at inference. z is in shared memory alone.
// Moves 2 bytes a value of x and of y, and weights from the cache.
//
// A block makes up to 64 pixels of y that follow each other: an image, if it has no more, which needs no others; or 64,
// for which it also makes z of the width + 1 pixels before and after, as the blocks beside it do. z comes
// from stages of four planes of x and of their weights; its rows in planes are what a tap of the 3x3 convolution reads,
// shifted. BN is applied to the sums, before these are rounded. Groups of warps have other channels of z, first of the
// sums and then of what the 3x3 convolution sums over: so each fragment serves several products, of this and that.
#include "factors.cuh"
#include "neighbours.cuh"
#include "norm.cuh"

namespace dn {

template <class T>
struct BottleneckInfer {
  T* y;         // of the slice: y[pixel * y_pitch + channel]
  const T* x;   // (pixels, x_pitch)
  const T* w1;  // whole stages of planes, (planes, w1_rows, kVector); zeros where it pads
  const T* w2;  // (9, planes, w2_rows, kVector): planes is a multiple of spatial_planes, zeros where it pads
  int64_t y_pitch;
  int64_t x_pitch;
  int64_t w1_rows;
  int64_t w2_rows;
  int64_t y_channels;
  int64_t y_width;  // the most values, in 16 bytes, that address, pitch and y_channels are multiples of
  int64_t pixels;
  int64_t height;
  int64_t width;
  Norm norm;  // of x
  Norm z_norm;
};

// kGroups of four warps make kZ channels of z, and kSplit groups of others sum parts of kOut channels of y.
template <class T, int kGroups, int z_tiles, int y_tiles, int spatial_planes>
struct BottleneckLayout {
  static constexpr int kPixels = 64, kWarps = 4 * kGroups, kThreads = 32 * kWarps;
  static constexpr int kZ = 8 * z_tiles * kGroups, kZPlanes = kZ / kVector<T>, kOut = 8 * y_tiles;
  static constexpr int kTogether = kGroups, kSplit = kGroups * kTogether;  // fragments (16, 8) of y below each other
  static constexpr int kStagePlanes = 4, kStages = 3;
  static constexpr int kPartPitch = (kOut + 8) * 4, kPart = kPixels * kPartPitch;
  static constexpr int kOutPitch = kOut * sizeof(T) + 16;
  // A tap outside reads zeros from the banks of the row it replaces, 32 bytes further for each step of two planes.
  static constexpr int kZAffine = round_up(128 + 32 * (kZPlanes / 2 - 1), 128);
  static constexpr int kAffine = kZAffine + kZ * 8;
  // 32 bytes beyond a multiple of 128: 4 planes of 2 pixels are 8 banks of 16
  static constexpr __device__ int plane(int tiles) { return plane_bytes(tiles * kPixels) + 16; }
  static constexpr __device__ int stage(int tiles) { return kStagePlanes * (plane(tiles) + kZ * 16); }
  int step, halo, tiles, z_planes, weights, stages, z, z_plane;

  __device__ BottleneckLayout(const BottleneckInfer<T>& p, int padded) {
    const int image = static_cast<int>(p.height * p.width);
    const bool whole = image <= kPixels;
    step = whole ? image : kPixels;
    halo = whole ? 0 : static_cast<int>(p.width) + 1;
    tiles = (step + 2 * halo + kPixels - 1) / kPixels;
    z_planes = planes_of<T>(static_cast<int>(p.z_norm.channels), spatial_planes);
    weights = kAffine + padded * 8;
    stages = weights + 9 * z_planes * kOut * 16;
    z = stages + kStages * stage(tiles);
    z_plane = plane_bytes(tiles * kPixels);
  }
};

// z of m_tiles * 64 pixels, normalised, from x of pixels from `first` on. `prepare` makes what normalises, while copies
// are under way.
template <class Layout, int m_tiles, int z_tiles, class T, class F>
__device__ __forceinline__ void make_z(const BottleneckInfer<T>& p, const Layout& at, char* memory, int first,
                                       int padded, const F& prepare) {
  constexpr int kThreads = Layout::kThreads, kZ = Layout::kZ, kRows = m_tiles * Layout::kPixels;
  constexpr int kStagePlanes = Layout::kStagePlanes, kStages = Layout::kStages;
  constexpr int kPlane = Layout::plane(m_tiles), kStage = Layout::stage(m_tiles);
  const int tid = threadIdx.x, lane = tid % 32, row0 = tid / 32 % 4 * 16 * m_tiles, group = tid / 128;
  const int steps = padded / (kStagePlanes * kVector<T>), channels = p.norm.channels, pixels = p.pixels;
  const uint32_t stages = shared_address(memory + at.stages);
  int fetched = 0, fetch_slot = 0;
  const auto fetch = [&]() {
    if (fetched < steps) {
      const uint32_t slot = stages + fetch_slot * kStage;
#pragma unroll 4
      for (int i = tid; i < kRows * kStagePlanes; i += kThreads) {
        const int row = i / kStagePlanes, plane = i % kStagePlanes, pixel = first + row;
        const int channel = (fetched * kStagePlanes + plane) * kVector<T>;
        const bool there = static_cast<uint32_t>(pixel) < static_cast<uint32_t>(pixels);
        const int bytes = there ? valid_bytes<T>(channels, channel) : 0;
        copy_async(slot + plane * kPlane + row * 16, p.x + pixel * p.x_pitch + channel, bytes);
      }
      for (int i = tid; i < kStagePlanes * kZ; i += kThreads) {
        const int64_t row = (fetched * kStagePlanes + i / kZ) * p.w1_rows + i % kZ;
        copy_async(slot + kStagePlanes * kPlane + i * 16, p.w1 + row * kVector<T>, 16);
      }
      fetched++;
      fetch_slot = fetch_slot + 1 == kStages ? 0 : fetch_slot + 1;
    }
    commit_copies();
  };
  for (int i = 0; i < kStages - 1; i++) fetch();
  prepare();

  const Products<T> products(0);
  float acc[m_tiles][z_tiles][4];
  clear(acc);
  const auto* affine = reinterpret_cast<const RegisterAffine<T>*>(memory + Layout::kAffine) + lane % 4;
  int slot = 0;
#pragma unroll 1
  for (int step = 0; step < steps; step++) {
    wait_copies<kStages - 2>();
    __syncthreads();  // this stage is there, and nobody reads the one before any more
    fetch();
    const uint32_t stage = stages + slot * kStage;
    const uint32_t x_at = stage + row0 * 16 + lane_by_rows(kPlane, lane);
    const uint32_t w_at = stage + kStagePlanes * kPlane + group * z_tiles * 128 + lane_by_planes(kZ * 16, lane);
#pragma unroll
    for (int k = 0; k < kStagePlanes / 2; k++) {
      const auto low_channels = affine[k * 8], high_channels = affine[k * 8 + 4];
      Factors<T> a[m_tiles];
#pragma unroll
      for (int m = 0; m < m_tiles; m++) {
        uint32_t x[4];
        load_matrices(x, x_at + 2 * k * kPlane + m * 256);
#pragma unroll
        for (int i = 0; i < 4; i++) x[i] = normalize(x[i], i < 2 ? low_channels : high_channels);
        a[m] = products.factors(x);
      }
#pragma unroll
      for (int n = 0; n < z_tiles; n += 2) {
        uint32_t w[4];
        load_matrices(w, w_at + (2 * k * kZ + n * 8) * 16);
        const Factors<T> b = products.factors(w);
#pragma unroll
        for (int m = 0; m < m_tiles; m++) {
          products.add(acc[m][n], a[m], b, 0);
          products.add(acc[m][n + 1], a[m], b, 2);
        }
      }
    }
    affine += kStagePlanes * 4;
    slot = slot + 1 == kStages ? 0 : slot + 1;
  }

  const auto* z_affine = reinterpret_cast<const RegisterAffine<T>*>(memory + Layout::kZAffine) + lane % 4;
#pragma unroll
  for (int n = 0; n < z_tiles; n++) {
    const int plane = group * z_tiles + n;
    const auto of = z_affine[plane * 4];
    char* to = memory + at.z + plane * at.z_plane + (row0 + lane / 4) * 16 + lane % 4 * 4;
#pragma unroll
    for (int m = 0; m < m_tiles; m++, to += 256) {
      const float(&sum)[4] = acc[m][n];
      *reinterpret_cast<uint32_t*>(to) = pack_relu<T>(fmaf(sum[0], of.x, of.y), fmaf(sum[1], of.z, of.w));
      *reinterpret_cast<uint32_t*>(to + 128) = pack_relu<T>(fmaf(sum[2], of.x, of.y), fmaf(sum[3], of.z, of.w));
    }
  }
}

template <class T, int kGroups, int z_tiles, int y_tiles, int spatial_planes>
__device__ __forceinline__ void bottleneck_infer(const BottleneckInfer<T>& p) {
  using Layout = BottleneckLayout<T, kGroups, z_tiles, y_tiles, spatial_planes>;
  constexpr int kThreads = Layout::kThreads, kOut = Layout::kOut, kTogether = Layout::kTogether;
  extern __shared__ __align__(128) char memory[];
  const int tid = threadIdx.x, lane = tid % 32, pixels = p.pixels, width = p.width;
  const int padded = round_up(static_cast<int>(p.norm.channels), Layout::kStagePlanes * kVector<T>);
  const Layout at(p, padded);
  const uint32_t zeros = shared_address(memory), weights = shared_address(memory + at.weights);

  for (int i = tid; i < Layout::kZAffine / 16; i += kThreads) {
    *reinterpret_cast<uint4*>(memory + i * 16) = make_uint4(0, 0, 0, 0);
  }
  for (int i = tid; i < 9 * at.z_planes * kOut; i += kThreads) {
    copy_async(weights + i * 16, p.w2 + (i / kOut * p.w2_rows + i % kOut) * kVector<T>, 16);
  }
  const Affine<T, 1, kThreads> affine_of_x(p.norm), affine_of_z(p.z_norm);
  wait_for_predecessor();

  const auto prepare = [&]() {
    affine_of_x.store(reinterpret_cast<float2*>(memory + Layout::kAffine), p.norm, padded);
    affine_of_z.store(reinterpret_cast<float2*>(memory + Layout::kZAffine), p.z_norm, Layout::kZ);
    let_successor_start();
  };
  const int first = blockIdx.x * at.step;
  switch (at.tiles) {
    case 1:
      make_z<Layout, 1, z_tiles>(p, at, memory, first - at.halo, padded, prepare);
      break;
    case 2:
      make_z<Layout, 2, z_tiles>(p, at, memory, first - at.halo, padded, prepare);
      break;
    default:
      make_z<Layout, 3, z_tiles>(p, at, memory, first - at.halo, padded, prepare);
  }
  wait_copies<0>();
  __syncthreads();

  const Products<T> products(0);
  float acc[kTogether][y_tiles][4];
  clear(acc);
  const int part = tid / 32 % Layout::kSplit, row0 = tid / 32 / Layout::kSplit * 16 * kTogether;
  const uint32_t z = shared_address(memory + at.z) + lane / 16 * at.z_plane;
  uint32_t inside[kTogether];
#pragma unroll
  for (int m = 0; m < kTogether; m++) {
    const int pixel = row0 + m * 16 + lane % 16;
    inside[m] = pixel < at.step ? neighbours_inside(first + pixel, pixels, p.height, width) : 0;
  }
#pragma unroll 1
  for (int tap = 0; tap < 9; tap++) {
    const int shifted = row0 + lane % 16 + at.halo + (tap / 3 - 1) * width + tap % 3 - 1;
    uint32_t row[kTogether], next[kTogether];
#pragma unroll
    for (int m = 0; m < kTogether; m++) {
      const uint32_t at_tap = z + (shifted + m * 16) * 16;
      const bool there = inside[m] >> tap & 1;
      next[m] = there ? 2 * at.z_plane : 32;
      row[m] = (there ? at_tap : zeros + (at_tap & 112)) + part * next[m];
      next[m] *= Layout::kSplit;
    }
    const int w_step = 2 * kOut * 16;
    uint32_t w_at = weights + tap * at.z_planes * kOut * 16 + part * w_step;
#pragma unroll 2
    for (int k = part; k < at.z_planes / 2; k += Layout::kSplit, w_at += Layout::kSplit * w_step) {
      Factors<T> a[kTogether];
#pragma unroll
      for (int m = 0; m < kTogether; m++) {
        uint32_t r[4];
        load_matrices(r, row[m]);
        a[m] = products.factors(r);
        row[m] += next[m];
      }
#pragma unroll
      for (int n = 0; n < y_tiles; n += 2) {
        uint32_t w[4];
        load_b(w, w_at + n * 128, kOut * 16, lane);
        const Factors<T> b = products.factors(w);
#pragma unroll
        for (int m = 0; m < kTogether; m++) {
          products.add(acc[m][n], a[m], b, 0);
          products.add(acc[m][n + 1], a[m], b, 2);
        }
      }
    }
  }
  __syncthreads();

  // Parts of sums where stages and z were, then y where weights were.
  char* const parts = memory + at.stages;
#pragma unroll
  for (int m = 0; m < kTogether; m++) {
#pragma unroll
    for (int n = 0; n < y_tiles; n++) {
      char* to = parts + part * Layout::kPart + (row0 + m * 16 + lane / 4) * Layout::kPartPitch +
                 (n * 8 + lane % 4 * 2) * 4;
      *reinterpret_cast<float2*>(to) = make_float2(acc[m][n][0], acc[m][n][1]);
      *reinterpret_cast<float2*>(to + 8 * Layout::kPartPitch) = make_float2(acc[m][n][2], acc[m][n][3]);
    }
  }
  __syncthreads();
  const int row = tid / y_tiles, piece = tid % y_tiles;
  float sums[8] = {};
#pragma unroll
  for (int i = 0; i < Layout::kSplit; i++) {
    const auto* from =
        reinterpret_cast<const float4*>(parts + i * Layout::kPart + row * Layout::kPartPitch + piece * 32);
    const float4 low = from[0], high = from[1];
    sums[0] += low.x, sums[1] += low.y, sums[2] += low.z, sums[3] += low.w;
    sums[4] += high.x, sums[5] += high.y, sums[6] += high.z, sums[7] += high.w;
  }
  char* const staging = memory + at.weights;
  *reinterpret_cast<uint4*>(staging + row * Layout::kOutPitch + piece * 16) = packed(sums);
  __syncwarp();
  constexpr int kRows = 32 / y_tiles;  // of a warp
  const int store_row = tid / 32 * kRows, rows = min(kRows, min(at.step, pixels - first) - store_row);
  store_slice(p.y + (first + store_row) * p.y_pitch, p.y_pitch, static_cast<int>(p.y_channels),
              static_cast<int>(p.y_width), staging + store_row * Layout::kOutPitch, Layout::kOutPitch, rows, lane);
}

}  // namespace dn

// Up to 48 channels of z and 16 of y (k = 12), and up to 128 and 32 (k = 32).
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bottleneck_infer_48(const __grid_constant__ dn::BottleneckInfer<dn::bf16> p) {
  dn::bottleneck_infer<dn::bf16, 1, 6, 2, 6>(p);
}
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bottleneck_infer_128(const __grid_constant__ dn::BottleneckInfer<dn::bf16> p) {
  dn::bottleneck_infer<dn::bf16, 2, 8, 4, 8>(p);
}
