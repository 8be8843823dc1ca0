// The operand of a convolution with any kernel and stride: the window of each output pixel as one row (in, kernel,
// kernel), the order of its weight.
#ifndef DENSENET4J_CPU_IM2COL_H
#define DENSENET4J_CPU_IM2COL_H

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
    const float* image = image_.at(pixel / (width() * height()) * extent_.height * extent_.width);
    for (int64_t ky = 0; ky < kernel_; ky++) {
      for (int64_t kx = 0; kx < kernel_; kx++) {
        const int64_t y = y0 + ky, x = x0 + kx;
        const bool inside = y >= 0 && y < extent_.height && x >= 0 && x < extent_.width;
        const float* from = image + (y * extent_.width + x) * image_.pitch;
        for (int64_t c = 0; c < channels_; c++) to[(c * kernel_ + ky) * kernel_ + kx] = inside ? from[c] : 0;
      }
    }
  }

  Slice<float> image_;
  dn_extent extent_;
  int64_t channels_, kernel_, stride_, padding_;
};

}  // namespace dn
#endif
