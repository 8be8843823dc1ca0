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

  // In float32, whatever is made of it: images are.
  void load(const AlongChannels<float>& target, int64_t first, int64_t pixels) const {
    int64_t image = first / (height_ * width_), y = first / width_ % height_, x = first % width_;
    for (int64_t p = 0; p < pixels; p++) {
      window(target.to + p * target.pitch, image, y, x);
      if (++x < width_) continue;
      x = 0;
      if (++y < height_) continue;
      y = 0;
      image++;
    }
  }

  // One value a word is the same both ways.
  void load(const AlongPixels<float>& target, int64_t first, int64_t pixels) const {
    load(AlongChannels<float>{target.to, target.pitch}, first, pixels);
  }

  // Several rows are read at a time here, which is enough in flight.
  Ahead ahead(int64_t, int64_t) const { return Ahead(); }

 private:
  // Of output pixel (y, x) of an image.
  void window(float* to, int64_t image, int64_t y, int64_t x) const {
    const int64_t x0 = x * stride_ - padding_, y0 = y * stride_ - padding_;
    const int64_t left = std::max<int64_t>(-x0, 0), right = std::min(extent_.width - x0, kernel_);
    const int64_t top = std::max<int64_t>(-y0, 0), bottom = std::min(extent_.height - y0, kernel_);
    if (left > 0 || right < kernel_ || top > 0 || bottom < kernel_) std::fill_n(to, row(), 0.0f);
    const int64_t first = (image * extent_.height + y0) * extent_.width + x0 + left;
    for (int64_t ky = top; ky < bottom; ky++) {
      copy(to + (ky * kernel_ + left) * channels_, image_.at(first + ky * extent_.width), right - left);
    }
  }

  // A row of a window.
  void copy(float* to, const float* from, int64_t pixels) const {
    if (image_.pitch == channels_) {
      copy(to, from, 1, pixels * channels_);
    } else {
      copy(to, from, pixels, channels_);
    }
  }

  void copy(float* to, const float* from, int64_t pixels, int64_t values) const {
    for (int64_t p = 0; p < pixels; p++, to += values, from += image_.pitch) {
      for (int64_t i = 0; i < values; i += kLanes) {
        const int64_t n = lanes(i, values);
        dn::store(to + i, dn::load(from + i, n), n);
      }
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
