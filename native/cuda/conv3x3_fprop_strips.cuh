// The kernels of bnrelu_conv3x3_fprop.cu that keep all weights in shared memory; of bfloat16.
//
// A tile is strips of kRows pixels, in shared memory kRows + 2 rows of kStrips + 2. A group of kSplit warps has 16 of
// the strips, each warp a share of the channels that are summed over: it reads every row, shifted three times, once
// for three rows of y, and every weight once for all its rows. Then the warps add up what they have, each of its own
// channels of y.
#ifndef DENSENET4J_CUDA_CONV3X3_FPROP_STRIPS_CUH
#define DENSENET4J_CUDA_CONV3X3_FPROP_STRIPS_CUH

#include "conv3x3_fprop.cuh"
#include "strips.cuh"

namespace dn {

template <int kRows, int kGroups, int kSplit, int n_tiles, int stage_planes>
struct Conv3x3StripsLayout {
  static constexpr int kStrips = 16 * kGroups, kThreads = 32 * kGroups * kSplit, kOut = 8 * n_tiles;
  static constexpr int kOwned = n_tiles / kSplit;  // tiles of y that a warp adds up
  static constexpr int kRow = (kStrips + 2) * 16;
  // Half of 128 bytes from one plane to the next: eight lanes copy two planes, a sector, of four strips.
  static constexpr int kPlane = round_up((kRows + 2) * kRow, 128) + 64;
  static constexpr int kStage = stage_planes * kPlane;
  // A neighbour outside reads zeros from the banks of what it replaces, row by row.
  static constexpr int kZeros = round_up((kRows + 1) * kRow + 128, 128);
  static constexpr int kOutPitch = kOwned == 1 ? 16 : kOwned * 16 + 16, kStaging = 16 * kRows * kOutPitch;
  // Half of a warp's sums go to another; then what was received makes room for its tile of y.
  static constexpr int kExchange = kSplit > 1 ? kRows * n_tiles / 2 * 4 * 128 : kStaging;
  static_assert(kStaging <= kExchange && (kSplit == 1 || kSplit == n_tiles), "");
  static constexpr int kExchanges = kZeros, kStages = kExchanges + kThreads / 32 * kExchange,
                       kAffine = round_up(kStages + 2 * kStage, 128);
  int weights, bytes;
  __host__ __device__ explicit Conv3x3StripsLayout(int planes)
      : weights(round_up(kAffine + planes * 64, 128)), bytes(weights + 9 * planes * kOut * 16) {}
};

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

template <int kRows, int kGroups, int kSplit, int n_tiles, int stage_planes>
__device__ __forceinline__ void conv3x3_fprop_strips(const Tiled<Conv3x3Fprop<bf16>>& p) {
  using Layout = Conv3x3StripsLayout<kRows, kGroups, kSplit, n_tiles, stage_planes>;
  constexpr int kStrips = Layout::kStrips, kThreads = Layout::kThreads, kOut = Layout::kOut, kOwned = Layout::kOwned;
  constexpr int kRow = Layout::kRow, kPlane = Layout::kPlane;
  extern __shared__ __align__(128) char memory[];
  const int channels = p.norm.channels, chunk = blockIdx.y * kOut;
  const Strips<kRows> map(p.pixels, p.height, p.width);
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32, group = warp / kSplit, part = warp % kSplit;
  const int planes = planes_of<bf16>(channels, stage_planes), steps = planes / stage_planes;
  const Layout at(planes);
  const uint32_t shared = shared_address(memory), weights = shared + at.weights;

  {
    const int w_rows = p.w_rows;
    for (int i = tid; i < 9 * planes * kOut; i += kThreads)
      copy_async(weights + i * 16, p.w + (static_cast<int64_t>(i / kOut) * w_rows + chunk + i % kOut) * kVector<bf16>,
                 16);
  }
  for (int i = tid; i < Layout::kZeros / 16; i += kThreads)
    reinterpret_cast<uint4*>(memory)[i] = make_uint4(0, 0, 0, 0);
  Affine<bf16, 1, kThreads> affine_of_channels(p.norm);
  wait_for_predecessor();

  const Tiles tiles((map.count + kStrips - 1) / kStrips, p.reversed);

  // What a thread copies, and normalises later: columns of the tile's own strips, then of the strips beside it, which
  // are neighbours only in the same band. Row 0 is above the strips. Two lanes have a sector.
  constexpr int kTogether = kThreads / kStrips, kPasses = stage_planes / kTogether;
  static_assert(kThreads % kStrips == 0 && stage_planes % kTogether == 0 && kTogether % 2 == 0,
                "a thread has one strip");
  const int my_strip = tid / 2 % kStrips, my_plane = tid / (2 * kStrips) * 2 + tid % 2;
  Strip own;
  const auto each_beside = [&](int tile, const auto& f) {
    for (int i = tid; i < 2 * (kRows + 2) * stage_planes; i += kThreads) {
      const int right = i / 2 % 2, j = i / 4 % (kRows + 2), plane = i / (4 * (kRows + 2)) * 2 + i % 2;
      const int strip = tile * kStrips + (right ? kStrips : -1);
      if (strip < 0 || strip >= map.count) continue;
      const Strip beside = map.at(strip);
      if (beside.column == (right ? 0 : map.width - 1)) continue;
      const int row = beside.row + j - 1;
      f(plane, j * kRow + right * (kStrips + 1) * 16, beside.pixel + (j - 1) * map.width,
        static_cast<uint32_t>(row) < static_cast<uint32_t>(map.height));
    }
  };
  const auto fetch = [&](int tile, int step, int slot) {
    if (tiles.has(tile)) {
      const uint32_t stage = shared + Layout::kStages + slot * Layout::kStage;
      const int64_t pitch = p.x_pitch;
      if (step == 0) own = map.at(tile * kStrips + my_strip);
#pragma unroll
      for (int i = 0; i < kPasses; i++) {
        const int plane = my_plane + i * kTogether, channel = (step * stage_planes + plane) * kVector<bf16>;
        const int bytes = own.rows > 0 ? valid_bytes<bf16>(channels, channel) : 0;
        const bf16* from = p.x + (own.pixel - map.width) * pitch + channel;
        uint32_t to = stage + plane * kPlane + (my_strip + 1) * 16;
        int row = own.row - 1;
#pragma unroll
        for (int j = 0; j < kRows + 2; j++) {
          copy_async(to, from, static_cast<uint32_t>(row) < static_cast<uint32_t>(map.height) ? bytes : 0);
          row++;
          from += map.width * pitch;
          to += kRow;
        }
      }
      each_beside(tile, [&](int plane, int place, int pixel, bool inside) {
        const int channel = (step * stage_planes + plane) * kVector<bf16>;
        copy_async(stage + plane * kPlane + place, p.x + pixel * pitch + channel,
                   inside ? valid_bytes<bf16>(channels, channel) : 0);
      });
    }
    commit_copies();
  };
  const auto normalize_stage = [&](int tile, int step, int slot) {
    char* const stage = memory + Layout::kStages + slot * Layout::kStage;
    const auto* const affine = reinterpret_cast<const float4*>(memory + Layout::kAffine) + step * stage_planes * 4;
#pragma unroll
    for (int i = 0; i < kPasses; i++) {
      const int plane = my_plane + i * kTogether;
      const float4 of[4] = {affine[plane * 4], affine[plane * 4 + 1], affine[plane * 4 + 2], affine[plane * 4 + 3]};
      char* at = stage + plane * kPlane + (my_strip + 1) * 16;
      int row = own.row - 1;
#pragma unroll
      for (int j = 0; j < kRows + 2; j++) {
        auto* const vector = reinterpret_cast<uint4*>(at);
        if (static_cast<uint32_t>(row) < static_cast<uint32_t>(map.height)) *vector = normalize<bf16>(*vector, of);
        row++;
        at += kRow;
      }
    }
    each_beside(tile, [&](int plane, int place, int, bool inside) {
      if (!inside) return;
      const float4 of[4] = {affine[plane * 4], affine[plane * 4 + 1], affine[plane * 4 + 2], affine[plane * 4 + 3]};
      auto* const vector = reinterpret_cast<uint4*>(stage + plane * kPlane + place);
      *vector = normalize<bf16>(*vector, of);
    });
  };

  fetch(tiles.first, 0, 0);
  affine_of_channels.store(reinterpret_cast<float2*>(memory + Layout::kAffine), p.norm, planes * kVector<bf16>);
  let_successor_start();
  __syncthreads();

  float sum[kOwned][2] = {}, square[kOwned][2] = {};
  const int first_channel = chunk + part * kOwned * 8;
  int slot = 0;
  for (int tile = tiles.first; tiles.has(tile); tile += tiles.step) {
    const Strip mine = map.at(tile * kStrips + group * 16 + lane % 16);
    float owned[kRows][kOwned][4];
    char* staging = memory + Layout::kExchanges + warp * Layout::kExchange;
    {
      float acc[kRows][n_tiles][4];
      clear(acc);
#pragma unroll 1
      for (int step = 0; step < steps; step++, slot ^= 1) {
        wait_copies<0>();
        normalize_stage(tile, step, slot);
        __syncthreads();  // this stage is normalised, and nobody reads the other one any more
        fetch(step + 1 < steps ? tile : tile + tiles.step, step + 1 < steps ? step + 1 : 0, slot ^ 1);
#pragma unroll 1
        for (int k = part; k < stage_planes / 2; k += kSplit) {
          const uint32_t x = shared + Layout::kStages + slot * Layout::kStage + (2 * k + lane / 16) * kPlane +
                             (group * 16 + lane % 16) * 16;
          const uint32_t w = weights + (step * stage_planes + 2 * k) * kOut * 16;
#pragma unroll
          for (int dx = 0; dx < 3; dx++) {
            uint32_t b[3][n_tiles / 2][4];
#pragma unroll
            for (int dy = 0; dy < 3; dy++)
#pragma unroll
              for (int n = 0; n < n_tiles / 2; n++)
                load_b(b[dy][n], w + ((dy * 3 + dx) * planes * kOut + n * 16) * 16, kOut * 16, lane);
            const bool there = dx == 0 ? mine.column > 0 : dx == 1 || mine.column + 1 < map.width;
            const uint32_t column = x + dx * 16, rows = there ? column : shared + (column & 112);
#pragma unroll
            for (int j = 0; j < kRows + 2; j++) {
              uint32_t a[4];
              load_matrices(a, rows + j * kRow);
#pragma unroll
              for (int dy = 0; dy < 3; dy++) {
                if (j < dy || j - dy >= kRows) continue;
#pragma unroll
                for (int n = 0; n < n_tiles; n++)
                  multiply_bf16(acc[j - dy][n], a, b[dy][n / 2][n % 2 * 2], b[dy][n / 2][n % 2 * 2 + 1]);
              }
            }
          }
        }
      }
      if constexpr (kSplit == 1) {
#pragma unroll
        for (int o = 0; o < kRows; o++)
#pragma unroll
          for (int n = 0; n < n_tiles; n++)
#pragma unroll
            for (int e = 0; e < 4; e++) owned[o][n][e] = acc[o][n][e];
      } else {
        static_assert(kSplit == 4, "two exchanges");
        float half[kRows][2][4], sent[kRows][2][4], sent_last[kRows][1][4];
        halve(half, sent, acc, part / 2);
        send(staging, sent, lane);
        __syncthreads();  // halves are there
        staging = memory + Layout::kExchanges + (warp ^ 2) * Layout::kExchange;
        receive(half, staging, lane);
        halve(owned, sent_last, half, part % 2);
        send(staging, sent_last, lane);  // over what this lane has received
        __syncthreads();                 // quarters are there
        staging = memory + Layout::kExchanges + (warp ^ 3) * Layout::kExchange;
        receive(owned, staging, lane);
        __syncwarp();
      }
    }

    const int low_rows = __shfl_sync(~0u, mine.rows, lane / 4), high_rows = __shfl_sync(~0u, mine.rows, lane / 4 + 8);
#pragma unroll
    for (int o = 0; o < kRows; o++) {
#pragma unroll
      for (int n = 0; n < kOwned; n++) {
        owned[o][n][0] = o < low_rows ? owned[o][n][0] : 0;
        owned[o][n][1] = o < low_rows ? owned[o][n][1] : 0;
        owned[o][n][2] = o < high_rows ? owned[o][n][2] : 0;
        owned[o][n][3] = o < high_rows ? owned[o][n][3] : 0;
      }
      stage_tile<bf16>(staging + o * 16 * Layout::kOutPitch, Layout::kOutPitch, owned[o], lane);
    }
    __syncwarp();
    const int used = min(max(static_cast<int>(p.y_channels) - first_channel, 0), kOwned * 8);
    const auto pixel_of = [&](int row) {
      return map.at(tile * kStrips + group * 16 + row % 16).pixel + row / 16 * map.width;
    };
    drop_tile<bf16>(p.dropout, staging, Layout::kOutPitch, 16 * kRows, used, pixel_of, first_channel, p.y_channels,
                    lane);
#pragma unroll
    for (int i = 0; i < 2 * kRows; i++) {
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
    with_piece<bf16>(static_cast<int>(p.y_width), [&](auto bytes) {
      using Type = typename Piece<decltype(bytes)::value>::Type;
      constexpr int kWidth = decltype(bytes)::value / 2;
      const int pieces = used / kWidth;
#pragma unroll 1
      for (int first = 0; first < 16 * kRows * pieces; first += 32) {
        const int i = first + lane, row = i / pieces, piece = i - row * pieces;
        const int pixel = __shfl_sync(~0u, mine.pixel, row % 16), rows = __shfl_sync(~0u, mine.rows, row % 16);
        if (row / 16 < rows)
          *reinterpret_cast<Type*>(p.y + (pixel + row / 16 * map.width) * p.y_pitch + first_channel + piece * kWidth) =
              *reinterpret_cast<const Type*>(staging + row * Layout::kOutPitch + piece * decltype(bytes)::value);
      }
    });
    if constexpr (kSplit == 1) __syncwarp();
  }

  if (p.y_sums == nullptr) return;
  __syncthreads();
  auto* const scratch = reinterpret_cast<float*>(memory + Layout::kStages);  // (2, kGroups, kOut)
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
        scratch[group * kOut + channel] = sum[n][e];
        scratch[(kGroups + group) * kOut + channel] = square[n][e];
      }
    }
  }
  __syncthreads();
  if (tid < 2 * kOut) {
    const int channel = tid % kOut, which = tid / kOut;
    float total = 0;
    for (int g = 0; g < kGroups; g++) total += scratch[(which * kGroups + g) * kOut + channel];
    if (chunk + channel < static_cast<int>(p.y_channels)) add_exact(p.y_sums + (chunk + channel) * 2 + which, total);
  }
}

}  // namespace dn
#endif
