// The operand of a convolution with any kernel and stride: the window of each output pixel as one row (kernel, kernel, in),
// the order of the image, so that a row of the window is copied at once.
#ifndef DENSENET4J_CPU_IM2COL_H
#define DENSENET4J_CPU_IM2COL_H

#include <algorithm>

#include "ahead.h"
#include "scratch.h"

namespace dn {

class Im2colPrologue {
 public:
  Im2colPrologue(const dn_slice& image, const dn_extent& extent, int64_t channels, int64_t kernel, int64_t stride,
                 int64_t padding)
      : image_(image),
        extent_(extent),
        channels_(channels),
        kernel_(kernel),
        stride_(stride),
        padding_(padding),
        height_((extent.height + 2 * padding - kernel) / stride + 1),
        width_((extent.width + 2 * padding - kernel) / stride + 1) {}

  int64_t pixels() const { return extent_.batch * height_ * width_; }
  int64_t row() const { return channels_ * kernel_ * kernel_; }

  // A weight (out, in, kernel, kernel) by rows of windows, (out, kernel, kernel, in).
  void to_rows(const float* weight, int64_t out, float* rows) const {
    for_weights(out, [&](int64_t in_weight, int64_t in_rows) { rows[in_rows] = weight[in_weight]; });
  }

  // And back.
  void from_rows(const float* rows, int64_t out, float* weight) const {
    for_weights(out, [&](int64_t in_weight, int64_t in_rows) { weight[in_weight] = rows[in_rows]; });
  }

  // The windows of `pixels` output pixels.
  void load(const AlongChannels<float>& target, int64_t first, int64_t pixels) const {
    each(first, pixels, [&](int64_t p, const Window& window) {
      float* to = target.to + p * target.pitch;
      values(window, [&](int64_t at, Vec v, int64_t n) { store(to + at, v, n); });
    });
  }

  // The same. Where words are pairs, the first window waits in their place as float32 for the second.
  template <class T>
  void load(const AlongPixels<T>& target, int64_t first, int64_t pixels) const {
    constexpr int kPixels = AlongPixels<T>::kPixels;
    each(first, pixels, [&](int64_t p, const Window& window) {
      float* to = reinterpret_cast<float*>(target.to + p / kPixels * target.pitch);
      const auto join = [&](int64_t at, Vec v, int64_t n) { store(to + at, joined<T>(dn::load(to + at, n), v), n); };
      if (p % kPixels == 0) {
        values(window, [&](int64_t at, Vec v, int64_t n) { store(to + at, v, n); });
        if (kPixels > 1 && p == pixels - 1) zeros(0, row(), join);
      } else {
        values(window, join);
      }
    });
  }

  // Several rows are read at a time here, which is enough in flight.
  Ahead ahead(int64_t, int64_t) const { return Ahead(); }

 private:
  // A window whose pixel (0, 0) is pixel `first` of the batch, or would be; rows [top, bottom) and columns [left, right)
  // of it lie in the image.
  struct Window {
    int64_t first, top, bottom, left, right;
  };

  // Of output pixel (y, x) of an image.
  Window window(int64_t image, int64_t y, int64_t x) const {
    const int64_t x0 = x * stride_ - padding_, y0 = y * stride_ - padding_;
    return {(image * extent_.height + y0) * extent_.width + x0, std::max<int64_t>(-y0, 0),
            std::min(extent_.height - y0, kernel_), std::max<int64_t>(-x0, 0), std::min(extent_.width - x0, kernel_)};
  }

  // body(p, window) of each output pixel first + p.
  template <class Body>
  DN_INLINE void each(int64_t first, int64_t pixels, const Body& body) const {
    int64_t image = first / (height_ * width_), y = first / width_ % height_, x = first % width_;
    for (int64_t p = 0; p < pixels; p++) {
      body(p, window(image, y, x));
      if (++x < width_) continue;
      x = 0;
      if (++y < height_) continue;
      y = 0;
      image++;
    }
  }

  // put(at, values, n) of all values of a window's row, n at a time.
  template <class Put>
  DN_INLINE void values(const Window& window, const Put& put) const {
    for (int64_t ky = 0; ky < kernel_; ky++) {
      const int64_t at = ky * kernel_ * channels_;
      if (ky < window.top || ky >= window.bottom) {
        zeros(at, kernel_ * channels_, put);
        continue;
      }
      const float* from = image_.at(window.first + ky * extent_.width + window.left);
      zeros(at, window.left * channels_, put);
      if (image_.pitch == channels_) {
        copy(at + window.left * channels_, from, (window.right - window.left) * channels_, put);
      } else {
        for (int64_t kx = window.left; kx < window.right; kx++, from += image_.pitch) {
          copy(at + kx * channels_, from, channels_, put);
        }
      }
      zeros(at + window.right * channels_, (kernel_ - window.right) * channels_, put);
    }
  }

  template <class Put>
  DN_INLINE static void copy(int64_t at, const float* from, int64_t values, const Put& put) {
    for (int64_t i = 0; i < values; i += kLanes) {
      const int64_t n = lanes(i, values);
      put(at + i, dn::load(from + i, n), n);
    }
  }

  template <class Put>
  DN_INLINE static void zeros(int64_t at, int64_t values, const Put& put) {
    for (int64_t i = 0; i < values; i += kLanes) put(at + i, zero(), lanes(i, values));
  }

  // Words of an earlier and a later pixel, as they lie in memory.
  template <class T>
  DN_INLINE static Vec joined(Vec earlier, Vec later) {
    if constexpr (Packed<T>::kValues == 1) {
      return later;
    } else {
      return reinterpret_cast<Vec>(pair(earlier, later));
    }
  }

  template <class Body>
  void for_weights(int64_t out, const Body& body) const {
    const int64_t taps = kernel_ * kernel_;
    for (int64_t o = 0; o < out; o++) {
      for (int64_t c = 0; c < channels_; c++) {
        for (int64_t tap = 0; tap < taps; tap++) body((o * channels_ + c) * taps + tap, (o * taps + tap) * channels_ + c);
      }
    }
  }

  Slice<float> image_;
  dn_extent extent_;
  int64_t channels_, kernel_, stride_, padding_, height_, width_;
};

}  // namespace dn
#endif
