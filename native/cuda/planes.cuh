// Operands in shared memory: planes of 8 channels (float32: 4), 16 bytes a row (a pixel, or an output channel of
// weights).
//
// Eight rows that follow each other are 128 bytes: ldmatrix has no bank conflict, at any first row. The stride of
// planes is an odd number of 16 bytes, so lanes that write the channels of one pixel do not conflict either. A shift by
// a pixel is a shift by 16 bytes, which is what a 3x3 convolution needs.
#ifndef DENSENET4J_CUDA_PLANES_CUH
#define DENSENET4J_CUDA_PLANES_CUH

#include "elements.cuh"

namespace dn {

__host__ __device__ constexpr int plane_bytes(int rows) { return (rows * 16 + 127) / 128 * 128 + 16; }

__host__ __device__ constexpr int round_up(int n, int to) { return (n + to - 1) / to * to; }

// Planes of so many channels, in whole stages of products.
template <class T>
__host__ __device__ constexpr int planes_of(int channels, int stage) {
  return round_up(channels, stage * kVector<T>) / kVector<T>;
}

// Where the 16 bytes that a table has of a channel lie: 16 more after each plane, so that lanes of different planes do
// not conflict.
template <class T>
__host__ __device__ constexpr int spread(int channel) {
  return channel + channel / kVector<T>;
}

// Bytes of the 16 at `channel` that belong to the first `channels`.
template <class T>
__device__ __forceinline__ int valid_bytes(int channels, int channel) {
  return min(max((channels - channel) * static_cast<int>(sizeof(T)), 0), 16);
}

// Of a lane's pair of channels in a tile (8 channels) of a product, from its row of the tile's first plane.
template <class T>
__device__ __forceinline__ int pair_offset(int plane, int lane) {
  return sizeof(T) == 2 ? lane % 4 * 4 : lane % 4 / 2 * plane + lane % 2 * 8;
}

template <int kBytes>
struct Piece;
template <>
struct Piece<16> {
  using Type = uint4;
};
template <>
struct Piece<8> {
  using Type = uint2;
};
template <>
struct Piece<4> {
  using Type = uint32_t;
};
template <>
struct Piece<2> {
  using Type = uint16_t;
};

// Rows of a warp's tile to a channel slice, kBytes at a time.
template <int kBytes, class T>
__device__ __forceinline__ void store_slice(T* y, int64_t pitch, int channels, const char* tile, int tile_pitch,
                                            int rows, int lane) {
  using Type = typename Piece<kBytes>::Type;
  constexpr int kWidth = kBytes / static_cast<int>(sizeof(T));
  const int pieces = channels / kWidth;
  for (int i = lane; i < rows * pieces; i += 32) {
    const int row = i / pieces, piece = i - row * pieces;
    *reinterpret_cast<Type*>(y + row * pitch + piece * kWidth) =
        *reinterpret_cast<const Type*>(tile + row * tile_pitch + piece * kBytes);
  }
}

template <int kBytes>
struct PieceBytes {
  static constexpr int value = kBytes;
};

// Calls f with the bytes of a slice that can be moved at a time; `width`: the most values, in 16 bytes, that the
// slice's address, pitch and channels are multiples of.
template <class T, class F>
__device__ __forceinline__ void with_piece(int width, const F& f) {
  switch (width * static_cast<int>(sizeof(T))) {
    case 16:
      f(PieceBytes<16>());
      break;
    case 8:
      f(PieceBytes<8>());
      break;
    case 4:
      f(PieceBytes<4>());
      break;
    default:
      if constexpr (sizeof(T) == 2) f(PieceBytes<2>());
  }
}

template <class T>
__device__ __forceinline__ void store_slice(T* y, int64_t pitch, int channels, int width, const char* tile,
                                            int tile_pitch, int rows, int lane) {
  with_piece<T>(width, [&](auto bytes) {
    store_slice<decltype(bytes)::value>(y, pitch, channels, tile, tile_pitch, rows, lane);
  });
}

// Fragments (16, 8) of a warp's tile go to shared memory, row by row.
template <class T, int kTiles>
__device__ __forceinline__ void stage_tile(char* tile, int pitch, const float (&acc)[kTiles][4], int lane) {
#pragma unroll
  for (int n = 0; n < kTiles; n++) {
    char* to = tile + (lane / 4) * pitch + (n * 8 + lane % 4 * 2) * sizeof(T);
    *reinterpret_cast<Pair<T>*>(to) = pack<T>(acc[n][0], acc[n][1]);
    *reinterpret_cast<Pair<T>*>(to + 8 * pitch) = pack<T>(acc[n][2], acc[n][3]);
  }
}

template <int kRows, int kTiles>
__device__ __forceinline__ void clear(float (&acc)[kRows][kTiles][4]) {
#pragma unroll
  for (int m = 0; m < kRows; m++) {
#pragma unroll
    for (int n = 0; n < kTiles; n++) {
#pragma unroll
      for (int e = 0; e < 4; e++) acc[m][n][e] = 0;
    }
  }
}

}  // namespace dn
#endif
