// z = conv1x1(relu(bn(x))) with batch statistics of z. x is the prefix of a feature buffer, z is packed.
// Moves 2 bytes a value of x and of z, or 4.
//
// Persistent blocks; a warp computes 16 * m_tiles pixels of all z channels of its chunk (blockIdx.y), so each value of
// x is read from shared memory once, and BN+ReLU is applied in registers, between ldmatrix and mma. x comes in stages
// of four planes by cp.async; stages of one tile and the next follow without a gap. Weights stay in shared memory, or
// come with the stages. Tiles and steps are nested loops over running pointers: one flat loop costs a division and its
// addresses a step.
#include "drop_tile.cuh"
#include "factors.cuh"
#include "norm.cuh"
#include "statistics.cuh"
#include "tiles.cuh"

namespace dn {

template <class T>
struct Conv1x1Fprop {
  T* z;              // (pixels, z_pitch)
  ExactSum* z_sums;  // (z_channels, 2); null: statistics are not wanted
  const T* x;        // (pixels, x_pitch)
  const T* w;        // whole stages of planes, (planes, w_rows, kVector); zeros where it pads
  int64_t z_pitch;   // z_channels rounded up to kVector
  int64_t x_pitch;
  int64_t w_rows;
  int64_t z_channels;
  int64_t pixels;
  int64_t tf32;  // whether factors are rounded to TF32; of float32
  Norm norm;
  Dropout dropout;
};

constexpr int kStagePlanes = 4;

template <class T, int kWarps, int m_tiles, int n_tiles, int kStages, bool kResident>
struct Conv1x1Layout {
  static constexpr int kPixels = kWarps * 16 * m_tiles, kOut = 8 * n_tiles;
  // 32 bytes beyond a multiple of 128: 4 planes of 2 pixels are 8 banks of 16
  static constexpr int kPlane = plane_bytes(kPixels) + 16;
  static constexpr int kOutPitch = kOut * sizeof(T) + 16, kStaging = 16 * kOutPitch;
  static constexpr int kStageWeights = kStagePlanes * kPlane;
  static constexpr int kStage = kStageWeights + (kResident ? 0 : kStagePlanes * kOut * 16);
  int weights, stages, staging;
  __device__ explicit Conv1x1Layout(int padded)
      : weights(padded * 8),
        stages(weights + (kResident ? padded / kVector<T> * kOut * 16 : 0)),
        staging(stages + kStages * kStage) {}
};

// The first kAffine * 32 * kWarps channels of x are the fast ones.
// kSplit: the operand is the sum of two bfloat16, and nothing is lost between normalisation and product.
template <class T, int kWarps, int m_tiles, int n_tiles, int kAffine, int kStages, bool kResident, bool kSplit>
__device__ __forceinline__ void conv1x1_fprop(const Tiled<Conv1x1Fprop<T>>& p) {
  using Layout = Conv1x1Layout<T, kWarps, m_tiles, n_tiles, kStages, kResident>;
  constexpr int kStageChannels = kStagePlanes * kVector<T>;
  constexpr int kThreads = 32 * kWarps, kRows = kThreads / kStagePlanes;  // pixels that all threads copy at a time
  constexpr int kOut = Layout::kOut;
  extern __shared__ __align__(128) char memory[];
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32;
  const int pixels = p.pixels, channels = p.norm.channels, w_rows = p.w_rows, chunk = blockIdx.y * kOut;
  const int padded = round_up(channels, kStageChannels), steps = padded / kStageChannels;
  const Layout at(padded);
  const uint32_t weights = shared_address(memory + at.weights), stages = shared_address(memory + at.stages);

  if (kResident) {
    for (int i = tid; i < padded / kVector<T> * kOut; i += kThreads) {
      copy_async(weights + i * 16, p.w + (static_cast<int64_t>(i / kOut) * w_rows + chunk + i % kOut) * kVector<T>, 16);
    }
  }
  Affine<T, kAffine, kThreads> affine_of_channels(p.norm);
  wait_for_predecessor();

  const Tiles tiles((pixels + Layout::kPixels - 1) / Layout::kPixels, p.reversed);

  // Where the copies are: kStages - 1 stages ahead of the products. Thread t copies plane t % 4 of pixels t / 4,
  // t / 4 + kRows, ...
  const int plane = tid % kStagePlanes, row0 = tid / kStagePlanes;
  const int64_t pitch = p.x_pitch, skip = pitch * kRows;
  const int64_t turn = pitch * Layout::kPixels * tiles.step - static_cast<int64_t>(steps) * kStageChannels;
  const T* from = p.x + (static_cast<int64_t>(tiles.first) * Layout::kPixels + row0) * pitch + plane * kVector<T>;
  int rows_left = pixels - tiles.first * Layout::kPixels - row0, steps_left = steps;
  const uint32_t first_slot = stages + plane * Layout::kPlane + row0 * 16;
  uint32_t to_slot = first_slot;
  int fetch_tile = tiles.first;
  const auto fetch = [&]() {
    if (tiles.has(fetch_tile)) {
      const int bytes =
          steps_left > 1 ? 16 : valid_bytes<T>(channels, (steps - 1) * kStageChannels + plane * kVector<T>);
#pragma unroll
      for (int j = 0; j < Layout::kPixels / kRows; j++) {
        copy_async(to_slot + j * kRows * 16, from + j * skip, j * kRows < rows_left ? bytes : 0);
      }
      if (!kResident) {
        const uint32_t to = to_slot - first_slot + stages + Layout::kStageWeights;
        const T* w = p.w + (static_cast<int64_t>(steps - steps_left) * kStagePlanes * w_rows + chunk) * kVector<T>;
#pragma unroll 1
        for (int i = tid; i < kStagePlanes * kOut; i += kThreads) {
          copy_async(to + i * 16, w + (i / kOut * w_rows + i % kOut) * kVector<T>, 16);
        }
      }
      from += kStageChannels;
      if (--steps_left == 0) {
        steps_left = steps;
        from += turn;
        rows_left -= Layout::kPixels * tiles.step;
        fetch_tile += tiles.step;
      }
    }
    commit_copies();
    to_slot = to_slot == first_slot + (kStages - 1) * Layout::kStage ? first_slot : to_slot + Layout::kStage;
  };
  for (int i = 0; i < kStages - 1; i++) fetch();
  affine_of_channels.store(reinterpret_cast<float2*>(memory), p.norm, padded);
  let_successor_start();

  const Products<T> products(p.tf32);
  ColumnSums<T, kOut, kWarps> sums;
  float acc[m_tiles][n_tiles][4];
  char* staging = memory + at.staging + warp * Layout::kStaging;
  const int z_vectors = static_cast<int>(p.z_pitch) / kVector<T>,
            vectors = min(kOut, static_cast<int>(p.z_pitch) - chunk) / kVector<T>;
  const int used = min(kOut, static_cast<int>(p.z_channels) - chunk);
  const int store_row = lane / vectors, store_piece = lane - store_row * vectors;
  const int turn_rows = 32 / vectors, turn_pieces = 32 - turn_rows * vectors;
  const uint32_t first_stage = stages + warp * m_tiles * 256 + lane_by_rows(Layout::kPlane, lane);
  uint32_t stage = first_stage;
  const uint32_t w_lane = lane_by_planes(kOut * 16, lane);
  const auto* first_affine = reinterpret_cast<const RegisterAffine<T>*>(memory) + lane % 4;

  for (int tile = tiles.first; tiles.has(tile); tile += tiles.step) {
    clear(acc);
    uint32_t w_row = weights + w_lane;
    const auto* affine = first_affine;
#pragma unroll 1
    for (int step = 0; step < steps; step++) {
      wait_copies<kStages - 2>();
      __syncthreads();  // this stage is there, and nobody reads the one before any more
      fetch();
      if (!kResident) w_row = stage - first_stage + stages + Layout::kStageWeights + w_lane;
#pragma unroll kUnrolled<T, kStagePlanes / 2>
      for (int k = 0; k < kStagePlanes / 2; k++) {
        const auto first = affine[k * 8], second = affine[k * 8 + 4];
        Factors<T> a[m_tiles], rest[m_tiles];
#pragma unroll
        for (int m = 0; m < m_tiles; m++) {
          uint32_t x[4], normal[4], of_rest[4] = {};
          load_matrices(x, stage + 2 * k * Layout::kPlane + m * 256);
#pragma unroll
          for (int i = 0; i < 4; i++) {
            const auto of_register = i < 2 ? first : second;
            normal[i] = normalize(x[i], of_register);
            if constexpr (kSplit) of_rest[i] = normalized_rest(x[i], normal[i], of_register);
          }
          a[m] = products.factors(normal);
          if (kSplit) rest[m] = products.factors(of_rest);
        }
#pragma unroll
        for (int n = 0; n < n_tiles; n += 2) {
          uint32_t w[4];
          load_matrices(w, w_row + (2 * k * kOut + n * 8) * 16);
          const Factors<T> b = products.factors(w);
#pragma unroll
          for (int m = 0; m < m_tiles; m++) {
            products.add(acc[m][n], a[m], b, 0);
            products.add(acc[m][n + 1], a[m], b, 2);
            if (kSplit) {
              products.add(acc[m][n], rest[m], b, 0);
              products.add(acc[m][n + 1], rest[m], b, 2);
            }
          }
        }
      }
      affine += kStagePlanes * 4;
      w_row += kStagePlanes * kOut * 16;
      stage = stage == first_stage + (kStages - 1) * Layout::kStage ? first_stage : stage + Layout::kStage;
    }

    // 16 pixels after the other: staging all at once takes the memory of 128 channels' weights.
    const int first = tile * Layout::kPixels + warp * 16 * m_tiles;
#pragma unroll
    for (int m = 0; m < m_tiles; m++) {
      const int rows = min(16, pixels - first - 16 * m);
      stage_tile<T>(staging, Layout::kOutPitch, acc[m], lane);
      __syncwarp();
      drop_tile<T>(p.dropout, staging, Layout::kOutPitch, rows, used, PixelsFrom{first + 16 * m}, chunk, p.z_channels,
                   lane);
      sums.add(staging, Layout::kOutPitch, rows, lane);
      auto* to = reinterpret_cast<uint4*>(p.z + chunk) + static_cast<int64_t>(first + 16 * m) * z_vectors;
      int row = store_row, piece = store_piece;
      for (int left = rows * vectors - lane; left > 0; left -= 32) {
        to[row * z_vectors + piece] = *reinterpret_cast<const uint4*>(staging + row * Layout::kOutPitch + piece * 16);
        row += turn_rows;
        piece += turn_pieces;
        if (piece >= vectors) piece -= vectors, row++;
      }
      __syncwarp();
    }
  }
  if (p.z_sums == nullptr) return;
  sums.store(p.z_sums + chunk * 2, memory + at.stages, used);
}

}  // namespace dn

// z in chunks of 48 channels (k = 12) or 128 (k = 32). Small: fewer than 256 pixels an SM. These have statistics of few
// pixels, which amplify what is rounded: there the operand is split. Their blocks have hardly more than one tile, so
// weights for k = 32 come with the stages. Tiles of 96 pixels load the SMs evenly; where even those are too few, two
// blocks share the channels of z. Streamed: prefixes whose weights do not fit in shared memory.
extern "C" __global__ void __launch_bounds__(256, 2)
    dn_bnrelu_conv1x1_fprop_48_large(const __grid_constant__ dn::Tiled<dn::Conv1x1Fprop<dn::bf16>> p) {
  dn::conv1x1_fprop<dn::bf16, 8, 2, 6, 2, 3, true, false>(p);
}
extern "C" __global__ void __launch_bounds__(128, 4)
    dn_bnrelu_conv1x1_fprop_48_small(const __grid_constant__ dn::Tiled<dn::Conv1x1Fprop<dn::bf16>> p) {
  dn::conv1x1_fprop<dn::bf16, 4, 1, 6, 4, 3, true, true>(p);
}
extern "C" __global__ void __launch_bounds__(256, 2)
    dn_bnrelu_conv1x1_fprop_48_streamed(const __grid_constant__ dn::Tiled<dn::Conv1x1Fprop<dn::bf16>> p) {
  dn::conv1x1_fprop<dn::bf16, 8, 2, 6, 2, 3, false, false>(p);
}
extern "C" __global__ void __launch_bounds__(128, 1)
    dn_bnrelu_conv1x1_fprop_128_large(const __grid_constant__ dn::Tiled<dn::Conv1x1Fprop<dn::bf16>> p) {
  dn::conv1x1_fprop<dn::bf16, 4, 2, 16, 6, 5, true, false>(p);
}
extern "C" __global__ void __launch_bounds__(192, 1)
    dn_bnrelu_conv1x1_fprop_128_small(const __grid_constant__ dn::Tiled<dn::Conv1x1Fprop<dn::bf16>> p) {
  dn::conv1x1_fprop<dn::bf16, 6, 1, 16, 4, 6, false, true>(p);
}
extern "C" __global__ void __launch_bounds__(128, 1)
    dn_bnrelu_conv1x1_fprop_64_small(const __grid_constant__ dn::Tiled<dn::Conv1x1Fprop<dn::bf16>> p) {
  dn::conv1x1_fprop<dn::bf16, 4, 1, 8, 6, 6, false, true>(p);
}

// float32 is bound by its products: weights always come with the stages, so that one kernel serves any prefix.
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv1x1_fprop_48_fp32(const __grid_constant__ dn::Tiled<dn::Conv1x1Fprop<float>> p) {
  dn::conv1x1_fprop<float, 4, 1, 6, 4, 3, false, false>(p);
}
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv1x1_fprop_128_fp32(const __grid_constant__ dn::Tiled<dn::Conv1x1Fprop<float>> p) {
  dn::conv1x1_fprop<float, 4, 1, 16, 6, 3, false, false>(p);
}
