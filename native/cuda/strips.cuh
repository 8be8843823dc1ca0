// A map in strips: kRows pixels of a column, one below the other. A 3x3 convolution reads a row of its input for three
// rows of its output, which a tile of strips has. Strips follow each other along a band of kRows rows, bands down an
// image; the last band of an image may have rows that are not there.
#ifndef DENSENET4J_CUDA_STRIPS_CUH
#define DENSENET4J_CUDA_STRIPS_CUH

#include <cstdint>

namespace dn {

// `row`: the strip's first one in its image; `rows`: how many are in the image; `pixel`: the first one's.
struct Strip {
  int pixel, row, rows, column;
};

template <int kRows>
struct Strips {
  int height, width, bands, count;  // bands of an image

  __device__ __forceinline__ Strips(int64_t pixels, int64_t height, int64_t width)
      : height(static_cast<int>(height)),
        width(static_cast<int>(width)),
        bands((this->height + kRows - 1) / kRows),
        count(static_cast<int>(pixels) / (this->height * this->width) * bands * this->width) {}

  // Beyond the last strip: no rows.
  __device__ __forceinline__ Strip at(int strip) const {
    const int band = strip / width, image = band / bands, row = (band - image * bands) * kRows,
              column = strip - band * width;
    return {(image * height + row) * width + column, row, strip < count ? min(kRows, height - row) : 0, column};
  }
};

}  // namespace dn
#endif
