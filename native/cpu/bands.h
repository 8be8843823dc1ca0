// A 3x3 convolution works on bands of rows: the operand of one band, with its halo and a border of zeros, is loaded by
// the prologue into a buffer of (rows + 2) x (width + 2) pixels that stays in a second-level cache. The border is what
// makes a padded pixel 0 after BN+ReLU.
#ifndef DENSENET4J_CPU_BANDS_H
#define DENSENET4J_CPU_BANDS_H

#include <algorithm>

#include "densenet4j.h"
#include "simd.h"

namespace dn {

struct Band {
  int64_t image;
  int64_t row;
  int64_t rows;
  int64_t pixel; // of its first pixel, in the batch
};

class Bands {
 public:
  // `channels` is the pixel pitch of the band buffer.
  Bands(const dn_extent& extent, int64_t channels)
      : extent_(extent), channels_(channels), rows_(band_rows(extent, channels)), per_image_(divide_up(extent.height, rows_)) {}

  int64_t count() const { return extent_.batch * per_image_; }
  int64_t buffer_floats() const { return (rows_ + 2) * (extent_.width + 2) * channels_; }
  int64_t most_rows() const { return rows_; }
  int64_t row_pitch() const { return (extent_.width + 2) * channels_; }

  Band at(int64_t index) const {
    const int64_t image = index / per_image_, row = index % per_image_ * rows_;
    return {image, row, std::min(rows_, extent_.height - row), (image * extent_.height + row) * extent_.width};
  }

  // Fills the buffer; the prologue brings the pixels of one row at a time.
  template <class Prologue>
  void load(float* buffer, const Band& band, const Prologue& prologue) const {
    for (int64_t r = 0; r < band.rows + 2; r++) {
      const int64_t row = band.row + r - 1;
      float* to = buffer + r * row_pitch();
      if (row < 0 || row >= extent_.height) {
        std::fill(to, to + row_pitch(), 0.0f);
        continue;
      }
      std::fill(to, to + channels_, 0.0f);
      prologue.load(to + channels_, channels_, (band.image * extent_.height + row) * extent_.width, extent_.width);
      std::fill(to + row_pitch() - channels_, to + row_pitch(), 0.0f);
    }
  }

 private:
  // Eight rows make the halo cheap and leave work for several threads in one image; fewer if the buffer would outgrow
  // 256 KiB.
  static int64_t band_rows(const dn_extent& extent, int64_t channels) {
    constexpr int64_t kRows = 8, kFloats = 1 << 16;
    const int64_t fitting = kFloats / ((extent.width + 2) * channels) - 2;
    return std::min(extent.height, std::clamp<int64_t>(fitting, 1, kRows));
  }

  dn_extent extent_;
  int64_t channels_, rows_, per_image_;
};

}  // namespace dn
#endif
