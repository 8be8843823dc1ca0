// The kernels of bnrelu_conv3x3_fprop.cu whose weights come with the stages of x: of many channels, and of float32.
//
// A tile is kPixels pixels that follow each other, wherever rows and images end, and needs the width + 1 pixels before
// and after it. A tap is a shift of the operand's rows; a tap that lies outside the image reads zeros instead.
#ifndef DENSENET4J_CUDA_CONV3X3_FPROP_STREAMED_CUH
#define DENSENET4J_CUDA_CONV3X3_FPROP_STREAMED_CUH

#include "conv3x3_fprop.cuh"
#include "factors.cuh"
#include "neighbours.cuh"
#include "statistics.cuh"

namespace dn {

template <class T, int kWarps, int n_tiles, int stage_planes>
struct Conv3x3StreamedLayout {
  static constexpr int kPixels = kWarps * 16, kOut = 8 * n_tiles;
  static constexpr int kOutPitch = kOut * sizeof(T) + 16, kStaging = 16 * kOutPitch;
  // A tap outside reads zeros from the banks of the row it replaces, or it would conflict with the seven rows beside
  // it: 8 rows for 8 groups of banks, and 32 bytes a step of two planes.
  static constexpr int kZeros = 128 + 32 * (stage_planes / 2 - 1);
  static constexpr int kStageWeights = 9 * stage_planes * kOut * 16;
  int rows, plane, stage, zeros, stages, staging;
  __device__ Conv3x3StreamedLayout(int planes, int width) {
    rows = kPixels + 2 * width + 2;
    plane = plane_bytes(rows);
    stage = stage_planes * plane + kStageWeights;
    zeros = round_up(planes * kVector<T> * 8, 128);
    stages = round_up(zeros + kZeros, 128);
    staging = stages + 2 * stage;
  }
};

// Weights have whole stages of packed_planes.
template <class T, int kWarps, int n_tiles, int stage_planes, int packed_planes = stage_planes>
__device__ __forceinline__ void conv3x3_fprop_streamed(const Tiled<Conv3x3Fprop<T>>& p) {
  using Layout = Conv3x3StreamedLayout<T, kWarps, n_tiles, stage_planes>;
  constexpr int kThreads = 32 * kWarps, kOut = Layout::kOut;
  extern __shared__ __align__(128) char memory[];
  const int channels = p.norm.channels, pixels = p.pixels, height = p.height, width = p.width;
  const int w_rows = p.w_rows, chunk = blockIdx.y * kOut;
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32;
  const int planes = planes_of<T>(channels, packed_planes), steps = planes / stage_planes;
  const int64_t pitch = p.x_pitch;
  const Layout at(planes, width);
  const uint32_t zeros = shared_address(memory + at.zeros);

  if (tid < Layout::kZeros / 16) *reinterpret_cast<uint4*>(memory + at.zeros + tid * 16) = make_uint4(0, 0, 0, 0);
  Affine<T, 1, kThreads> affine_of_channels(p.norm);
  wait_for_predecessor();

  const Tiles tiles((pixels + Layout::kPixels - 1) / Layout::kPixels, p.reversed);

  // A thread copies, and later normalises, one plane: eight lanes take eight rows that follow each other, 128 bytes,
  // which conflict neither here nor when they are normalised, whatever the number of planes.
  constexpr int kGroups = kThreads / (8 * stage_planes), kEach = 8 * kGroups;
  const int my_plane = tid / 8 % stage_planes, group = tid / (8 * stage_planes), my_row = group * 8 + tid % 8;
  // the same for eight lanes: planes are whole eights of rows
  const int passes = group < kGroups ? (at.rows - group * 8 + kEach - 1) / kEach : 0;
  const int64_t skip = pitch * kEach;
  constexpr int kAffineBytes = kVector<T> * 8;  // of a plane
  const char* const my_affine = memory + my_plane * kAffineBytes;
  const uint32_t stages = shared_address(memory + at.stages);
  const uint32_t my_to = stages + my_plane * at.plane + my_row * 16;
  const auto fetch = [&](int tile, int step, int slot) {
    if (tiles.has(tile)) {
      const int pixel0 = tile * Layout::kPixels - width - 1 + my_row,
                channel = (step * stage_planes + my_plane) * kVector<T>;
      const T* from = p.x + pixel0 * pitch + channel;
      uint32_t to = my_to + slot * at.stage;
      const int bytes = valid_bytes<T>(channels, channel);
      uint32_t pixel = pixel0;
      for (int i = 0; i < passes; i++) {
        copy_async(to, from, pixel < static_cast<uint32_t>(pixels) ? bytes : 0);
        pixel += kEach;
        from += skip;
        to += kEach * 16;
      }
      const uint32_t to_weights = stages + slot * at.stage + stage_planes * at.plane;
      for (int i = tid; i < 9 * stage_planes * kOut; i += kThreads) {
        const int row = i / kOut, tap = row / stage_planes, plane = step * stage_planes + row % stage_planes;
        const int64_t source = static_cast<int64_t>(tap * planes + plane) * w_rows + chunk + i % kOut;
        copy_async(to_weights + i * 16, p.w + source * kVector<T>, 16);
      }
    }
    commit_copies();
  };
  fetch(tiles.first, 0, 0);
  affine_of_channels.store(reinterpret_cast<float2*>(memory), p.norm, planes * kVector<T>);
  let_successor_start();
  __syncthreads();

  const Products<T> products(p.tf32);
  ColumnSums<T, kOut, kWarps> sums;
  float acc[1][n_tiles][4];
  char* staging = memory + at.staging + warp * Layout::kStaging;
  const int used = min(kOut, static_cast<int>(p.y_channels) - chunk);

  int slot = 0;
  for (int tile = tiles.first; tiles.has(tile); tile += tiles.step) {
    clear(acc);
    const uint32_t inside = neighbours_inside(tile * Layout::kPixels + warp * 16 + lane % 16, pixels, height, width);
#pragma unroll 1
    for (int step = 0; step < steps; step++, slot ^= 1) {
      wait_copies<0>();
      {
        const auto* from =
            reinterpret_cast<const RegisterAffine<T>*>(my_affine + step * stage_planes * kAffineBytes);
        const RegisterAffine<T> affine[4] = {from[0], from[1], from[2], from[3]};
        auto* vector =
            reinterpret_cast<uint4*>(memory + at.stages + slot * at.stage + my_plane * at.plane + my_row * 16);
        for (int i = 0; i < passes; i++, vector += kEach) *vector = normalize<T>(*vector, affine);
      }
      __syncthreads();  // this stage is normalised, and nobody reads the other one any more
      fetch(step + 1 < steps ? tile : tile + tiles.step, step + 1 < steps ? step + 1 : 0, slot ^ 1);

      const uint32_t stage = stages + slot * at.stage;
      const uint32_t weights = stage + stage_planes * at.plane;
#pragma unroll kUnrolled<T, 9, 3>
      for (int tap = 0; tap < 9; tap++) {
        const bool there = inside >> tap & 1;
        const int local = warp * 16 + lane % 16 + (tap / 3) * width + tap % 3;
        const uint32_t at_tap = stage + (lane / 16) * at.plane + local * 16;
        uint32_t row = there ? at_tap : zeros + (at_tap & 112);
        const uint32_t next = there ? 2 * at.plane : 32;
#pragma unroll
        for (int k = 0; k < stage_planes / 2; k++) {
          uint32_t r[4];
          load_matrices(r, row);
          const Factors<T> a = products.factors(r);
          row += next;
          const int plane = tap * stage_planes + 2 * k;
#pragma unroll
          for (int n = 0; n < n_tiles; n += 2) {
            load_b(r, weights + (plane * kOut + n * 8) * 16, kOut * 16, lane);
            const Factors<T> b = products.factors(r);
            products.add(acc[0][n], a, b, 0);
            products.add(acc[0][n + 1], a, b, 2);
          }
        }
      }
    }

    const int first = tile * Layout::kPixels + warp * 16, rows = min(16, pixels - first);
    stage_tile<T>(staging, Layout::kOutPitch, acc[0], lane);
    __syncwarp();
    drop_tile<T>(p.dropout, staging, Layout::kOutPitch, rows, used, PixelsFrom{first}, chunk, p.y_channels, lane);
    sums.add(staging, Layout::kOutPitch, rows, lane);
    store_slice(p.y + first * p.y_pitch + chunk, p.y_pitch, used, static_cast<int>(p.y_width), staging,
                Layout::kOutPitch, rows, lane);
    __syncwarp();
  }
  if (p.y_sums != nullptr) sums.store(p.y_sums + chunk * 2, memory + at.stages, used);
}

}  // namespace dn
#endif
