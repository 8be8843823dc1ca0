// What both 3x3 backward kernels share: operands, dy with its deferred correction, and where the gradient of z goes.
#ifndef DENSENET4J_CUDA_CONV3X3_BPROP_CUH
#define DENSENET4J_CUDA_CONV3X3_BPROP_CUH

#include "correction.cuh"
#include "gradient.cuh"
#include "neighbours.cuh"
#include "statistics.cuh"

namespace dn {

struct Conv3x3Bprop {
  bf16* gz;           // (pixels, gz_pitch)
  ExactSum* z_sums;   // (z_channels, 2): of dz and dz (z - mean)
  float* w_partials;  // (gridDim.x, 9, y_channels, z_channels)
  const bf16* s;      // the slice's gradient, before its correction
  const bf16* y;      // the slice
  const bf16* z;
  const bf16* w;  // (9, w_planes, w_rows, 8), as the forward kernel has it
  int64_t gz_pitch;
  int64_t s_pitch;
  int64_t y_pitch;
  int64_t z_pitch;
  int64_t w_planes;
  int64_t w_rows;
  int64_t y_width;  // 8, 4, 2 or 1: the most that addresses, pitches and channels of the slices are multiples of
  int64_t y_channels;
  int64_t z_channels;
  int64_t pixels;
  int64_t height;
  int64_t width;
  int64_t accumulate;
  Correction y_correction;
  Reader reader;
  HandOver hand_over;
};

template <int vector>
struct Values {
  alignas(2 * vector) uint16_t v[vector];
};

// Of `rows` pixels from `first` on, s goes to where dy will be and y beside it, a tile ahead of the products; then each
// thread corrects what it copied, in place. `vector` channels at a time.
template <int vector, int threads>
struct DyPieces {
  int row0, channel, each;  // a thread keeps its channels: threads / pieces rows at a time
  __device__ __forceinline__ DyPieces(int channels, int tid) {
    const int pieces = channels / vector;
    row0 = tid / pieces;
    channel = (tid - row0 * pieces) * vector;
    each = threads / pieces;
    if (row0 >= each) row0 = 1 << 20;
  }
};

template <int vector, int threads>
__device__ __forceinline__ void fetch_dy(char* dy, char* y, int plane, const Conv3x3Bprop& p, int first, int rows,
                                         int tid) {
  const DyPieces<vector, threads> at(static_cast<int>(p.y_channels), tid);
  const int offset = at.channel / kVector * plane + at.channel % kVector * 2;
  for (int row = at.row0; row < rows; row += at.each) {
    const int pixel = first + row;
    if (pixel < 0 || pixel >= static_cast<int>(p.pixels)) continue;
    const bf16* from_s = p.s + pixel * p.s_pitch + at.channel;
    const bf16* from_y = p.y + pixel * p.y_pitch + at.channel;
    if constexpr (vector > 1) {
      copy_async<vector * 2>(shared_address(dy + offset + row * 16), from_s);
      copy_async<vector * 2>(shared_address(y + offset + row * 16), from_y);
    } else {
      *reinterpret_cast<bf16*>(dy + offset + row * 16) = *from_s;
      *reinterpret_cast<bf16*>(y + offset + row * 16) = *from_y;
    }
  }
}

template <int vector, int threads>
__device__ __forceinline__ void correct_dy(char* dy, const char* y, int plane, const Conv3x3Bprop& p,
                                           const float4* affine, int first, int rows, int tid) {
  const DyPieces<vector, threads> at(static_cast<int>(p.y_channels), tid);
  float a[vector], b[vector], d[vector];
#pragma unroll
  for (int j = 0; j < vector; j++) {
    const float4 f = affine[at.channel + at.channel / 8 + j];
    a[j] = f.x;
    b[j] = f.y;
    d[j] = f.z;
  }
  const int offset = at.channel / kVector * plane + at.channel % kVector * 2;
#pragma unroll 2
  for (int row = at.row0; row < rows; row += at.each) {
    const int pixel = first + row;
    if (pixel < 0 || pixel >= static_cast<int>(p.pixels)) continue;
    auto* to = reinterpret_cast<Values<vector>*>(dy + offset + row * 16);
    const auto ds = *to, of_y = *reinterpret_cast<const Values<vector>*>(y + offset + row * 16);
    if constexpr (vector == 8) {
      uint32_t pairs[4];
#pragma unroll
      for (int j = 0; j < 4; j++) {
        const uint32_t of_s = ds.v[2 * j] | ds.v[2 * j + 1] << 16, with_y = of_y.v[2 * j] | of_y.v[2 * j + 1] << 16;
        pairs[j] = pack(fmaf(a[2 * j], low(of_s), fmaf(b[2 * j], low(with_y), d[2 * j])),
                        fmaf(a[2 * j + 1], high(of_s), fmaf(b[2 * j + 1], high(with_y), d[2 * j + 1])));
      }
      *reinterpret_cast<uint4*>(to) = make_uint4(pairs[0], pairs[1], pairs[2], pairs[3]);
    } else {
      Values<vector> v;
#pragma unroll
      for (int j = 0; j < vector; j++) {
        v.v[j] = narrowed(fmaf(a[j], widened(ds.v[j]), fmaf(b[j], widened(of_y.v[j]), d[j])));
      }
      *to = v;
    }
  }
}

// Eight channels from `channel` on of a pixel's gradient, which a warp has staged.
__device__ __forceinline__ void store_staged(const Conv3x3Bprop& p, int pixel, int channel, const char* from) {
  float values[kVector];
  widen(values, *reinterpret_cast<const uint4*>(from));
  store_gradient(p.gz + pixel * p.gz_pitch + channel, values, static_cast<int>(p.z_channels) - channel,
                 p.accumulate != 0);
}

}  // namespace dn
#endif
