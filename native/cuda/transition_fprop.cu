// y = conv1x1(mean over 2x2 pixels of relu(bn(x))) with batch statistics of y. x is all channels of a feature buffer, y
// the first of the next one. Moves 2 bytes a value of x, for each 128 channels of y, and of y.
//
// A block computes tiles of 64 pixels of y and 128 of its channels (blockIdx.y), a warp 16 x 128. x comes in steps of 32
// channels: a thread loads the windows of two pixels and eight channels a step ahead, into registers, and leaves their
// mean in shared memory, as the sum of two bfloat16: all blocks that follow amplify what is rounded here, and the product
// waits for memory in any case. Weights come by cp.async.
#include "drop_tile.cuh"
#include "norm.cuh"
#include "statistics.cuh"
#include "windows.cuh"

namespace dn {

struct TransitionFprop {
  bf16* y;           // (pixels, y_pitch)
  ExactSum* y_sums;  // (y_channels, 2); null: statistics are not wanted
  const bf16* x;     // (4 or more x pixels, x_pitch)
  const bf16* w;     // planes: (channels rounded up to 32) / 8, w_rows, 8; zeros where it pads
  int64_t y_pitch;
  int64_t x_pitch;
  int64_t w_rows;  // a multiple of 128
  int64_t y_channels;
  int64_t y_width;  // 8, 4, 2 or 1: the most that address, pitch and y_channels are multiples of
  int64_t images;
  int64_t height;  // of x
  int64_t width;
  Norm norm;
  Dropout dropout;
};

struct TransitionLayout {
  static constexpr int kWarps = 4, kThreads = 128, kPixels = 64, kOut = 128, kStep = 32, kPlanes = kStep / kVector;
  static constexpr int kPlane = plane_bytes(kPixels), kX = 2 * kPlanes * kPlane, kW = kPlanes * kOut * 16;
  static constexpr int kOutPitch = kOut * 2 + 16, kStaging = 16 * kOutPitch;
  int x, w, staging;
  __device__ explicit TransitionLayout(int padded) : x(round_up(padded * 8, 128)), w(x + 2 * kX), staging(w + 2 * kW) {}
};

}  // namespace dn

extern "C" __global__ void __launch_bounds__(128, 2)
    dn_transition_fprop(const __grid_constant__ dn::TransitionFprop p) {
  using namespace dn;
  using L = TransitionLayout;
  extern __shared__ __align__(128) char memory[];
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32;
  const int channels = p.norm.channels, padded = round_up(channels, L::kStep), steps = padded / L::kStep;
  const int w_rows = p.w_rows, chunk = blockIdx.y * L::kOut,
            used = min(L::kOut, static_cast<int>(p.y_channels) - chunk);
  const L at(padded);
  const Windows<2> windows(p.height, p.width);
  const int pixels = static_cast<int>(p.images) * windows.rows * windows.columns;
  const int tiles = (pixels + L::kPixels - 1) / L::kPixels;
  const auto* affine = reinterpret_cast<const float4*>(memory);
  Affine<4, L::kThreads> affine_of_channels(p.norm);
  wait_for_predecessor();
  affine_of_channels.store(reinterpret_cast<float2*>(memory), p.norm, padded);
  let_successor_start();
  __syncthreads();

  const int plane = tid % L::kPlanes, row = tid / L::kPlanes;  // and row + 32
  const uint32_t weights = shared_address(memory + at.w);
  const auto fetch_weights = [&](int step) {
    const bf16* from = p.w + (static_cast<int64_t>(step) * L::kPlanes * w_rows + chunk) * kVector;
    for (int i = tid; i < L::kPlanes * L::kOut; i += L::kThreads) {
      copy_async(weights + step % 2 * L::kW + i * 16, from + (i / L::kOut * w_rows + i % L::kOut) * kVector, 16);
    }
    commit_copies();
  };

  ColumnSums<L::kOut, L::kWarps> sums;
  char* staging = memory + at.staging + warp * L::kStaging;
  for (int tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    const bf16* from[2];
    bool there[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
      const int pixel = tile * L::kPixels + row + 32 * i;
      there[i] = pixel < pixels;
      from[i] = p.x + (there[i] ? windows.first(pixel) : 0) * p.x_pitch + plane * kVector;
    }
    uint4 x[2][4];
    const auto load = [&](int step) {
      const int bytes = valid_bytes(channels, step * L::kStep + plane * kVector);
#pragma unroll
      for (int i = 0; i < 2; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          x[i][j] = load_valid(from[i] + step * L::kStep + windows.offset(j) * p.x_pitch, there[i] ? bytes : 0);
        }
      }
    };
    float acc[1][16][4];
    clear(acc);
    load(0);
    fetch_weights(0);
#pragma unroll 1
    for (int step = 0; step < steps; step++) {
      char* stage = memory + at.x + step % 2 * L::kX;
#pragma unroll
      for (int i = 0; i < 2; i++) {
        float mean[kVector], rounded[kVector];
        mean_rectified(mean, x[i], affine + (step * L::kStep + plane * kVector) / 2);
        auto* to = reinterpret_cast<uint4*>(stage + plane * L::kPlane + (row + 32 * i) * 16);
        const uint4 most = pack(mean);
        widen(rounded, most);
#pragma unroll
        for (int j = 0; j < kVector; j++) mean[j] -= rounded[j];
        to[0] = most;
        to[L::kPlanes * L::kPlane / 16] = pack(mean);
      }
      wait_copies<0>();
      __syncthreads();  // this step's operands are there, and nobody reads those of the one before any more
      if (step + 1 < steps) {
        load(step + 1);
        fetch_weights(step + 1);
      }
      const uint32_t a_row = shared_address(stage) + lane / 16 * L::kPlane + (warp * 16 + lane % 16) * 16;
      const uint32_t b_row = weights + step % 2 * L::kW + (lane / 8 % 2 * L::kOut + lane / 16 * 8 + lane % 8) * 16;
#pragma unroll
      for (int k = 0; k < L::kStep / 16; k++) {
        uint32_t a[4], rest[4], b[4];
        load_matrices(a, a_row + 2 * k * L::kPlane);
        load_matrices(rest, a_row + (2 * k + L::kPlanes) * L::kPlane);
#pragma unroll
        for (int n = 0; n < 16; n += 2) {
          load_matrices(b, b_row + (2 * k * L::kOut + n * 8) * 16);
          multiply(acc[0][n], a, b[0], b[1]);
          multiply(acc[0][n + 1], a, b[2], b[3]);
          multiply(acc[0][n], rest, b[0], b[1]);
          multiply(acc[0][n + 1], rest, b[2], b[3]);
        }
      }
    }
    const int first = tile * L::kPixels + warp * 16, rows = min(16, pixels - first);
    stage_tile(staging, L::kOutPitch, acc[0], lane);
    __syncwarp();
    drop_tile(p.dropout, staging, L::kOutPitch, rows, used, first, chunk, p.y_channels, lane);
    sums.add(staging, L::kOutPitch, rows, lane);
    store_slice(p.y + first * p.y_pitch + chunk, p.y_pitch, used, static_cast<int>(p.y_width), staging, L::kOutPitch,
                rows, lane);
    __syncthreads();  // nobody reads operands of the last step any more
  }
  if (p.y_sums != nullptr) sums.store(p.y_sums + chunk * 2, reinterpret_cast<float*>(memory + at.x), used);
}
