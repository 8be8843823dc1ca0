// A 3x3 convolution works on bands of rows: the operand of one band, with its halo and a border of zeros, is loaded by
// the prologue into a buffer of (rows + 2) x (width + 2) pixels that stays in a second-level cache. The border is what
// makes a padded pixel 0 after BN+ReLU.
#ifndef DENSENET4J_CPU_BANDS_H
#define DENSENET4J_CPU_BANDS_H

#include <algorithm>

#include "scratch.h"

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
      : extent_(extent),
        channels_(channels),
        rows_(band_rows(extent, channels)),
        per_image_(divide_up(extent.height, rows_)) {}

  int64_t count() const { return extent_.batch * per_image_; }
  int64_t buffer_values() const { return (rows_ + 2) * row_pitch(); }
  int64_t most_rows() const { return rows_; }
  int64_t row_pitch() const { return (extent_.width + 2) * channels_; }

  // Whether row r of the band with its halo lies outside the image, and its first pixel in the batch if it does not.
  bool outside(const Band& band, int64_t r) const {
    return band.row + r - 1 < 0 || band.row + r - 1 >= extent_.height;
  }
  int64_t first(const Band& band, int64_t r) const { return band.pixel + (r - 1) * extent_.width; }

  Band at(int64_t index) const {
    const int64_t image = index / per_image_, row = index % per_image_ * rows_;
    return {image, row, std::min(rows_, extent_.height - row), (image * extent_.height + row) * extent_.width};
  }

  // Rows of a band with its halo that the one before it has too, as its last ones.
  int64_t shared_rows(const Band& band) const { return band.row == 0 ? 0 : 2; }

  // Fills the buffer of multiply()'s operand; the prologue brings the pixels of one row at a time. The first `kept` rows
  // are moved: the buffer has them from the band before.
  template <class T, class Prologue>
  void load(T* buffer, const Band& band, const Prologue& prologue, int64_t kept = 0) const {
    const T* before = buffer + rows_ * row_pitch();
    std::copy(before, before + kept * row_pitch(), buffer);
    for (int64_t r = kept; r < band.rows + 2; r++) {
      T* to = buffer + r * row_pitch();
      if (outside(band, r)) {
        std::fill(to, to + row_pitch(), T{});
        continue;
      }
      std::fill(to, to + channels_, T{});
      prologue.load(AlongChannels<T>{to + channels_, channels_}, first(band, r), extent_.width);
      std::fill(to + row_pitch() - channels_, to + row_pitch(), T{});
    }
  }

  // The buffer of outer()'s operand in pairs of pixels. A pair cannot start at every pixel of one row of words, so they
  // are kept twice: from the row's first pixel, and from the border before it.
  int64_t pair_words() const { return (rows_ + 2) * 2 * pairs_pitch(); }

  template <class Prologue>
  void load_pairs(BFloat16Pair* buffer, const Band& band, const Prologue& prologue) const {
    for (int64_t r = 0; r < band.rows + 2; r++) {
      BFloat16Pair *inner = buffer + 2 * r * pairs_pitch(), *border = inner + pairs_pitch();
      std::fill(inner, border, BFloat16Pair{});
      if (!outside(band, r)) {
        prologue.load(AlongPixels<BFloat16>{inner, channels_}, first(band, r), extent_.width);
      }
      for (int64_t c = 0; c < channels_; c += kLanes) {
        Words before{};
        for (int64_t at = c; at < pairs_pitch(); at += channels_) {
          const Words pair = dn::load(inner + at);
          store(border + at, straddle(before, pair));
          before = pair;
        }
      }
    }
  }

  // Row r of the band with its halo, as tap column 0, 1 or 2 sees it: in the buffer of load_pairs(), or of load() if
  // words are single values.
  template <class T>
  const Word<T>* shifted(const Word<T>* buffer, int64_t r, int64_t column) const {
    if constexpr (Packed<T>::kValues == 1) {
      return buffer + r * row_pitch() + column * channels_;
    } else {
      return buffer + 2 * r * pairs_pitch() + (column == 1 ? 0 : pairs_pitch()) + (column == 2 ? channels_ : 0);
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

  // One row of pairs: one more than there are in the image, for the border behind it.
  int64_t pairs_pitch() const { return (words<BFloat16>(extent_.width) + 1) * channels_; }

  dn_extent extent_;
  int64_t channels_, rows_, per_image_;
};

}  // namespace dn
#endif
