// The operand of a convolution with any kernel and stride: the window of each output pixel as one row (in, kernel,
// kernel), the order of its weight.
#ifndef DENSENET4J_CPU_IM2COL_H
#define DENSENET4J_CPU_IM2COL_H

#include "ahead.h"
#include "densenet4j.h"

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

  void load(float* to, int64_t to_pitch, int64_t first, int64_t pixels) const {
    for (int64_t p = first; p < first + pixels; p++, to += to_pitch) window(to, p);
  }

  // Several rows are read at a time here, which is enough in flight.
  Ahead ahead(int64_t, int64_t) const { return Ahead(); }

 private:
  void window(float* to, int64_t pixel) const {
    const int64_t x0 = pixel % width() * stride_ - padding_, y0 = pixel / width() % height() * stride_ - padding_;
    const float* image = image_.data + pixel / (width() * height()) * extent_.height * extent_.width * image_.pitch;
    for (int64_t ky = 0; ky < kernel_; ky++) {
      for (int64_t kx = 0; kx < kernel_; kx++) {
        const int64_t y = y0 + ky, x = x0 + kx;
        const bool inside = y >= 0 && y < extent_.height && x >= 0 && x < extent_.width;
        const float* from = image + (y * extent_.width + x) * image_.pitch;
        for (int64_t c = 0; c < channels_; c++) to[(c * kernel_ + ky) * kernel_ + kx] = inside ? from[c] : 0;
      }
    }
  }

  dn_slice image_;
  dn_extent extent_;
  int64_t channels_, kernel_, stride_, padding_;
};

}  // namespace dn
#endif
