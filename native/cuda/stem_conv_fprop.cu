// y = conv(image) with batch statistics of y. Any square kernel, stride and padding. Moves 4 bytes a value of the image
// and 2 of y, or 4. Multiplied as float32: what the first layer rounds, all others amplify. y of float32, of which the
// last bits count, is in stem_conv_fprop_fp32.cuh.
//
// A block takes 64 channels of y (blockIdx.y) over tiles of 16 x 16 pixels, a warp two rows of a tile. Image and
// weights are sums of two bfloat16, and three products of these leave out some 2^-17. A product sums over 16 values of windows,
// two pieces of eight, each of a row of a window and filled up with weights of zero.
#include "stem_conv_fprop_fp32.cuh"

namespace dn {

class StemProducts {
 public:
  static constexpr int kThreads = 256, kWarps = kThreads / 32, kRows = kStemSide / kWarps, kOut = 64, kTiles = kOut / 8;

  // `out`: channels of y from `chunk` on.
  __device__ __forceinline__ StemProducts(const StemConv& conv, int chunk, int out)
      : band(conv),
        conv_(conv),
        chunk_(chunk),
        out_(out),
        tiles_((out + 7) / 8),
        pieces_(static_cast<int>(conv.kernel) * band.pieces),
        steps_((pieces_ + 1) / 2) {}

  __device__ __forceinline__ int weights() const { return steps_ * tiles_ * 32; }

  // Of channels of the image from `first` on, in the order of fragments: of a lane two words and what they leave.
  __device__ __forceinline__ void load_weights(uint4* to, const float* w, int first) const {
    for (int i = threadIdx.x; i < weights(); i += kThreads) {
      const int step = i / (tiles_ * 32), o = i % (tiles_ * 32) / 32 * 8 + i % 32 / 4;
      uint2 words[2];
#pragma unroll
      for (int j = 0; j < 2; j++) {
        const int piece = 2 * step + j, row = piece / band.pieces, value = (piece - row * band.pieces) * 8 + i % 4 * 2;
        split(words + j, weight(w, o, row, value, first), weight(w, o, row, value + 1, first));
      }
      to[i] = make_uint4(words[0].x, words[1].x, words[0].y, words[1].y);
    }
  }

  // image: a lane's first word of its warp's first row.
  __device__ __forceinline__ void add(float (&acc)[kRows][kTiles][4], const uint2* image, const uint4* w) const {
    const int stride = conv_.stride, down = stride * band.pitch;
    int row = 0, at[2] = {0, 0};
#pragma unroll 1
    for (int piece = 0; piece < pieces_; piece += 2, w += tiles_ * 32) {
      at[0] = following(at[1], row, piece > 0);
      // Past the last row weights are zero, and what they are multiplied by is any number that is there.
      at[1] = piece + 1 < pieces_ ? following(at[0], row, true) : at[0];
      uint32_t first[kRows][4], rest[kRows][4];
#pragma unroll
      for (int m = 0; m < kRows; m++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          const uint2 words = image[m * down + i % 2 * 8 * band.step + at[i / 2]];
          first[m][i] = words.x, rest[m][i] = words.y;
        }
      }
#pragma unroll
      for (int n = 0; n < kTiles; n++) {
        if (n < tiles_) {
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
  __device__ __forceinline__ float weight(const float* w, int o, int row, int value, int first) const {
    const int kernel = conv_.kernel, channels = conv_.channels, column = value / band.channels,
              channel = first + value - column * band.channels;
    const bool there = o < out_ && row < kernel && column < kernel && channel < channels;
    return there ? w[((static_cast<int64_t>(chunk_ + o) * channels + channel) * kernel + row) * kernel + column] : 0;
  }

  // The piece after the one at `at`: of the same row of windows, or of the next.
  __device__ __forceinline__ int following(int at, int& piece_of_row, bool moves) const {
    if (!moves) return at;
    if (++piece_of_row < band.pieces) return at + 4;
    piece_of_row = 0;
    return at + band.pitch - 4 * (band.pieces - 1);
  }

  const StemConv& conv_;
  const int chunk_, out_, tiles_, pieces_, steps_;
};

__device__ __forceinline__ void stem_conv_fprop(const StemConvFprop<bf16>& p) {
  constexpr int kWarps = StemProducts::kWarps, kOut = StemProducts::kOut, kRows = StemProducts::kRows;
  constexpr int kPitch = kOut * sizeof(bf16) + 16;
  extern __shared__ __align__(128) char memory[];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, chunk = blockIdx.y * kOut;
  const int used = min(kOut, static_cast<int>(p.y_channels) - chunk), channels = p.conv.channels;
  const StemProducts products(p.conv, chunk, used);
  const StemBand& band = products.band;
  char* const staged = memory + warp * kStemSide * kPitch;
  auto* w = reinterpret_cast<uint4*>(memory + kWarps * kStemSide * kPitch);
  auto* image = reinterpret_cast<uint2*>(w + products.weights());
  const uint2* const mine =
      image + warp * kRows * static_cast<int>(p.conv.stride) * band.pitch + lane / 4 * band.step + lane % 4;
  products.load_weights(w, p.w, 0);
  wait_for_predecessor();
  let_successor_start();

  ColumnSums<bf16, kOut, kWarps> sums;
  const int tiles = StemTile::count(p.conv);
  for (int i = blockIdx.x; i < tiles; i += gridDim.x) {
    const StemTile tile(p.conv, i);
    const int first_row = tile.row + warp * kRows,
              pixels = min(kStemSide, static_cast<int>(p.conv.columns) - tile.column);
    float acc[kRows][StemProducts::kTiles][4];
    clear(acc);
    for (int first = 0; first < channels; first += kStemChannels) {
      __syncthreads();  // nobody reads band and weights any more
      load_band<kWarps>(image, band, p.conv, p.image, tile, first);
      if (channels > kStemChannels) products.load_weights(w, p.w, first);
      __syncthreads();
      if (first_row < p.conv.rows) products.add(acc, mine, w + lane);
    }
#pragma unroll
    for (int m = 0; m < kRows; m++) {
      if (first_row + m >= p.conv.rows) break;
      stage_tile<bf16>(staged, kPitch, acc[m], lane);
      __syncwarp();
      sums.add(staged, kPitch, pixels, lane);
      const int64_t pixel = (tile.image * p.conv.rows + first_row + m) * p.conv.columns + tile.column;
      store_slice(p.y + pixel * p.y_pitch + chunk, p.y_pitch, used, static_cast<int>(p.y_width), staged, kPitch, pixels,
                  lane);
      __syncwarp();
    }
  }
  if (p.y_sums != nullptr) sums.store(p.y_sums + chunk * 2, memory, used);
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(256, 2)
    dn_stem_conv_fprop(const __grid_constant__ dn::StemConvFprop<dn::bf16> p) {
  dn::stem_conv_fprop(p);
}

extern "C" __global__ void __launch_bounds__(256, 4)
    dn_stem_conv_fprop_fp32(const __grid_constant__ dn::StemConvFprop<float> p) {
  dn::stem_conv_fprop(p);
}
