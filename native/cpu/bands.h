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

class Bands {
 public:
  // `channels` is the pixel pitch of the band buffer, which holds whole squares of `unit` x `unit` pixels and their halo.
  Bands(const dn_extent& extent, int64_t channels, int64_t unit = 1)
      : extent_(extent),
        channels_(channels),
        unit_(unit),
        width_(whole(extent.width)),
        rows_(band_rows()),
        per_image_(divide_up(extent.height, rows_)) {}

  int64_t count() const { return extent_.batch * per_image_; }
  int64_t buffer_values() const { return (whole(rows_) + 2) * row_pitch(); }
  int64_t most_rows() const { return rows_; }
  int64_t row_pitch() const { return (width_ + 2) * channels_; }

  // Whether row r of the band with its halo lies outside the image, and its first pixel in the batch if it does not.
  bool outside(const Band& band, int64_t r) const {
    return band.row + r - 1 < 0 || band.row + r - 1 >= extent_.height;
  }
  int64_t first(const Band& band, int64_t r) const { return band.pixel + (r - 1) * extent_.width; }

  Band at(int64_t index) const {
    const int64_t image = index / per_image_, row = index % per_image_ * rows_;
    return {image, row, std::min(rows_, extent_.height - row), (image * extent_.height + row) * extent_.width};
  }

  // Fills the buffer of multiply()'s operand; the prologue brings the pixels of one row at a time. The first `kept` rows
  // are moved: the buffer has them from the band before.
  template <class T, class Prologue>
  void load(T* buffer, const Band& band, const Prologue& prologue, int64_t kept = 0) const {
    const T* before = buffer + rows_ * row_pitch();
    std::copy(before, before + kept * row_pitch(), buffer);
    for (int64_t r = kept; r < whole(band.rows) + 2; r++) {
      T* to = buffer + r * row_pitch();
      if (outside(band, r)) {
        std::fill(to, to + row_pitch(), T{});
        continue;
      }
      std::fill(to, to + channels_, T{});
      prologue.load(AlongChannels<T>{to + channels_, channels_}, first(band, r), extent_.width);
      std::fill(to + (extent_.width + 1) * channels_, to + row_pitch(), T{});
    }
  }

  // The buffer of outer()'s operand in pairs of pixels. A pair cannot start at every pixel of one row of words, so they
  // are kept twice: from the row's first pixel, and from the border before it.
  int64_t pair_words() const { return (rows_ + 2) * 2 * pairs_pitch(); }

  // Fills both buffers at once.
  template <class Prologue>
  void load_both(BFloat16* buffer, BFloat16Pair* pairs, const Band& band, const Prologue& prologue) const {
    for (int64_t r = 0; r < band.rows + 2; r++) {
      BFloat16* to = buffer + r * row_pitch();
      BFloat16Pair *inner = pairs + 2 * r * pairs_pitch(), *border = inner + pairs_pitch();
      std::fill(inner, border, BFloat16Pair{});
      std::fill(to, to + row_pitch(), BFloat16{});
      if (!outside(band, r)) {
        prologue.load(AlongBoth<BFloat16>{{to + channels_, channels_}, {inner, channels_}}, first(band, r), extent_.width);
      }
      straddle_row(inner, border);
    }
  }

  // Row r of the band with its halo in the buffer of pairs, as tap column 0, 1 or 2 sees it.
  const BFloat16Pair* shifted(const BFloat16Pair* buffer, int64_t r, int64_t column) const {
    return buffer + 2 * r * pairs_pitch() + (column == 1 ? 0 : pairs_pitch()) + (column == 2 ? channels_ : 0);
  }

 private:
  // The pairs of a row from the border on, of those from the first pixel on.
  void straddle_row(const BFloat16Pair* inner, BFloat16Pair* border) const {
    for (int64_t c = 0; c < channels_; c += kLanes) {
      Words before{};
      for (int64_t at = c; at < pairs_pitch(); at += channels_) {
        const Words pair = dn::load(inner + at);
        store(border + at, straddle(before, pair));
        before = pair;
      }
    }
  }

  // Eight rows make the halo cheap and leave work for several threads in one image; fewer if the buffer would outgrow
  // 256 KiB.
  int64_t band_rows() const {
    constexpr int64_t kRows = 8, kFloats = 1 << 16;
    const int64_t fitting = kFloats / row_pitch() - 2;
    return std::min(extent_.height, std::clamp(fitting / unit_ * unit_, unit_, kRows));
  }

  int64_t whole(int64_t pixels) const { return divide_up(pixels, unit_) * unit_; }

  // One row of pairs: one more than there are in the image, for the border behind it.
  int64_t pairs_pitch() const { return (words<BFloat16>(extent_.width) + 1) * channels_; }

  dn_extent extent_;
  int64_t channels_, unit_, width_, rows_, per_image_;
};

// The band that each thread has loaded last. The rows that an image's next band shares with it need not be loaded again.
class LoadedBands {
 public:
  LoadedBands(Workspace& workspace, int64_t threads) : threads_(threads), last_(workspace, threads, 1) {}

  // Before a thread's first band.
  void clear() const {
    for (int64_t t = 0; t < threads_; t++) *last_.of(t) = kNone;
  }

  bool none(int thread) const { return *last_.of(thread) == kNone; }

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
