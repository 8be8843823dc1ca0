// y = conv(image) with batch statistics of y. Any square kernel, stride and padding. Moves 4 bytes a value of the image
// and 2 of y, or 4. Multiplied as float32: what the first layer rounds, all others amplify. y of float32, of which the
// last bits count, is in stem_conv_fprop_fp32.cuh.
//
// A block takes 64 channels of y (blockIdx.y) over tiles of 16 x 16 pixels, a warp two rows of a tile. Image and
// weights are sums of two bfloat16, and three products of these leave out some 2^-17. A product sums over 16 values of
// windows, two pieces of eight, each of a row of a window and filled up with weights of zero.
#include "stem_conv_fprop_fp32.cuh"

namespace dn {

class StemProducts {
 public:
  static constexpr int kThreads = 256, kWarps = kThreads / 32, kRows = kStemSide / kWarps, kOut = 64;
  static constexpr int kTiles = kOut / 8, kFew = kTiles / 2;  // of a product, eight channels each

  __device__ __forceinline__ explicit StemProducts(const StemConvFprop<bf16>& p) : band(p.conv), p_(p) {}

  // Channels of y, from the first one of this block on.
  __device__ __forceinline__ int chunk() const { return blockIdx.y * kOut; }
  __device__ __forceinline__ int used() const { return min(kOut, static_cast<int>(p_.y_channels) - chunk()); }

  // Fragments of a lane.
  __device__ __forceinline__ int weights() const { return (pieces() + 1) / 2 * tiles() * 32; }

  // Of channels of the image from `first` on, in the order of fragments: of a lane two words and what they leave.
  __device__ __forceinline__ void load_weights(uint4* to, int first) const {
    for (int i = threadIdx.x; i < weights(); i += kThreads) {
      const int step = i / (tiles() * 32), o = i % (tiles() * 32) / 32 * 8 + i % 32 / 4;
      const SplitPair a = pair(o, 2 * step, i % 4 * 2, first), b = pair(o, 2 * step + 1, i % 4 * 2, first);
      to[i] = make_uint4(a.first, b.first, a.rest, b.rest);
    }
  }

  // Of a fragment's first pixel a word lies beside that of the ninth, as registers of the product do: words of the band
  // are there twice. Behind the band is what it leaves.
  __device__ __forceinline__ void store(uint2* image, int row, int word, const SplitPair& pair) const {
    uint2* const at = image + row * band.units + word;
    const int to_rest = band.rows * band.units, back = 8 * band.step;
    if (word < band.units) at[0].x = pair.first, at[to_rest].x = pair.rest;
    if (word >= back) at[-back].y = pair.first, at[to_rest - back].y = pair.rest;
  }

  // image: a lane's first word of its warp's first row.
  __device__ __forceinline__ void add(float (&acc)[kRows][kTiles][4], const uint2* image, const uint4* w) const {
    const int down = static_cast<int>(p_.conv.stride) * band.units, to_rest = band.rows * band.units;
    int row = 0, at[2] = {0, 0};
#pragma unroll 1
    for (int piece = 0; piece < pieces(); piece += 2, w += tiles() * 32) {
      if (piece > 0) at[0] = following(at[1], row);
      // Past the last row weights are zero, and what they are multiplied by is any number that is there.
      at[1] = piece + 1 < pieces() ? following(at[0], row) : at[0];
      uint32_t first[kRows][4], rest[kRows][4];
#pragma unroll
      for (int m = 0; m < kRows; m++) {
#pragma unroll
        for (int i = 0; i < 2; i++) {
          const uint2* const word = image + m * down + at[i];
          const uint2 l = word[0], h = word[to_rest];
          first[m][2 * i] = l.x, first[m][2 * i + 1] = l.y;
          rest[m][2 * i] = h.x, rest[m][2 * i + 1] = h.y;
        }
      }
#pragma unroll
      for (int n = 0; n < kTiles; n++) {
        if (n < kFew || tiles() > kFew) {
          const uint4 of_w = w[n * 32];
#pragma unroll
          for (int m = 0; m < kRows; m++) {
            multiply_bf16(acc[m][n], rest[m], of_w.x, of_w.y);
            multiply_bf16(acc[m][n], first[m], of_w.z, of_w.w);
            multiply_bf16(acc[m][n], first[m], of_w.x, of_w.y);
          }
        }
      }
    }
  }

  const StemBand band;

 private:
  __device__ __forceinline__ int tiles() const { return used() > kFew * 8 ? kTiles : kFew; }
  __device__ __forceinline__ int pieces() const { return static_cast<int>(p_.conv.kernel) * band.pieces; }

  // Of weights that follow each other in a piece.
  __device__ __forceinline__ SplitPair pair(int o, int piece, int at, int first) const {
    const int row = piece / band.pieces, value = (piece - row * band.pieces) * 8 + at;
    return {weight(o, row, value, first), weight(o, row, value + 1, first)};
  }

  __device__ __forceinline__ float weight(int o, int row, int value, int first) const {
    const int kernel = p_.conv.kernel, channels = p_.conv.channels, column = value / band.channels,
              channel = first + value - column * band.channels;
    if (o >= used() || row >= kernel || column >= kernel || channel >= channels) return 0;
    return p_.w[((static_cast<int64_t>(chunk() + o) * channels + channel) * kernel + row) * kernel + column];
  }

  // The piece after the one at `at`: of the same row of windows, or of the next.
  __device__ __forceinline__ int following(int at, int& piece_of_row) const {
    if (++piece_of_row < band.pieces) return at + 4;
    piece_of_row = 0;
    return at + band.units - 4 * (band.pieces - 1);
  }

  const StemConvFprop<bf16>& p_;
};

__device__ __forceinline__ void stem_conv_fprop(const Tiled<StemConvFprop<bf16>>& p) {
  constexpr int kWarps = StemProducts::kWarps, kOut = StemProducts::kOut, kRows = StemProducts::kRows;
  constexpr int kPitch = kOut * sizeof(bf16) + 16;
  extern __shared__ __align__(128) char memory[];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, channels = p.conv.channels;
  const StemProducts products(p);
  const StemBand& band = products.band;
  auto* w = reinterpret_cast<uint4*>(memory);
  auto* image = reinterpret_cast<uint2*>(w + products.weights());
  char* const staged = reinterpret_cast<char*>(image) + warp * kRows * kStemSide * kPitch;  // where the image has been
  const uint2* const mine =
      image + warp * kRows * static_cast<int>(p.conv.stride) * band.units + lane / 4 * band.step + lane % 4;
  products.load_weights(w, 0);
  wait_for_predecessor();
  let_successor_start();

  ColumnSums<bf16, kOut, kWarps> sums;
  const Tiles tiles(StemTile::count(p.conv), p.reversed);
  for (int i = tiles.first; tiles.has(i); i += tiles.step) {
    float acc[kRows][StemProducts::kTiles][4];
    clear(acc);
    for (int first = 0; first < channels; first += kStemChannels) {
      __syncthreads();  // nobody reads weights or what is staged any more
      load_band<kWarps>(band, p.conv, p.image, StemTile(p.conv, i), first, [&](int row, int word, float a, float b) {
        products.store(image, row, word, SplitPair(a, b));
      });
      if (channels > kStemChannels) products.load_weights(w, first);
      __syncthreads();
      products.add(acc, mine, w + lane);
    }
    __syncthreads();  // nobody reads the band any more
#pragma unroll
    for (int m = 0; m < kRows; m++) stage_tile<bf16>(staged + m * kStemSide * kPitch, kPitch, acc[m], lane);
    __syncwarp();
    const StemTile tile(p.conv, i);
    const int first_row = tile.row + warp * kRows,
              pixels = min(kStemSide, static_cast<int>(p.conv.columns) - tile.column);
#pragma unroll 1
    for (int m = 0; m < min(kRows, static_cast<int>(p.conv.rows) - first_row); m++) {
      const char* const of_row = staged + m * kStemSide * kPitch;
      sums.add(of_row, kPitch, pixels, lane);
      const int64_t pixel = (tile.image * p.conv.rows + first_row + m) * p.conv.columns + tile.column;
      store_slice(p.y + pixel * p.y_pitch + products.chunk(), p.y_pitch, products.used(),
                  static_cast<int>(p.y_width), of_row, kPitch, pixels, lane);
    }
  }
  if (p.y_sums != nullptr) sums.store(p.y_sums + products.chunk() * 2, image, products.used());
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(256, 2)
    dn_stem_conv_fprop(const __grid_constant__ dn::Tiled<dn::StemConvFprop<dn::bf16>> p) {
  dn::stem_conv_fprop(p);
}

extern "C" __global__ void __launch_bounds__(256, 4)
    dn_stem_conv_fprop_fp32(const __grid_constant__ dn::Tiled<dn::StemConvFprop<float>> p) {
  dn::stem_conv_fprop(p);
}
