// The kernels of bnrelu_conv3x3_fprop.cu that keep all weights in shared memory; of bfloat16.
//
// A tile is strips of kRows pixels, in shared memory kRows + 2 rows of kStrips + 2. A group of kSplit warps has 16 of
// the strips, each warp a share of the channels that are summed over: it reads every row, shifted three times, once
// for three rows of y, and every weight once for all its rows. Then the warps add up what they have, each of its own
// channels of y.
#ifndef DENSENET4J_CUDA_CONV3X3_FPROP_STRIPS_CUH
#define DENSENET4J_CUDA_CONV3X3_FPROP_STRIPS_CUH

#include "conv3x3_fprop_strips_stages.cuh"

namespace dn {

// Half of the tiles of y that a warp has sums of: those it keeps, and those that go to another warp.
template <int kRows, int kTiles>
__device__ __forceinline__ void halve(float (&kept)[kRows][kTiles / 2][4], float (&sent)[kRows][kTiles / 2][4],
                                      const float (&all)[kRows][kTiles][4], bool upper) {
#pragma unroll
  for (int o = 0; o < kRows; o++)
#pragma unroll
    for (int n = 0; n < kTiles / 2; n++)
#pragma unroll
      for (int e = 0; e < 4; e++) {
        const float low = all[o][n][e], high = all[o][n + kTiles / 2][e];
        kept[o][n][e] = upper ? high : low;
        sent[o][n][e] = upper ? low : high;
      }
}

template <int kRows, int kTiles>
__device__ __forceinline__ void send(char* to, const float (&values)[kRows][kTiles][4], int lane) {
#pragma unroll
  for (int o = 0; o < kRows; o++)
#pragma unroll
    for (int n = 0; n < kTiles; n++)
      reinterpret_cast<float4*>(to)[(o * kTiles + n) * 32 + lane] =
          make_float4(values[o][n][0], values[o][n][1], values[o][n][2], values[o][n][3]);
}

template <int kRows, int kTiles>
__device__ __forceinline__ void receive(float (&values)[kRows][kTiles][4], const char* from, int lane) {
#pragma unroll
  for (int o = 0; o < kRows; o++)
#pragma unroll
    for (int n = 0; n < kTiles; n++) {
      const float4 v = reinterpret_cast<const float4*>(from)[(o * kTiles + n) * 32 + lane];
      values[o][n][0] += v.x;
      values[o][n][1] += v.y;
      values[o][n][2] += v.z;
      values[o][n][3] += v.w;
    }
}

// The sums of a group's warps, of which each is left with those of its own channels. Returns where its tile of y may be
// staged.
template <class Layout>
__device__ __forceinline__ char* add_up(float (&owned)[Layout::kRows][Layout::kOwned][4],
                                        const float (&acc)[Layout::kRows][Layout::kTiles][4], char* memory) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, part = warp % Layout::kSplit;
  const auto exchange = [&](int warp) { return memory + Layout::kExchanges + warp * Layout::kExchange; };
  if constexpr (Layout::kSplit == 1) {
#pragma unroll
    for (int o = 0; o < Layout::kRows; o++)
#pragma unroll
      for (int n = 0; n < Layout::kTiles; n++)
#pragma unroll
        for (int e = 0; e < 4; e++) owned[o][n][e] = acc[o][n][e];
    return exchange(warp);
  } else {
    static_assert(Layout::kSplit == 4, "two exchanges");
    float half[Layout::kRows][2][4], sent[Layout::kRows][2][4], sent_last[Layout::kRows][1][4];
    halve(half, sent, acc, part / 2);
    send(exchange(warp), sent, lane);
    __syncthreads();  // halves are there
    receive(half, exchange(warp ^ 2), lane);
    halve(owned, sent_last, half, part % 2);
    send(exchange(warp ^ 2), sent_last, lane);  // over what this lane has received
    __syncthreads();                            // quarters are there
    receive(owned, exchange(warp ^ 3), lane);
    __syncwarp();
    return exchange(warp ^ 3);
  }
}

// Two planes of a stage, and a warp's strips of it, by nine taps: x at `x`, weights of the first tap at `w`.
template <class Layout>
__device__ __forceinline__ void multiply_taps(float (&acc)[Layout::kRows][Layout::kTiles][4], uint32_t x, uint32_t w,
                                              int planes, const Strip& mine, int width, uint32_t zeros, int lane) {
  constexpr int kRows = Layout::kRows, kTiles = Layout::kTiles, kOut = Layout::kOut;
#pragma unroll
  for (int dx = 0; dx < 3; dx++) {
    uint32_t b[3][kTiles / 2][4];
#pragma unroll
    for (int dy = 0; dy < 3; dy++)
#pragma unroll
      for (int n = 0; n < kTiles / 2; n++)
        load_b(b[dy][n], w + ((dy * 3 + dx) * planes * kOut + n * 16) * 16, kOut * 16, lane);
    const bool there = dx == 0 ? mine.column > 0 : dx == 1 || mine.column + 1 < width;
    const uint32_t column = x + dx * 16, rows = there ? column : zeros + (column & 112);
#pragma unroll
    for (int j = 0; j < kRows + 2; j++) {
      uint32_t a[4];
      load_matrices(a, rows + j * Layout::kRow);
#pragma unroll
      for (int dy = 0; dy < 3; dy++) {
        if (j < dy || j - dy >= kRows) continue;
#pragma unroll
        for (int n = 0; n < kTiles; n++)
          multiply_bf16(acc[j - dy][n], a, b[dy][n / 2][n % 2 * 2], b[dy][n / 2][n % 2 * 2 + 1]);
      }
    }
  }
}

// A warp's tile of y on its way: strips that are shorter than others end with zeros.
template <class Layout>
__device__ __forceinline__ void stage_strips(char* staging, float (&owned)[Layout::kRows][Layout::kOwned][4],
                                             const Strip& mine, int lane) {
  const int low_rows = __shfl_sync(~0u, mine.rows, lane / 4), high_rows = __shfl_sync(~0u, mine.rows, lane / 4 + 8);
#pragma unroll
  for (int o = 0; o < Layout::kRows; o++) {
#pragma unroll
    for (int n = 0; n < Layout::kOwned; n++) {
      owned[o][n][0] = o < low_rows ? owned[o][n][0] : 0;
      owned[o][n][1] = o < low_rows ? owned[o][n][1] : 0;
      owned[o][n][2] = o < high_rows ? owned[o][n][2] : 0;
      owned[o][n][3] = o < high_rows ? owned[o][n][3] : 0;
    }
    stage_tile<bf16>(staging + o * 16 * Layout::kOutPitch, Layout::kOutPitch, owned[o], lane);
  }
}

// Statistics of a warp's channels of y: each lane has those of two channels of a tile, of every eighth pixel.
template <class Layout>
struct StripSums {
  static constexpr int kOwned = Layout::kOwned;
  float sum[kOwned][2] = {}, square[kOwned][2] = {};

  __device__ __forceinline__ void add(const char* staging, int lane) {
#pragma unroll
    for (int i = 0; i < 2 * Layout::kRows; i++) {
#pragma unroll
      for (int n = 0; n < kOwned; n++) {
        const auto pair = *reinterpret_cast<const uint32_t*>(staging + (i * 8 + lane / 4) * Layout::kOutPitch + n * 16 +
                                                             lane % 4 * 4);
        sum[n][0] += low(pair);
        sum[n][1] += high(pair);
        square[n][0] = fmaf(low(pair), low(pair), square[n][0]);
        square[n][1] = fmaf(high(pair), high(pair), square[n][1]);
      }
    }
  }

  // Added to those of the first `used` channels, through scratch (2, kGroups, kOut). All threads.
  __device__ __forceinline__ void store(ExactSum* sums, float* scratch, int used) {
    const int tid = threadIdx.x, lane = tid % 32, group = tid / 32 / Layout::kSplit, part = tid / 32 % Layout::kSplit;
    __syncthreads();
#pragma unroll
    for (int n = 0; n < kOwned; n++) {
#pragma unroll
      for (int e = 0; e < 2; e++) {
#pragma unroll
        for (int apart = 4; apart < 32; apart *= 2) {
          sum[n][e] += __shfl_xor_sync(~0u, sum[n][e], apart);
          square[n][e] += __shfl_xor_sync(~0u, square[n][e], apart);
        }
        if (lane < 4) {
          const int channel = (part * kOwned + n) * 8 + lane * 2 + e;
          scratch[group * Layout::kOut + channel] = sum[n][e];
          scratch[(Layout::kGroups + group) * Layout::kOut + channel] = square[n][e];
        }
      }
    }
    __syncthreads();
    if (tid < 2 * Layout::kOut) {
      const int channel = tid % Layout::kOut, which = tid / Layout::kOut;
      float total = 0;
      for (int g = 0; g < Layout::kGroups; g++) {
        total += scratch[(which * Layout::kGroups + g) * Layout::kOut + channel];
      }
      if (channel < used) add_exact(sums + channel * 2 + which, total);
    }
  }
};

// A warp's tile of y, `used` channels from `first_channel` on.
template <class Layout>
__device__ __forceinline__ void store_strips(const Conv3x3Fprop<bf16>& p, const char* staging, const Strip& mine,
                                             int width, int first_channel, int used, int lane) {
  with_piece<bf16>(static_cast<int>(p.y_width), [&](auto bytes) {
    using Type = typename Piece<decltype(bytes)::value>::Type;
    constexpr int kWidth = decltype(bytes)::value / 2;
    const int pieces = used / kWidth;
#pragma unroll 1
    for (int first = 0; first < 16 * Layout::kRows * pieces; first += 32) {
      const int i = first + lane, row = i / pieces, piece = i - row * pieces;
      const int pixel = __shfl_sync(~0u, mine.pixel, row % 16), rows = __shfl_sync(~0u, mine.rows, row % 16);
      if (row / 16 < rows)
        *reinterpret_cast<Type*>(p.y + (pixel + row / 16 * width) * p.y_pitch + first_channel + piece * kWidth) =
            *reinterpret_cast<const Type*>(staging + row * Layout::kOutPitch + piece * decltype(bytes)::value);
    }
  });
}

// What does not wait for the kernel before: weights of the block's channels of y, and zeros.
template <class Layout>
__device__ __forceinline__ void prepare_strips(const Conv3x3Fprop<bf16>& p, char* memory, uint32_t weights, int planes,
                                               int chunk) {
  const int w_rows = p.w_rows;
  for (int i = threadIdx.x; i < 9 * planes * Layout::kOut; i += Layout::kThreads) {
    const int64_t row = static_cast<int64_t>(i / Layout::kOut) * w_rows + chunk + i % Layout::kOut;
    copy_async(weights + i * 16, p.w + row * kVector<bf16>, 16);
  }
  for (int i = threadIdx.x; i < Layout::kZeros / 16; i += Layout::kThreads)
    reinterpret_cast<uint4*>(memory)[i] = make_uint4(0, 0, 0, 0);
}

template <class Layout>
__device__ __forceinline__ void conv3x3_fprop_strips(const Tiled<Conv3x3Fprop<bf16>>& p) {
  constexpr int kRows = Layout::kRows, kStrips = Layout::kStrips, kSplit = Layout::kSplit, kOut = Layout::kOut;
  constexpr int kOwned = Layout::kOwned, kStagePlanes = Layout::kStagePlanes;
  extern __shared__ __align__(128) char memory[];
  const int chunk = blockIdx.y * kOut;
  const Strips<kRows> map(p.pixels, p.height, p.width);
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, group = warp / kSplit, part = warp % kSplit;
  const int planes = planes_of<bf16>(static_cast<int>(p.norm.channels), kStagePlanes), steps = planes / kStagePlanes;
  const Layout at(planes);
  const uint32_t shared = shared_address(memory), weights = shared + at.weights;

  prepare_strips<Layout>(p, memory, weights, planes, chunk);
  Affine<bf16, 1, Layout::kThreads> affine_of_channels(p.norm);
  wait_for_predecessor();

  const Tiles tiles((map.count + kStrips - 1) / kStrips, p.reversed);
  Conv3x3Stages<Layout> stages(p, map, memory);
  const auto fetch = [&](int tile, int step, int slot) {
    if (tiles.has(tile)) stages.fetch(tile, step, slot);
    commit_copies();
  };
  fetch(tiles.first, 0, 0);
  affine_of_channels.store(reinterpret_cast<float2*>(memory + Layout::kAffine), p.norm, planes * kVector<bf16>);
  let_successor_start();
  __syncthreads();

  StripSums<Layout> sums;
  const int first_channel = chunk + part * kOwned * 8;
  const int used = min(max(static_cast<int>(p.y_channels) - first_channel, 0), kOwned * 8);
  int slot = 0;
  for (int tile = tiles.first; tiles.has(tile); tile += tiles.step) {
    const Strip mine = map.at(tile * kStrips + group * 16 + lane % 16);
    float acc[kRows][Layout::kTiles][4], owned[kRows][kOwned][4];
    clear(acc);
#pragma unroll 1
    for (int step = 0; step < steps; step++, slot ^= 1) {
      wait_copies<0>();
      stages.normalize(tile, step, slot);
      __syncthreads();  // this stage is normalised, and nobody reads the other one any more
      fetch(step + 1 < steps ? tile : tile + tiles.step, step + 1 < steps ? step + 1 : 0, slot ^ 1);
#pragma unroll 1
      for (int k = part; k < kStagePlanes / 2; k += kSplit) {
        const uint32_t x = shared + Layout::kStages + slot * Layout::kStage + (2 * k + lane / 16) * Layout::kPlane +
                           (group * 16 + lane % 16) * 16;
        const uint32_t w = weights + (step * kStagePlanes + 2 * k) * kOut * 16;
        multiply_taps<Layout>(acc, x, w, planes, mine, map.width, shared, lane);
      }
    }
    char* const staging = add_up<Layout>(owned, acc, memory);

    stage_strips<Layout>(staging, owned, mine, lane);
    __syncwarp();
    const auto pixel_of = [&](int row) {
      return map.at(tile * kStrips + group * 16 + row % 16).pixel + row / 16 * map.width;
    };
    drop_tile<bf16>(p.dropout, staging, Layout::kOutPitch, 16 * kRows, used, pixel_of, first_channel, p.y_channels,
                    lane);
    sums.add(staging, lane);
    store_strips<Layout>(p, staging, mine, map.width, first_channel, used, lane);
    if constexpr (kSplit == 1) __syncwarp();
  }

  if (p.y_sums == nullptr) return;
  sums.store(p.y_sums + chunk * 2, reinterpret_cast<float*>(memory + Layout::kStages),
             static_cast<int>(p.y_channels) - chunk);
}

}  // namespace dn
#endif
