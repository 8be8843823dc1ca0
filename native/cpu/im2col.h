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
      : image_(image), extent_(extent), channels_(channels), kernel_(kernel), stride_(stride), padding_(padding) {}

  int64_t height() const { return (extent_.height + 2 * padding_ - kernel_) / stride_ + 1; }
  int64_t width() const { return (extent_.width + 2 * padding_ - kernel_) / stride_ + 1; }
  int64_t pixels() const { return extent_.batch * height() * width(); }
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
    for (int64_t p = 0; p < pixels; p++) window(target.to + p * target.pitch, first + p);
  }

  // One value a word is the same both ways.
  void load(const AlongPixels<float>& target, int64_t first, int64_t pixels) const {
    load(AlongChannels<float>{target.to, target.pitch}, first, pixels);
  }

  // Several rows are read at a time here, which is enough in flight.
  Ahead ahead(int64_t, int64_t) const { return Ahead(); }

 private:
  void window(float* to, int64_t pixel) const {
    const int64_t x0 = pixel % width() * stride_ - padding_, y0 = pixel / width() % height() * stride_ - padding_;
    const int64_t left = std::max<int64_t>(-x0, 0), right = std::min(extent_.width - x0, kernel_);
    const int64_t top = std::max<int64_t>(-y0, 0), bottom = std::min(extent_.height - y0, kernel_);
    if (left > 0 || right < kernel_ || top > 0 || bottom < kernel_) std::fill_n(to, row(), 0.0f);
    const float* image = image_.at(pixel / (width() * height()) * extent_.height * extent_.width);
    for (int64_t ky = top; ky < bottom; ky++) {
      const float* from = image + ((y0 + ky) * extent_.width + x0 + left) * image_.pitch;
      copy(to + (ky * kernel_ + left) * channels_, from, right - left);
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
  int64_t channels_, kernel_, stride_, padding_;
};

}  // namespace dn
#endif
