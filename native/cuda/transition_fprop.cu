// y = conv1x1(mean over 2x2 pixels of relu(bn(x))) with batch statistics of y. x is all channels of a feature buffer, y
// the first of the next one. Moves 2 bytes a value of x, for each 128 or 256 channels of y, and of y, or 4.
//
// A block computes tiles of 64 pixels of y and 128 of its channels (blockIdx.y), a warp 16 x 128, or 256, a warp 32 x
// 128. x comes in steps of four planes: a thread loads the windows of two pixels and 16 bytes of channels a step ahead,
// into registers, and leaves their mean in shared memory, of bfloat16 as the sum of two: all blocks that follow amplify
// what is rounded here, and the product waits for memory in any case. Weights come by cp.async.
#include "drop_tile.cuh"
#include "factors.cuh"
#include "norm.cuh"
#include "statistics.cuh"
#include "tiles.cuh"
#include "windows.cuh"

namespace dn {

template <class T>
struct TransitionFprop {
  T* y;              // (pixels, y_pitch)
  ExactSum* y_sums;  // (y_channels, 2); null: statistics are not wanted
  const T* x;        // (4 or more x pixels, x_pitch)
  const T* w;        // whole stages of planes, (planes, w_rows, kVector); zeros where it pads
  int64_t y_pitch;
  int64_t x_pitch;
  int64_t w_rows;  // a multiple of a block's channels
  int64_t y_channels;
  int64_t y_width;  // the most values, in 16 bytes, that address, pitch and y_channels are multiples of
  int64_t tf32;     // whether factors are rounded to TF32; of float32
  int64_t images;
  int64_t height;  // of x
  int64_t width;
  Norm norm;
  Dropout dropout;
};

// kGroups: of 128 channels of y that warps share.
template <class T, int kGroups>
struct TransitionLayout {
  static constexpr bool kSplit = sizeof(T) == 2;
  static constexpr int kWarps = 4, kThreads = 128, kPixels = 64, kPlanes = 4, kStep = kPlanes * kVector<T>;
  static constexpr int kColumns = 128, kOut = kGroups * kColumns, kRowWarps = kWarps / kGroups;
  static constexpr int kPlane = plane_bytes(kPixels), kX = (kSplit ? 2 : 1) * kPlanes * kPlane;
  static constexpr int kW = kPlanes * kOut * 16, kOutPitch = kColumns * sizeof(T) + 16, kStaging = 16 * kOutPitch;
  int x, w, staging;
  __device__ explicit TransitionLayout(int padded) : x(round_up(padded * 8, 128)), w(x + 2 * kX), staging(w + 2 * kW) {}
};

template <int kGroups, class T>
__device__ __forceinline__ void transition_fprop(const Tiled<TransitionFprop<T>>& p) {
  using L = TransitionLayout<T, kGroups>;
  extern __shared__ __align__(128) char memory[];
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32;
  const int channels = p.norm.channels, padded = round_up(channels, L::kStep), steps = padded / L::kStep;
  const int row_warp = warp % L::kRowWarps, column = warp / L::kRowWarps * L::kColumns;
  const int w_rows = p.w_rows, chunk = blockIdx.y * L::kOut, left = static_cast<int>(p.y_channels) - chunk;
  const L at(padded);
  const Windows<2> windows(p.height, p.width);
  const int pixels = static_cast<int>(p.images) * windows.rows * windows.columns;
  const Tiles tiles((pixels + L::kPixels - 1) / L::kPixels, p.reversed);
  const auto* affine = reinterpret_cast<const float4*>(memory);
  Affine<T, 4, L::kThreads> affine_of_channels(p.norm);
  wait_for_predecessor();
  affine_of_channels.store(reinterpret_cast<float2*>(memory), p.norm, padded);
  let_successor_start();
  __syncthreads();

  const int plane = tid % L::kPlanes, row = tid / L::kPlanes;  // and row + 32
  const uint32_t weights = shared_address(memory + at.w);
  const auto fetch_weights = [&](int step) {
    const T* from = p.w + (static_cast<int64_t>(step) * L::kPlanes * w_rows + chunk) * kVector<T>;
#pragma unroll kGroups == 1 ? 4 : 1
    for (int i = tid; i < L::kPlanes * L::kOut; i += L::kThreads) {
      copy_async(weights + step % 2 * L::kW + i * 16, from + (i / L::kOut * w_rows + i % L::kOut) * kVector<T>, 16);
    }
    commit_copies();
  };

  const Products<T> products(p.tf32);
  ColumnSums<T, L::kColumns, L::kWarps, kGroups> sums;
  char* staging = memory + at.staging + warp * L::kStaging;
  for (int tile = tiles.first; tiles.has(tile); tile += tiles.step) {
    const T* from[2];
    bool there[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
      const int pixel = tile * L::kPixels + row + 32 * i;
      there[i] = pixel < pixels;
      from[i] = p.x + (there[i] ? windows.first(pixel) : 0) * p.x_pitch + plane * kVector<T>;
    }
    uint4 x[2][4];
    const auto load = [&](int step) {
      const int bytes = valid_bytes<T>(channels, step * L::kStep + plane * kVector<T>);
#pragma unroll
      for (int i = 0; i < 2; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          x[i][j] = load_valid(from[i] + step * L::kStep + windows.offset(j) * p.x_pitch, there[i] ? bytes : 0);
        }
      }
    };
    float acc[kGroups][16][4];
    clear(acc);
    load(0);
    fetch_weights(0);
#pragma unroll 1
    for (int step = 0; step < steps; step++) {
      char* stage = memory + at.x + step % 2 * L::kX;
#pragma unroll
      for (int i = 0; i < 2; i++) {
        float mean[kVector<T>], rounded[kVector<T>];
        mean_rectified(mean, x[i], affine + (step * L::kStep + plane * kVector<T>) / 2);
        auto* to = reinterpret_cast<uint4*>(stage + plane * L::kPlane + (row + 32 * i) * 16);
        const uint4 most = packed(mean);
        to[0] = most;
        if (L::kSplit) {
          widen(rounded, most);
#pragma unroll
          for (int j = 0; j < kVector<T>; j++) mean[j] -= rounded[j];
          to[L::kPlanes * L::kPlane / 16] = packed(mean);
        }
      }
      wait_copies<0>();
      __syncthreads();  // this step's operands are there, and nobody reads those of the one before any more
      if (step + 1 < steps) {
        load(step + 1);
        fetch_weights(step + 1);
      }
      const uint32_t a_row = shared_address(stage) + row_warp * kGroups * 256,
                     b_row = weights + step % 2 * L::kW + column * 16;
#pragma unroll kUnrolled<T, L::kPlanes / 2 / kGroups>
      for (int k = 0; k < L::kPlanes / 2; k++) {
        Factors<T> a[kGroups], rest[kGroups];
#pragma unroll
        for (int m = 0; m < kGroups; m++) {
          uint32_t r[4];
          load_a(r, a_row + 2 * k * L::kPlane + m * 256, L::kPlane, lane);
          a[m] = products.factors(r);
          if (L::kSplit) load_a(r, a_row + (2 * k + L::kPlanes) * L::kPlane + m * 256, L::kPlane, lane);
          rest[m] = products.factors(r);
        }
#pragma unroll
        for (int n = 0; n < 16; n += 2) {
          uint32_t r[4];
          load_b(r, b_row + (2 * k * L::kOut + n * 8) * 16, L::kOut * 16, lane);
          const Factors<T> b = products.factors(r);
#pragma unroll
          for (int m = 0; m < kGroups; m++) {
            products.add(acc[m][n], a[m], b, 0);
            products.add(acc[m][n + 1], a[m], b, 2);
            if (L::kSplit) {
              products.add(acc[m][n], rest[m], b, 0);
              products.add(acc[m][n + 1], rest[m], b, 2);
            }
          }
        }
      }
    }
    const int used = max(0, min(L::kColumns, left - column));
#pragma unroll
    for (int m = 0; m < kGroups; m++) {
      const int first = tile * L::kPixels + (row_warp * kGroups + m) * 16, rows = min(16, pixels - first);
      stage_tile<T>(staging, L::kOutPitch, acc[m], lane);
      __syncwarp();
      drop_tile<T>(p.dropout, staging, L::kOutPitch, rows, used, PixelsFrom{first}, chunk + column, p.y_channels, lane);
      sums.add(staging, L::kOutPitch, rows, lane);
      store_slice(p.y + first * p.y_pitch + chunk + column, p.y_pitch, used, static_cast<int>(p.y_width), staging,
                  L::kOutPitch, rows, lane);
      __syncwarp();
    }
    __syncthreads();  // nobody reads operands of the last step any more
  }
  if (p.y_sums != nullptr) sums.store(p.y_sums + chunk * 2, memory + at.x, left);
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(128, 2)
    dn_transition_fprop_128(const __grid_constant__ dn::Tiled<dn::TransitionFprop<dn::bf16>> p) {
  dn::transition_fprop<1>(p);
}
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_transition_fprop_256(const __grid_constant__ dn::Tiled<dn::TransitionFprop<dn::bf16>> p) {
  dn::transition_fprop<2>(p);
}

extern "C" __global__ void __launch_bounds__(128, 2)
    dn_transition_fprop_fp32(const __grid_constant__ dn::Tiled<dn::TransitionFprop<float>> p) {
  dn::transition_fprop<1>(p);
}
