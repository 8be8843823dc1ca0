// A 3x3 convolution works on bands of rows: the operand of one band, with its halo and a border of zeros, is loaded by
// the prologue into a buffer of (rows + 2) x (width + 2) pixels that stays in a second-level cache. The border is what
// makes a padded pixel 0 after BN+ReLU.
#ifndef DENSENET4J_CPU_BANDS_H
#define DENSENET4J_CPU_BANDS_H

#include <algorithm>

#include "scratch.h"
#include "workspace.h"

namespace dn {

struct Band {
  int64_t image;
  int64_t row;
  int64_t rows;
  int64_t pixel; // of its first pixel, in the batch
};

// Pixels that follow each other in the batch; none if `count` is not positive.
struct PixelRange {
  int64_t first;
  int64_t count;
};

// Rows of pixels in a buffer, `pitch` values from pixel to pixel and `border` more from row to row.
struct BandRows {
  float* to;
  int64_t rows, width, pitch, border;

  float* at(int64_t row, int64_t column) const { return to + row * (width * pitch + border) + column * pitch; }

  // Where the n pixels from p on are, counted through the rows.
  template <int n>
  DN_INLINE void find(int64_t p, float* (&pixels)[n]) const {
    int64_t column = p % width;
    float* next = at(p / width, column);
#pragma GCC unroll 16
    for (int i = 0; i < n; i++) {
      pixels[i] = next;
      next += pitch;
      if (++column < width) continue;
      column = 0;
      next += border;
    }
  }
};

// Fills them with the pixels from `first` on. A prologue that gains by having several rows at once has its own.
template <class Prologue>
void load_rows(const Prologue& prologue, const BandRows& to, int64_t first) {
  for (int64_t r = 0; r < to.rows; r++) {
    prologue.load(AlongChannels<float>{to.at(r, 0), to.pitch}, first + r * to.width, to.width);
  }
}

class Bands {
 public:
  // `channels` is the pixel pitch of the band buffer, which holds whole tiles of `side` x `side` pixels, in rows of a
  // multiple of `unit` tiles, and their halo.
  Bands(const dn_extent& extent, int64_t channels, int64_t side, int64_t unit)
      : extent_(extent),
        channels_(channels),
        side_(side),
        width_(divide_up(extent.width, side * unit) * side * unit),
        rows_(band_rows()),
        per_image_(divide_up(extent.height, rows_)) {}

  int64_t count() const { return extent_.batch * per_image_; }
  int64_t buffer_values() const { return (whole(rows_) + 2) * row_pitch(); }
  int64_t pixels() const { return extent_.batch * extent_.height * extent_.width; }
  int64_t most_rows() const { return rows_; }
  int64_t row_pitch() const { return (width_ + 2) * channels_; }

  // As many pixels as a band has, from the given row below this band on.
  PixelRange below(const Band& band, int64_t row) const {
    const int64_t first = band.pixel + (band.rows + row) * extent_.width;
    return {first, std::min(rows_ * extent_.width, pixels() - first)};
  }

  Band at(int64_t index) const {
    const int64_t image = index / per_image_, row = index % per_image_ * rows_;
    return {image, row, std::min(rows_, extent_.height - row), (image * extent_.height + row) * extent_.width};
  }

  // Fills the buffer; load_rows() brings the pixels. The first `kept` rows are moved: the buffer has them from the band
  // before.
  template <class Prologue>
  void load(float* buffer, const Band& band, const Prologue& prologue, int64_t kept = 0) const {
    const float* before = buffer + rows_ * row_pitch();
    std::copy(before, before + kept * row_pitch(), buffer);
    const int64_t begin = std::max(kept, 1 - band.row), end = std::min(whole(band.rows) + 2, extent_.height + 1 - band.row);
    std::fill(buffer + kept * row_pitch(), buffer + begin * row_pitch(), 0.0f);
    std::fill(buffer + end * row_pitch(), buffer + (whole(band.rows) + 2) * row_pitch(), 0.0f);
    const int64_t border = row_pitch() - extent_.width * channels_, first = band.pixel + (begin - 1) * extent_.width;
    const BandRows rows{buffer + begin * row_pitch() + channels_, end - begin, extent_.width, channels_, border};
    for (int64_t r = 0; r < rows.rows; r++) {
      std::fill(rows.at(r, 0) - channels_, rows.at(r, 0), 0.0f);
      std::fill(rows.at(r, rows.width), rows.at(r + 1, 0) - channels_, 0.0f);
    }
    load_rows(prologue, rows, first);
  }

 private:
  // Eight rows make the halo cheap and leave work for several threads in one image; fewer if the buffer would outgrow
  // 256 KiB.
  int64_t band_rows() const {
    constexpr int64_t kRows = 8, kFloats = 1 << 16;
    const int64_t fitting = kFloats / row_pitch() - 2;
    return std::min(extent_.height, std::clamp<int64_t>(fitting / side_ * side_, side_, kRows));
  }

  int64_t whole(int64_t rows) const { return divide_up(rows, side_) * side_; }

  dn_extent extent_;
  int64_t channels_, side_, width_, rows_, per_image_;
};

// The band that each thread has loaded last. The rows that an image's next band shares with it need not be loaded again.
class LoadedBands {
 public:
  LoadedBands(Workspace& workspace, int64_t threads) : threads_(threads), last_(workspace, threads, 1) {}

  // Before a thread's first band.
  void clear() const {
    for (int64_t t = 0; t < threads_; t++) *last_.of(t) = kNone;
  }

  // The thread goes on to band `index`: how many of its first rows, halo included, are the last ones of the band before.
  int64_t next(int thread, int64_t index, const Band& band) const {
    const int64_t kept = *last_.of(thread) == index - 1 && band.row > 0 ? 2 : 0;
    *last_.of(thread) = index;
    return kept;
  }

 private:
  static constexpr int64_t kNone = -1;

  int64_t threads_;
  PerThread<int64_t> last_;
};

}  // namespace dn
#endif
