// y = conv3x3(relu(bn(x))), padding 1, with batch statistics of y. y is a channel slice of a feature buffer; x is
// packed, or a prefix of that buffer. Moves 2 bytes a value of x and of y.
//
// Implicit GEMM over pixels in memory order: a tile is kPixels pixels that follow each other, wherever rows and images
// end, and needs the width + 1 pixels before and after it. A tap is a shift of the operand's rows; a tap that lies
// outside the image reads zeros instead, because a padded pixel is 0 after BN+ReLU. x is normalised once, in place, by
// the threads that copied it; nine taps read it. Weights stay in shared memory, or, of many channels, come with the
// stages of x.
#include "neighbours.cuh"
#include "drop_tile.cuh"
#include "norm.cuh"
#include "statistics.cuh"

namespace dn {

struct Conv3x3Fprop {
  bf16* y;           // of the slice: y[pixel * y_pitch + channel]
  ExactSum* y_sums;  // (y_channels, 2); null: statistics are not wanted
  const bf16* x;
  const bf16* w;  // (9, planes, w_rows, 8): planes is a multiple of stage_planes, zeros where it pads
  int64_t y_pitch;
  int64_t x_pitch;  // a multiple of 8
  int64_t w_rows;
  int64_t y_channels;
  int64_t y_width;  // 8, 4, 2 or 1: the most that address, pitch and y_channels are multiples of
  int64_t pixels;
  int64_t height;
  int64_t width;
  Norm norm;
  Dropout dropout;
};

template <int kWarps, int m_tiles, int n_tiles, int stage_planes, bool kResident>
struct Conv3x3Layout {
  static constexpr int kPixels = kWarps * 16 * m_tiles, kOut = 8 * n_tiles;
  static constexpr int kOutPitch = kOut * 2 + 16, kStaging = 16 * m_tiles * kOutPitch;
  // A tap outside reads zeros from the banks of the row it replaces, or it would conflict with the seven rows beside
  // it: 8 rows for 8 groups of banks, and 32 bytes a step of two planes.
  static constexpr int kZeros = 128 + 32 * (stage_planes / 2 - 1);
  static constexpr int kStageWeights = kResident ? 0 : 9 * stage_planes * kOut * 16;
  int rows, plane, stage, zeros, weights, stages, staging;
  __device__ Conv3x3Layout(int planes, int width) {
    rows = kPixels + 2 * width + 2;
    plane = plane_bytes(rows);
    stage = stage_planes * plane + kStageWeights;
    zeros = round_up(planes * kVector * 8, 128);
    weights = zeros + kZeros;
    stages = round_up(weights + (kResident ? 9 * planes * kOut * 16 : 0), 128);
    staging = stages + 2 * stage;
  }
};

template <int kWarps, int m_tiles, int n_tiles, int stage_planes, int kAffine, bool kResident>
__device__ __forceinline__ void conv3x3_fprop(const Conv3x3Fprop& p) {
  using Layout = Conv3x3Layout<kWarps, m_tiles, n_tiles, stage_planes, kResident>;
  constexpr int kThreads = 32 * kWarps, kOut = Layout::kOut;
  extern __shared__ __align__(128) char memory[];
  const int channels = p.norm.channels, pixels = p.pixels, height = p.height, width = p.width;
  const int w_rows = p.w_rows, chunk = blockIdx.y * kOut;
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32;
  const int planes = round_up(channels, kVector * stage_planes) / kVector, steps = planes / stage_planes;
  const int64_t pitch = p.x_pitch;
  const Layout at(planes, width);
  const uint32_t zeros = shared_address(memory + at.zeros), weights = shared_address(memory + at.weights);

  if (kResident) {
    for (int i = tid; i < 9 * planes * kOut; i += kThreads) {
      copy_async(weights + i * 16, p.w + (static_cast<int64_t>(i / kOut) * w_rows + chunk + i % kOut) * kVector, 16);
    }
  }
  if (tid < Layout::kZeros / 16) *reinterpret_cast<uint4*>(memory + at.zeros + tid * 16) = make_uint4(0, 0, 0, 0);
  Affine<kAffine, kThreads> affine_of_channels(p.norm);
  wait_for_predecessor();

  const int tiles = (pixels + Layout::kPixels - 1) / Layout::kPixels;

  // A thread copies, and later normalises, one plane: eight lanes take eight rows that follow each other, 128 bytes,
  // which conflict neither here nor when they are normalised, whatever the number of planes.
  constexpr int kGroups = kThreads / (8 * stage_planes), kEach = 8 * kGroups;
  const int my_plane = tid / 8 % stage_planes, group = tid / (8 * stage_planes), my_row = group * 8 + tid % 8;
  // the same for eight lanes: planes are whole eights of rows
  const int passes = group < kGroups ? (at.rows - group * 8 + kEach - 1) / kEach : 0;
  const int64_t skip = pitch * kEach;
  const char* const my_affine = memory + my_plane * 64;
  const uint32_t stages = shared_address(memory + at.stages);
  const uint32_t my_to = stages + my_plane * at.plane + my_row * 16;
  const auto fetch = [&](int tile, int step, int slot) {
    if (tile < tiles) {
      const int pixel0 = tile * Layout::kPixels - width - 1 + my_row,
                channel = (step * stage_planes + my_plane) * kVector;
      const bf16* from = p.x + pixel0 * pitch + channel;
      uint32_t to = my_to + slot * at.stage;
      const int bytes = valid_bytes(channels, channel);
      uint32_t pixel = pixel0;
      for (int i = 0; i < passes; i++) {
        copy_async(to, from, pixel < static_cast<uint32_t>(pixels) ? bytes : 0);
        pixel += kEach;
        from += skip;
        to += kEach * 16;
      }
      if (!kResident) {
        const uint32_t to_weights = stages + slot * at.stage + stage_planes * at.plane;
        for (int i = tid; i < 9 * stage_planes * kOut; i += kThreads) {
          const int row = i / kOut, tap = row / stage_planes, plane = step * stage_planes + row % stage_planes;
          const int64_t source = static_cast<int64_t>(tap * planes + plane) * w_rows + chunk + i % kOut;
          copy_async(to_weights + i * 16, p.w + source * kVector, 16);
        }
      }
    }
    commit_copies();
  };
  fetch(blockIdx.x, 0, 0);
  affine_of_channels.store(reinterpret_cast<float2*>(memory), p.norm, planes * kVector);
  let_successor_start();
  __syncthreads();

  ColumnSums<kOut, kWarps> sums;
  float acc[m_tiles][n_tiles][4];
  uint32_t inside[m_tiles];
  char* staging = memory + at.staging + warp * Layout::kStaging;
  const int used = min(kOut, static_cast<int>(p.y_channels) - chunk);

  int slot = 0;
  for (int tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    clear(acc);
#pragma unroll
    for (int m = 0; m < m_tiles; m++) {
      inside[m] =
          neighbours_inside(tile * Layout::kPixels + (warp * m_tiles + m) * 16 + lane % 16, pixels, height, width);
    }
#pragma unroll 1
    for (int step = 0; step < steps; step++, slot ^= 1) {
      wait_copies<0>();
      {
        const auto* affine = reinterpret_cast<const float4*>(my_affine + step * stage_planes * 64);
        const float4 s0 = affine[0], s1 = affine[1], s2 = affine[2], s3 = affine[3];
        auto* vector =
            reinterpret_cast<uint4*>(memory + at.stages + slot * at.stage + my_plane * at.plane + my_row * 16);
        for (int i = 0; i < passes; i++, vector += kEach) {
          uint4 v = *vector;
          v.x = normalize(v.x, s0);
          v.y = normalize(v.y, s1);
          v.z = normalize(v.z, s2);
          v.w = normalize(v.w, s3);
          *vector = v;
        }
      }
      __syncthreads();  // this stage is normalised, and nobody reads the other one any more
      fetch(step + 1 < steps ? tile : tile + gridDim.x, step + 1 < steps ? step + 1 : 0, slot ^ 1);

      const uint32_t stage = stages + slot * at.stage;
      const uint32_t tap_weights =
          kResident ? weights + step * stage_planes * kOut * 16 : stage + stage_planes * at.plane;
      const int tap_planes = kResident ? planes : stage_planes;
#pragma unroll
      for (int tap = 0; tap < 9; tap++) {
        uint32_t row[m_tiles], next[m_tiles];
#pragma unroll
        for (int m = 0; m < m_tiles; m++) {
          const bool there = inside[m] >> tap & 1;
          const int local = (warp * m_tiles + m) * 16 + lane % 16 + (tap / 3) * width + tap % 3;
          const uint32_t at_tap = stage + (lane / 16) * at.plane + local * 16;
          row[m] = there ? at_tap : zeros + (at_tap & 112);
          next[m] = there ? 2 * at.plane : 32;
        }
#pragma unroll
        for (int k = 0; k < stage_planes / 2; k++) {
          uint32_t a[m_tiles][4];
#pragma unroll
          for (int m = 0; m < m_tiles; m++) {
            load_matrices(a[m], row[m]);
            row[m] += next[m];
          }
          const int plane = tap * tap_planes + 2 * k + lane / 8 % 2;
#pragma unroll
          for (int n = 0; n < n_tiles; n += 2) {
            uint32_t b[4];
            load_matrices(b, tap_weights + (plane * kOut + n * 8 + lane / 16 * 8 + lane % 8) * 16);
#pragma unroll
            for (int m = 0; m < m_tiles; m++) {
              multiply(acc[m][n], a[m], b[0], b[1]);
              multiply(acc[m][n + 1], a[m], b[2], b[3]);
            }
          }
        }
      }
    }

    const int first = tile * Layout::kPixels + warp * 16 * m_tiles, rows = min(16 * m_tiles, pixels - first);
#pragma unroll
    for (int m = 0; m < m_tiles; m++) {
      stage_tile(staging + m * 16 * Layout::kOutPitch, Layout::kOutPitch, acc[m], lane);
    }
    __syncwarp();
    drop_tile(p.dropout, staging, Layout::kOutPitch, rows, used, first, chunk, p.y_channels, lane);
    sums.add(staging, Layout::kOutPitch, rows, lane);
    store_slice(p.y + first * p.y_pitch + chunk, p.y_pitch, used, static_cast<int>(p.y_width), staging,
                Layout::kOutPitch, rows, lane);
    __syncwarp();
  }
  if (p.y_sums != nullptr) sums.store(p.y_sums + chunk * 2, reinterpret_cast<float*>(memory + at.stages), used);
}

}  // namespace dn

// y in chunks of 16 channels and x in stages of 48 (k = 12), or of 32 and in stages of 64 (k = 32), in tiles of 256
// pixels; of 64 where there are too few pixels. Streamed: more channels of x than have their weights in shared memory.
extern "C" __global__ void __launch_bounds__(256, 2)
    dn_bnrelu_conv3x3_fprop_16_large(const __grid_constant__ dn::Conv3x3Fprop p) {
  dn::conv3x3_fprop<8, 2, 2, 6, 1, true>(p);
}
extern "C" __global__ void __launch_bounds__(128, 4)
    dn_bnrelu_conv3x3_fprop_16_small(const __grid_constant__ dn::Conv3x3Fprop p) {
  dn::conv3x3_fprop<4, 1, 2, 6, 1, true>(p);
}
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bnrelu_conv3x3_fprop_32_large(const __grid_constant__ dn::Conv3x3Fprop p) {
  dn::conv3x3_fprop<8, 2, 4, 8, 1, true>(p);
}
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv3x3_fprop_32_small(const __grid_constant__ dn::Conv3x3Fprop p) {
  dn::conv3x3_fprop<4, 1, 4, 8, 1, true>(p);
}
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv3x3_fprop_16_streamed(const __grid_constant__ dn::Conv3x3Fprop p) {
  dn::conv3x3_fprop<4, 1, 2, 6, 1, false>(p);
}
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv3x3_fprop_32_streamed(const __grid_constant__ dn::Conv3x3Fprop p) {
  dn::conv3x3_fprop<4, 1, 4, 8, 1, false>(p);
}
