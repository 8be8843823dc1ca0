// The kernels of bnrelu_conv3x3_bprop.cu of bfloat16.
//
// A tile is strips of kRows pixels. Of da a warp takes 16 strips and some channels of z: a row of dy that it has read
// serves three rows of da. Of dw it takes all taps, 16 channels of y, some of z and all pixels, or those of its own
// strips: a row of dy serves three taps. These registers live over all tiles and are stored from where they are.
#ifndef DENSENET4J_CUDA_CONV3X3_BPROP_STRIPS_CUH
#define DENSENET4J_CUDA_CONV3X3_BPROP_STRIPS_CUH

#include "conv3x3_bprop.cuh"
#include "conv3x3_bprop_strips_layout.cuh"

namespace dn {

// The strips of a tile and those beside it, which are its neighbours only if they are of the same band.
template <class Layout>
__device__ __forceinline__ void tabulate(Strip* table, const Conv3x3Bprop<bf16>& p, int tile, int i) {
  const Strips<Layout::kRows> map(p.pixels, opaque(p.height), p.width);
  const int strip = tile * Layout::kStrips + i - 1;
  Strip found = map.at(max(strip, 0));
  const bool left = i == 0, right = i == Layout::kStrips + 1;
  if (strip < 0 || strip >= map.count || left && found.column == map.width - 1 || right && found.column == 0) {
    found.row = -(1 << 20);  // no row is in the image
    found.rows = 0;
  }
  table[i] = found;
}

// Whether a strip has a neighbour, by the column of a tap: dy is read at the other side.
__device__ __forceinline__ bool has_neighbour(const Strip& strip, int width, int tap_column) {
  return tap_column == 0 ? strip.column + 1 < width : tap_column == 1 || strip.column > 0;
}

template <class Layout>
__device__ __forceinline__ void conv3x3_bprop_strips(const Conv3x3Bprop<bf16>& p, int64_t reversed) {
  constexpr int kRows = Layout::kRows, kStrips = Layout::kStrips, kN = Layout::kThreads, kTiles = Layout::kTiles;
  constexpr int kPlane = Layout::kPlane, kDyPlane = Layout::kDyPlane, kRow = Layout::kRow, kY = Layout::kY;
  constexpr int kZTiles = Layout::kZTiles, kDwTiles = Layout::kDwTiles, kYSteps = Layout::kYSteps;
  constexpr int kVectorOfY = kYSteps == 1 ? 4 : 8;
  extern __shared__ __align__(128) char memory[];
  const int z_channels = p.z_channels, y_channels = p.y_channels, chunk = blockIdx.y * Layout::kZ;
  const int width = p.width, height = p.height;
  const int tid = threadIdx.x;
  auto* y_affine = reinterpret_cast<float4*>(memory + Layout::kYAffine);  // dy = a * s + b * y + d: {a, b, d, 0}
  auto* z_affine = reinterpret_cast<float4*>(memory + Layout::kZAffine);  // {scale, shift, mean, gamma}
  auto* const tables = reinterpret_cast<Strip*>(memory + Layout::kTables);
  char* const y_values = memory + Layout::kDy + 2 * Layout::kYPlanes * kDyPlane;
  const uint32_t zeros = shared_address(memory + Layout::kZeros), weights = shared_address(memory + Layout::kWeights);

  // Small loads go before large copies, which they would wait behind.
  float4 of_z = make_float4(0, 1, 0, 0);
  float beta = 0;
  if (tid < Layout::kZ && chunk + tid < z_channels) {
    const int c = chunk + tid;
    of_z = make_float4(p.reader.gamma[c], p.reader.variance[c], p.reader.mean[c], 0);
    beta = p.reader.beta[c];
  }
  {
    const int w_planes = p.w_planes, w_rows = p.w_rows;
    for (int i = tid; i < 9 * kZTiles * kY; i += kN) {
      const int tap = i / (kZTiles * kY), plane = chunk / kVector<bf16> + i / kY % kZTiles;
      const bool there = plane < w_planes;
      copy_async(weights + i * 16,
                 there ? p.w + (static_cast<int64_t>(tap * w_planes + plane) * w_rows + i % kY) * kVector<bf16> : p.w,
                 there ? 16 : 0);
    }
  }
  // Channels beyond y_channels stay 0.
  for (int i = tid; i < 2 * Layout::kYPlanes * kDyPlane / 16; i += kN)
    reinterpret_cast<uint4*>(memory + Layout::kDy)[i] = make_uint4(0, 0, 0, 0);
  for (int i = tid; i < (Layout::kSums - Layout::kZeros) / 16; i += kN)
    reinterpret_cast<uint4*>(memory + Layout::kZeros)[i] = make_uint4(0, 0, 0, 0);
  if (tid < Layout::kZ) {
    const float2 affine = scale_shift<bf16>(of_z.z, of_z.y, of_z.x, beta);
    z_affine[tid] = make_float4(affine.x, affine.y, of_z.z, of_z.x);
  }
  if (tid < kStrips + 2) {
    const Tiles all((Strips<kRows>(p.pixels, p.height, p.width).count + kStrips - 1) / kStrips, reversed);
    tabulate<Layout>(tables, p, all.first, tid);
    if (tid == 0) {
      *reinterpret_cast<Tiles*>(memory + Layout::kTiling) = all;
      *reinterpret_cast<int*>(memory + Layout::kPart) = static_cast<int>(part_of_block(reversed));
    }
  }
  wait_for_predecessor();
  __syncthreads();  // zeros are there, before what is copied over them

  // Tiles of this block.
  const auto& tiles = *reinterpret_cast<const volatile Tiles*>(memory + Layout::kTiling);
  // Which of its tiles a warp is at.
  struct {
    __device__ __forceinline__ int* at() const {
      return reinterpret_cast<int*>(memory + Layout::kTurns) + thread_now() / 32;
    }
    __device__ __forceinline__ int get() const { return static_cast<int>(load_shared(shared_address(at()))); }
    __device__ __forceinline__ void set(int turn) const {
      __syncwarp();
      *at() = turn;
      __syncwarp();
    }
  } const turn;
  const auto table_of = [&](int i) { return tables + i % 3 * (kStrips + 2); };
  const auto z_of = [](int i) { return memory + Layout::kStages + (i & 1) * Layout::kStage; };
  const auto dy_of = [](int i) { return memory + Layout::kDy + (i & 1) * Layout::kYPlanes * kDyPlane; };
  // The pixel of a row of dy, or -1.
  const auto dy_pixel = [&](const Strip* table, int at) {
    const int j = at / (kStrips + 2);
    const int2 strip = *reinterpret_cast<const int2*>(table + at - j * (kStrips + 2));  // its pixel and row
    return static_cast<uint32_t>(strip.y + j - 1) < static_cast<uint32_t>(height)
               ? strip.x + (j - 1) * width
               : -1;
  };
  const auto fetch = [&](int i) {
    if (i < tiles.mine) {
      const int tid = thread_now();
      const Strip* const table = table_of(i);
      constexpr int kTogether = kN / (2 * kStrips);  // pairs of planes
      static_assert(kN % (2 * kStrips) == 0 && kZTiles % (2 * kTogether) == 0, "a thread has one strip");
      const int local = tid / 2 % kStrips;
      const Strip strip = table[local + 1];
      const int64_t skip = opaque(width) * p.z_pitch;
#pragma unroll 1
      for (int plane = tid / (2 * kStrips) * 2 + tid % 2; plane < kZTiles; plane += 2 * kTogether) {
        const int channel = chunk + plane * kVector<bf16>, bytes = valid_bytes<bf16>(z_channels, channel);
        const bf16* from = p.z + strip.pixel * p.z_pitch + channel;
        uint32_t to = shared_address(z_of(i) + plane * kPlane + local * 16);
#pragma unroll 2
        for (int o = 0; o < kRows; o++) {
          copy_async(to, from, o < strip.rows ? bytes : 0);
          from += skip;
          to += kStrips * 16;
        }
      }
      char* const dy = dy_of(i);
      with_pieces<kVectorOfY>(p.y_width, [&](auto pieces) {
        fetch_dy<decltype(pieces)::value, kN>(
            dy, y_values, kDyPlane, p, [&](int at) { return dy_pixel(table, at); }, Layout::kDyRows, tid);
      });
    }
    commit_copies();
  };
  static_assert(kN >= kY, "a thread has one channel of y");
  fetch(0);
  if (tid < kY) {
    float4 v = make_float4(0, 0, 0, 0);
    if (tid < y_channels) v = correction<bf16>(p.y_correction, tid, stores_statistics());
    y_affine[tid + tid / 8] = v;
  }
  if (blockIdx.x == 0) {
    hand_over<bf16>(p.hand_over, p.reader.variance, chunk, min(Layout::kZ, z_channels - chunk),
                    static_cast<float>(p.pixels), kN);
  }
  let_successor_start();
  __syncthreads();

  float dw[9][kDwTiles][4];
  auto* const all_sums = reinterpret_cast<FragmentSums*>(memory + Layout::kSums);
  for (int j = tid; j < Layout::kWarps * kTiles / 2 * 32; j += kN) all_sums[j] = FragmentSums();
  clear(dw);

  // Between two barriers a warp has a piece of work for the matrix unit and one without it. Of the two warps of a
  // sub-partition one takes them in the other order, so that either has what the other leaves.
#pragma unroll 1
  for (turn.set(-1); turn.get() < tiles.mine; turn.set(turn.get() + 1)) {
    if (turn.get() >= 0) {
#pragma unroll 1
      for (int phase = 0; phase < 2; phase++) {
        if (phase == thread_now() / 128 % 2) {
          fetch(turn.get() + 1);
          continue;
        }
        const int tid = thread_now(), lane = tid % 32, warp = tid / 32, now = turn.get();
        const int group = warp / Layout::kSplit, first_tile = warp % Layout::kSplit * kTiles;
        char* const z_values = z_of(now);
        float da[kRows][kTiles][4];
        clear(da);
        {
          const Strip strip = table_of(now)[1 + group * 16 + lane % 16];
          uint32_t at_weights = weights + ((first_tile + lane / 16) * kY + lane % 16) * 16;
          uint32_t at_dy = shared_address(dy_of(now)) + lane / 16 * kDyPlane + (group * 16 + lane % 16 + 2) * 16;
          // of three columns of taps whether dy is in the image, the next one first
          uint32_t there = has_neighbour(strip, width, 0) | 2 | has_neighbour(strip, width, 2) << 2;
#pragma unroll 1
          for (int step = 0; step < opaque(3 * kYSteps); step++) {
            uint32_t b[3][kTiles / 2][4];
#pragma unroll
            for (int t = 0; t < 3; t++)
#pragma unroll
              for (int n = 0; n < kTiles / 2; n++)
                load_transposed(b[t][n], at_weights + (3 * t * kZTiles + 2 * n) * kY * 16);
            const uint32_t rows = there & 1 ? at_dy : zeros + (at_dy & 112);
#pragma unroll
            for (int j = 0; j < kRows + 2; j++) {
              uint32_t a[4];
              load_matrices(a, rows + j * kRow);
#pragma unroll
              for (int t = 0; t < 3; t++) {
                const int o = j + t - 2;
                if (o < 0 || o >= kRows) continue;
#pragma unroll
                for (int n = 0; n < kTiles; n++)
                  multiply_bf16(da[o][n], a, b[t][n / 2][n % 2 * 2], b[t][n / 2][n % 2 * 2 + 1]);
              }
            }
            if (kYSteps == 2 && step % 2 == 0) {
              at_weights += 256;
              at_dy += 2 * kDyPlane;
            } else {
              at_weights += (kZTiles * kY - 16 * (kYSteps - 1)) * 16;
              at_dy -= 2 * kDyPlane * (kYSteps - 1) + 16;
              there >>= 1;
            }
          }
        }
        const int low_rows = table_of(now)[1 + group * 16 + lane / 4].rows,
                  high_rows = table_of(now)[1 + group * 16 + lane / 4 + 8].rows;
        char* const staging = memory + Layout::kStagings + warp * Layout::kStaging;
        auto* const z_sums = all_sums + warp * kTiles / 2 * 32 + lane;
        float sums[8];
#pragma unroll
        for (int n = 0; n < kTiles; n++) {
          const int plane = first_tile + n;
          const float4 l = z_affine[plane * 8 + lane % 4 * 2], h = z_affine[plane * 8 + lane % 4 * 2 + 1];
          float* const sum = sums + n % 2 * 4;
          sum[0] = sum[1] = sum[2] = sum[3] = 0;
#pragma unroll
          for (int half = 0; half < 2 * kRows; half++) {
            const int o = half / 2, row = half % 2 * 8 + lane / 4;
            const bool there = o < (half % 2 ? high_rows : low_rows);
            auto* z = reinterpret_cast<uint32_t*>(z_values + plane * kPlane + (o * kStrips + group * 16 + row) * 16 +
                                                  lane % 4 * 4);
            const float z0 = low(*z), z1 = high(*z);
            const float before0 = there ? fmaf(z0, l.x, l.y) : 0, before1 = there ? fmaf(z1, h.x, h.y) : 0;
            const float dz0 = before0 > 0 ? da[o][n][half % 2 * 2] : 0,
                        dz1 = before1 > 0 ? da[o][n][half % 2 * 2 + 1] : 0;
            sum[0] += dz0;
            sum[1] += dz1;
            sum[2] = fmaf(dz0, z0, sum[2]);
            sum[3] = fmaf(dz1, z1, sum[3]);
            *reinterpret_cast<uint32_t*>(staging + (o * 16 + row) * Layout::kOutPitch + n * 16 + lane % 4 * 4) =
                pack<bf16>(l.w * dz0, h.w * dz1);
            *z = pack_relu<bf16>(before0, before1);
          }
          // dz (z - mean), summed: the mean is read again, or it would take registers.
          const uint32_t at_mean = shared_address(&z_affine[plane * 8 + lane % 4 * 2].z);
          sum[2] = fmaf(-__uint_as_float(load_shared(at_mean)), sum[0], sum[2]);
          sum[3] = fmaf(-__uint_as_float(load_shared(at_mean + 16)), sum[1], sum[3]);
          if (n % 2) z_sums[n / 2 * 32].add(sums, lane);
        }
      }
      __syncthreads();  // relu(bn(z)) of all pixels is there
    }
#pragma unroll 1
    for (int phase = 0; phase < 2; phase++) {
      if (phase == thread_now() / 128 % 2) {
        const int tid = thread_now(), row = tid - (kN - kStrips - 2), next = turn.get() + 1;
        if (next + 1 < tiles.mine && row >= 0)
          tabulate<Layout>(table_of(next + 1), p, tiles.first + (next + 1) * tiles.step, row);
        if (next == tiles.mine) continue;
        char* const dy_values = dy_of(next);
        const Strip* const table = table_of(next);
        wait_copies<0>();
        with_pieces<kVectorOfY>(p.y_width, [&](auto pieces) {
          correct_dy<decltype(pieces)::value, kN>(
              dy_values, y_values, kDyPlane, p, y_affine, [&](int at) { return dy_pixel(table, at); },
              Layout::kDyRows, tid);
        });
        continue;
      }
      if (turn.get() < 0) continue;
      const int tid = thread_now(), lane = tid % 32, warp = tid / 32, i = turn.get();
      {
        const int group = warp / Layout::kSplit, plane = warp % Layout::kSplit * kTiles + lane % kTiles;
        const char* const staging = memory + Layout::kStagings + warp * Layout::kStaging + lane % kTiles * 16;
#pragma unroll 1
        for (int s = lane / kTiles; s < 16; s += 32 / kTiles) {
          const Strip strip = table_of(i)[1 + group * 16 + s];
          for (int o = 0; o < strip.rows; o++)
            store_staged(p, strip.pixel + o * width, chunk + plane * kVector<bf16>,
                         staging + (o * 16 + s) * Layout::kOutPitch);
        }
      }
      const int y_step = warp % kYSteps, first_tile = warp / kYSteps % Layout::kDwParts * kDwTiles,
                pixel_group = warp / (kYSteps * Layout::kDwParts);
#pragma unroll 1
      for (int group = pixel_group; group < Layout::kGroups; group += Layout::kPixelGroups) {
        const Strip strip = table_of(i)[1 + group * 16 + lane / 16 * 8 + lane % 8];
        const uint32_t at_z =
            shared_address(z_of(i)) + (first_tile + lane / 16) * kPlane + (group * 16 + lane % 16) * 16;
        const uint32_t at_dy = shared_address(dy_of(i)) + (2 * y_step + lane / 8 % 2) * kDyPlane +
                               (group * 16 + lane / 16 * 8 + lane % 8 + 2) * 16;
        uint32_t rows[3], b[kRows][kDwTiles / 2][4];
#pragma unroll
        for (int tap = 0; tap < 3; tap++) {
          const uint32_t column = at_dy - tap * 16;
          rows[tap] = has_neighbour(strip, width, tap) ? column : zeros + (column & 112);
        }
#pragma unroll
        for (int j = 0; j < kRows + 2; j++) {
          if (j < kRows) {
#pragma unroll
            for (int n = 0; n < kDwTiles / 2; n++)
              load_transposed(b[j][n], at_z + 2 * n * kPlane + j * kStrips * 16);
          }
#pragma unroll
          for (int tap = 0; tap < 3; tap++) {
            uint32_t a[4];
            load_transposed(a, rows[tap] + j * kRow);
#pragma unroll
            for (int t = 0; t < 3; t++) {
              const int o = j + t - 2;
              if (o < 0 || o >= kRows) continue;
#pragma unroll
              for (int n = 0; n < kDwTiles; n++)
                multiply_bf16(dw[3 * t + tap][n], a, b[o][n / 2][n % 2 * 2], b[o][n / 2][n % 2 * 2 + 1]);
            }
          }
        }
      }
    }
    __syncthreads();  // dy and z of tile i + 1 are there, and nobody reads those of tile i any more
  }

  {
    const int tid = thread_now(), lane = tid % 32, warp = tid / 32;
    auto* sums = reinterpret_cast<float*>(memory + Layout::kDy);
    {
      const int group = warp / Layout::kSplit, first_tile = warp % Layout::kSplit * kTiles;
      const auto* const z_sums = all_sums + warp * kTiles / 2 * 32 + lane;
#pragma unroll
      for (int n = 0; n < kTiles; n += 2)
        z_sums[n / 2 * 32].store(sums + group * Layout::kZ + (first_tile + n) * 8, Layout::kGroups * Layout::kZ, lane);
    }
    constexpr int kOfPixels = kYSteps * Layout::kDwParts;  // warps
    const int y_step = warp % kYSteps, first_tile = warp / kYSteps % Layout::kDwParts * kDwTiles;
    if constexpr (Layout::kPixelGroups > 1) {
      static_assert(Layout::kPixelGroups == 2, "");
      auto* const of_lane = reinterpret_cast<float4*>(memory + Layout::kStages) +
                            warp % kOfPixels * 9 * kDwTiles * 32 + lane;
      if (warp >= kOfPixels) {
#pragma unroll
        for (int t = 0; t < 9; t++)
#pragma unroll
          for (int n = 0; n < kDwTiles; n++)
            of_lane[(t * kDwTiles + n) * 32] = make_float4(dw[t][n][0], dw[t][n][1], dw[t][n][2], dw[t][n][3]);
      }
      __syncthreads();  // the other pixels' are there
      if (warp < kOfPixels) {
#pragma unroll
        for (int t = 0; t < 9; t++)
#pragma unroll
          for (int n = 0; n < kDwTiles; n++) {
            const float4 v = of_lane[(t * kDwTiles + n) * 32];
            dw[t][n][0] += v.x;
            dw[t][n][1] += v.y;
            dw[t][n][2] += v.z;
            dw[t][n][3] += v.w;
          }
      }
    }
    // Four lanes store a sector of dw.
    const int64_t part = load_shared(shared_address(memory + Layout::kPart));
    float* partials = p.w_partials + part * 9 * y_channels * z_channels;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int y = y_step * 16 + half * 8 + lane / 4;
      if (y >= y_channels || warp >= kOfPixels) continue;
#pragma unroll
      for (int t = 0; t < 9; t++)
#pragma unroll
        for (int n = 0; n < kDwTiles; n++) {
          const int z = chunk + (first_tile + n) * 8 + lane % 4 * 2;
          float* to = partials + (t * y_channels + y) * z_channels + z;
          if (z_channels % 2 == 0) {
            if (z < z_channels) store_vector(to, make_float2(dw[t][n][half * 2], dw[t][n][half * 2 + 1]));
          } else {
            if (z < z_channels) to[0] = dw[t][n][half * 2];
            if (z + 1 < z_channels) to[1] = dw[t][n][half * 2 + 1];
          }
        }
    }
    __syncthreads();
    for (int i = tid; i < 2 * Layout::kZ; i += kN) {
      const int which = i / Layout::kZ, channel = i % Layout::kZ;
      if (chunk + channel >= z_channels) continue;
      float total = 0;
      for (int g = 0; g < Layout::kGroups; g++) total += sums[(which * Layout::kGroups + g) * Layout::kZ + channel];
      add_exact(p.z_sums + (chunk + channel) * 2 + which, total);
    }
  }
}

}  // namespace dn
#endif
