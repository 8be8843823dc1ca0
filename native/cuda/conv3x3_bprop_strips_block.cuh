// A block of conv3x3_bprop_strips.cuh: where things are in shared memory, and how a tile gets there.
#ifndef DENSENET4J_CUDA_CONV3X3_BPROP_STRIPS_BLOCK_CUH
#define DENSENET4J_CUDA_CONV3X3_BPROP_STRIPS_BLOCK_CUH

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

// Its tiles are numbered from 0: `i`.
template <class Layout>
struct Conv3x3BpropBlock {
  static constexpr int kVectorOfY = Layout::kYSteps == 1 ? 4 : 8;

  const Conv3x3Bprop<bf16>& p;
  const int z_channels, y_channels, chunk, width, height;
  const uint32_t zeros, weights;

  __device__ __forceinline__ explicit Conv3x3BpropBlock(const Conv3x3Bprop<bf16>& p)
      : p(p),
        z_channels(p.z_channels),
        y_channels(p.y_channels),
        chunk(blockIdx.y * Layout::kZ),
        width(p.width),
        height(p.height),
        zeros(shared_address(memory() + Layout::kZeros)),
        weights(shared_address(memory() + Layout::kWeights)) {}

  static __device__ __forceinline__ char* memory() {
    extern __shared__ __align__(128) char memory[];
    return memory;
  }
  // dy = a * s + b * y + d: {a, b, d, 0}; a channel is at channel + channel / 8
  static __device__ __forceinline__ float4* y_affine() {
    return reinterpret_cast<float4*>(memory() + Layout::kYAffine);
  }
  // {scale, shift, mean, gamma}
  static __device__ __forceinline__ float4* z_affine() {
    return reinterpret_cast<float4*>(memory() + Layout::kZAffine);
  }
  // The sums of a lane of z.
  static __device__ __forceinline__ FragmentSums* z_sums(int warp, int lane) {
    return reinterpret_cast<FragmentSums*>(memory() + Layout::kSums) + warp * Layout::kTiles / 2 * 32 + lane;
  }
  static __device__ __forceinline__ char* z(int i) { return memory() + Layout::kStages + (i & 1) * Layout::kStage; }
  static __device__ __forceinline__ char* dy(int i) {
    return memory() + Layout::kDy + (i & 1) * Layout::kYPlanes * Layout::kDyPlane;
  }
  // Beside s, which becomes dy.
  static __device__ __forceinline__ char* y() {
    return memory() + Layout::kDy + 2 * Layout::kYPlanes * Layout::kDyPlane;
  }
  static __device__ __forceinline__ char* staging(int warp) {
    return memory() + Layout::kStagings + warp * Layout::kStaging;
  }
  static __device__ __forceinline__ Strip* table(int i) {
    return reinterpret_cast<Strip*>(memory() + Layout::kTables) + i % 3 * (Layout::kStrips + 2);
  }
  static __device__ __forceinline__ const volatile Tiles& tiles() {
    return *reinterpret_cast<const volatile Tiles*>(memory() + Layout::kTiling);
  }

  // Which of the tiles a warp is at.
  static __device__ __forceinline__ int* turn_of_warp() {
    return reinterpret_cast<int*>(memory() + Layout::kTurns) + thread_now() / 32;
  }
  static __device__ __forceinline__ int turn() { return static_cast<int>(load_shared(shared_address(turn_of_warp()))); }
  static __device__ __forceinline__ void set_turn(int turn) {
    __syncwarp();
    *turn_of_warp() = turn;
    __syncwarp();
  }

  // The pixel of a row of dy, or -1.
  __device__ __forceinline__ int dy_pixel(const Strip* table, int at) const {
    const int j = at / (Layout::kStrips + 2);
    const int2 strip = *reinterpret_cast<const int2*>(table + at - j * (Layout::kStrips + 2));  // its pixel and row
    return static_cast<uint32_t>(strip.y + j - 1) < static_cast<uint32_t>(height) ? strip.x + (j - 1) * width : -1;
  }

  // Copies z, s and y of a tile, if there is one.
  __device__ __forceinline__ void fetch(int i) const {
    if (i < tiles().mine) {
      const int tid = thread_now();
      const Strip* const strips = table(i);
      fetch_z(i, strips, tid);
      char* const to = dy(i);
      with_pieces<kVectorOfY>(p.y_width, [&](auto pieces) {
        fetch_dy<decltype(pieces)::value, Layout::kThreads>(
            to, y(), Layout::kDyPlane, p, [&](int at) { return dy_pixel(strips, at); }, Layout::kDyRows, tid);
      });
    }
    commit_copies();
  }

  __device__ __forceinline__ void fetch_z(int i, const Strip* strips, int tid) const {
    constexpr int kStrips = Layout::kStrips, kTogether = Layout::kThreads / (2 * kStrips);  // pairs of planes
    static_assert(Layout::kThreads % (2 * kStrips) == 0 && Layout::kZTiles % (2 * kTogether) == 0,
                  "a thread has one strip");
    const int local = tid / 2 % kStrips;
    const Strip strip = strips[local + 1];
    const int64_t skip = opaque(width) * p.z_pitch;
#pragma unroll 1
    for (int plane = tid / (2 * kStrips) * 2 + tid % 2; plane < Layout::kZTiles; plane += 2 * kTogether) {
      const int channel = chunk + plane * kVector<bf16>, bytes = valid_bytes<bf16>(z_channels, channel);
      const bf16* from = p.z + strip.pixel * p.z_pitch + channel;
      uint32_t to = shared_address(z(i) + plane * Layout::kPlane + local * 16);
#pragma unroll 2
      for (int o = 0; o < Layout::kRows; o++) {
        copy_async(to, from, o < strip.rows ? bytes : 0);
        from += skip;
        to += kStrips * 16;
      }
    }
  }

  // Of the tile that has been fetched s becomes dy. Also the table of the tile behind it.
  __device__ __forceinline__ void correct_next() const {
    const int tid = thread_now(), row = tid - (Layout::kThreads - Layout::kStrips - 2), i = turn() + 1;
    if (i + 1 < tiles().mine && row >= 0)
      tabulate<Layout>(table(i + 1), p, tiles().first + (i + 1) * tiles().step, row);
    if (i == tiles().mine) return;
    char* const values = dy(i);
    const Strip* const strips = table(i);
    wait_copies<0>();
    with_pieces<kVectorOfY>(p.y_width, [&](auto pieces) {
      correct_dy<decltype(pieces)::value, Layout::kThreads>(
          values, y(), Layout::kDyPlane, p, y_affine(), [&](int at) { return dy_pixel(strips, at); }, Layout::kDyRows,
          tid);
    });
  }
};

}  // namespace dn
#endif
