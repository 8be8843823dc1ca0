// The stem's convolution, and the image as an operand of its products in bfloat16.
//
// A tile is 16 x 16 pixels of y. What their windows see of the image lies in shared memory, row by row (a band), as it
// does in memory: no patches. A row of a window is values that follow each other there, and that of the next pixel
// begins stride * channels values later, a whole number of words of two values: where it would not be, a channel of
// zeros is added.
#ifndef DENSENET4J_CUDA_STEM_CONV_CUH
#define DENSENET4J_CUDA_STEM_CONV_CUH

#include "planes.cuh"
#include "tiles.cuh"

namespace dn {

struct StemConv {
  int64_t channels;  // of the image
  int64_t images;
  int64_t height;  // of the image
  int64_t width;
  int64_t rows;  // of y
  int64_t columns;
  int64_t kernel;
  int64_t stride;
  int64_t padding;
};

// Pixels of a side of a tile; channels of the image in a band, more take several.
constexpr int kStemSide = 16, kStemChannels = 4;

// Sizes in words of two values.
struct StemBand {
  int channels;  // of a pixel
  int step;      // to the window of the next pixel
  int words;     // of a row of a window
  int pieces;    // of a row of a window, four words each
  int used;      // of a row of the band
  int pitch;     // continues with the banks where a row of a window ends
  int rows;
  int units;  // of a row, if only eight pixels begin in it

  __device__ __forceinline__ explicit StemBand(const StemConv& s) {
    const int kernel = s.kernel, stride = s.stride, taken = min(static_cast<int>(s.channels), kStemChannels);
    channels = taken + taken * stride % 2;
    step = stride * channels / 2;
    words = (kernel * channels + 1) / 2;
    pieces = (words + 3) / 4;
    used = (kStemSide - 1) * step + 4 * pieces;
    pitch = words + round_up(used - words, 32);
    rows = (kStemSide - 1) * stride + kernel;
    units = used - 8 * step;
  }
};

struct StemTile {
  int image, row, column;  // where it begins in y

  __device__ __forceinline__ StemTile(const StemConv& s, int tile) {
    const int across = (static_cast<int>(s.columns) + kStemSide - 1) / kStemSide,
              down = (static_cast<int>(s.rows) + kStemSide - 1) / kStemSide, line = tile / across;
    image = line / down;
    row = (line - image * down) * kStemSide;
    column = (tile - line * across) * kStemSide;
  }

  static __device__ __forceinline__ int count(const StemConv& s) {
    return static_cast<int>(s.images) * ((static_cast<int>(s.rows) + kStemSide - 1) / kStemSide) *
           ((static_cast<int>(s.columns) + kStemSide - 1) / kStemSide);
  }
};

// Two values rounded; and what that leaves: together all but 2^-18 of them.
struct SplitPair {
  uint32_t first, rest;

  __device__ __forceinline__ SplitPair(float low_value, float high_value)
      : first(pack<bf16>(low_value, high_value)), rest(pack<bf16>(low_value - low(first), high_value - high(first))) {}
};

// A value of the band in a row of the image; beside it are zeros.
struct StemValue {
  int at;
  bool there;

  // channels: of a pixel in the band.
  __device__ __forceinline__ StemValue(const StemConv& s, int channels, int first_column, int first_channel,
                                       int value) {
    const int pixel = value / channels, column = first_column + pixel,
              channel = first_channel + value - pixel * channels;
    there = column >= 0 && column < s.width && channel < s.channels;
    at = column * static_cast<int>(s.channels) + channel;
  }
};

// Calls put with a row, a word and its two values, of channels of the image from `first_channel` on. All warps.
template <int kWarps, class Put>
__device__ __forceinline__ void load_band(const StemBand& band, const StemConv& s, const float* image,
                                          const StemTile& tile, int first_channel, const Put& put) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, stride = s.stride, padding = s.padding, height = s.height;
  const int first_row = tile.row * stride - padding, first_column = tile.column * stride - padding;
  const int64_t pitch = s.width * s.channels;
  const float* const first = image + (static_cast<int64_t>(tile.image) * height + first_row) * pitch;
  const int used = band.used, rows = band.rows, channels = band.channels;
  for (int word = lane; word < used; word += 32) {
    const StemValue a(s, channels, first_column, first_channel, 2 * word),
        b(s, channels, first_column, first_channel, 2 * word + 1);
#pragma unroll 3
    for (int row = warp; row < rows; row += kWarps) {
      const bool there = first_row + row >= 0 && first_row + row < height;
      const float* const from = first + row * pitch;
      put(row, word, there && a.there ? from[a.at] : 0, there && b.there ? from[b.at] : 0);
    }
  }
}

}  // namespace dn
#endif
