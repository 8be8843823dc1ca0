// The transition's average pool, 2x2 (floor), and its operand: BN+ReLU and that pool of x, loaded by ranges of pooled
// pixels.
#ifndef DENSENET4J_CPU_POOL_H
#define DENSENET4J_CPU_POOL_H

#include "ahead.h"
#include "scratch.h"

namespace dn {

// The windows of pooled pixels. Pooled rows are counted through the batch.
class PoolWindows {
 public:
  explicit PoolWindows(const dn_extent& extent) : extent_(extent) {}

  int64_t height() const { return extent_.height / 2; }
  int64_t width() const { return extent_.width / 2; }
  int64_t rows() const { return extent_.batch * height(); }
  int64_t pixels() const { return rows() * width(); }

  // The pixel of x at the upper left of the window of a pooled pixel, or of (row, column).
  int64_t corner(int64_t pixel) const { return corner(pixel / width(), pixel % width()); }
  int64_t corner(int64_t row, int64_t column) const {
    const int64_t image = row / height();
    return (image * extent_.height + row % height() * 2) * extent_.width + column * 2;
  }

 private:
  dn_extent extent_;
};

template <class T>
class PoolPrologue {
 public:
  PoolPrologue(const dn_slice& x, const dn_affine& affine, const dn_extent& extent, int64_t channels)
      : x_(x), affine_(affine), windows_(extent), row_(extent.width), channels_(channels) {}

  int64_t pixels() const { return windows_.pixels(); }

  template <class Target>
  void load(const Target& to, int64_t first, int64_t pixels) const {
    const Vec quarter = broadcast(0.25f);
    for (int64_t p = 0; p < pixels; p += Target::kPixels) {
      int64_t windows[Target::kPixels];
      for (int64_t i = 0; i < Target::kPixels; i++) windows[i] = windows_.corner(first + p + i);
      for (int64_t c = 0; c < channels_; c += kLanes) {
        const int64_t n = lanes(c, channels_);
        const Vec scale = dn::load(affine_.scale + c, n), shift = dn::load(affine_.shift + c, n);
        put_pixel(to, p, pixels, c, [&](int64_t i) {
          const int64_t window = windows[i - p];
          const auto at = [&](int64_t pixel) { return relu(fma(dn::load(x_.at(pixel, c), n), scale, shift)); };
          const Vec upper = at(window) + at(window + 1);
          const Vec lower = at(window + row_) + at(window + row_ + 1);
          return (upper + lower) * quarter;
        });
      }
    }
  }

  // What load() will read first: the rows of windows that begin within these pixels.
  Ahead ahead(int64_t first, int64_t pixels) const {
    const int64_t row = divide_up(first, windows_.width()), end = divide_up(first + pixels, windows_.width());
    return Ahead(x_.at(windows_.corner(row, 0)), x_.pitch, (end - row) * 2 * row_, channels_);
  }

 private:
  Slice<T> x_;
  dn_affine affine_;
  PoolWindows windows_;
  int64_t row_, channels_;
};

}  // namespace dn
#endif
