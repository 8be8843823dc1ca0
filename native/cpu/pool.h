// The transition's operand: BN+ReLU and a 2x2 average pool (floor) of x, loaded by ranges of pooled pixels.
#ifndef DENSENET4J_CPU_POOL_H
#define DENSENET4J_CPU_POOL_H

#include <algorithm>

#include "ahead.h"
#include "bnrelu.h"

namespace dn {

class PoolPrologue {
 public:
  PoolPrologue(const dn_slice& x, const dn_affine& affine, const dn_extent& extent, int64_t channels)
      : x_(x), affine_(affine), extent_(extent), channels_(channels) {}

  int64_t height() const { return extent_.height / 2; }
  int64_t width() const { return extent_.width / 2; }
  int64_t pixels() const { return extent_.batch * height() * width(); }

  // The pixel of x at the upper left of the window of pooled pixel (row, column), row counted through the batch.
  int64_t corner(int64_t row, int64_t column) const {
    const int64_t image = row / height();
    return (image * extent_.height + row % height() * 2) * extent_.width + column * 2;
  }

  void load(float* to, int64_t to_pitch, int64_t first, int64_t pixels) const {
    while (pixels > 0) {
      const int64_t row = first / width(), column = first % width(), run = std::min(pixels, width() - column);
      bnrelu_pool(to, to_pitch, x_.data + corner(row, column) * x_.pitch, x_.pitch, extent_.width * x_.pitch, affine_, run,
                  channels_);
      to += run * to_pitch;
      first += run;
      pixels -= run;
    }
  }

  // Several rows are read at a time here, which is enough in flight.
  Ahead ahead(int64_t, int64_t) const { return Ahead(); }

 private:
  dn_slice x_;
  dn_affine affine_;
  dn_extent extent_;
  int64_t channels_;
};

}  // namespace dn
#endif
