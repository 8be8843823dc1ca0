// BN+ReLU of an operand, applied while it is copied into a small buffer: the prologue of every convolution here.
#ifndef DENSENET4J_CPU_BNRELU_H
#define DENSENET4J_CPU_BNRELU_H

#include "ahead.h"
#include "densenet4j.h"
#include "simd.h"

namespace dn {

// to[p * to_pitch + c] = relu(scale[c] * from[p * from.pitch + c] + shift[c]); lanes beyond `channels` become 0. Pixel by
// pixel, because that is how the operand lies in memory: processors fetch ahead of a walk along it, not across it.
inline void bnrelu(float* to, int64_t to_pitch, const float* from, int64_t from_pitch, const dn_affine& affine,
                   int64_t pixels, int64_t channels) {
  const int64_t whole = channels / kLanes * kLanes, rest = channels - whole;
  for (int64_t p = 0; p < pixels; p++, to += to_pitch, from += from_pitch) {
    for (int64_t c = 0; c < whole; c += kLanes) {
      store(to + c, relu(fma(load(from + c), load(affine.scale + c), load(affine.shift + c))));
    }
    if (rest > 0) {
      const Vec scale = load_first(affine.scale + whole, rest), shift = load_first(affine.shift + whole, rest);
      store(to + whole, relu(fma(load_first(from + whole, rest), scale, shift)));
    }
  }
}

// The same for `pixels` outputs of a 2x2 average pool along one row; `from` is the upper left pixel of the first window.
inline void bnrelu_pool(float* to, int64_t to_pitch, const float* from, int64_t from_pitch, int64_t row_pitch,
                        const dn_affine& affine, int64_t pixels, int64_t channels) {
  const Vec quarter = broadcast(0.25f);
  for (int64_t p = 0; p < pixels; p++) {
    const float* window = from + 2 * p * from_pitch;
    for (int64_t c = 0; c < channels; c += kLanes) {
      const int64_t n = lanes(c, channels);
      const Vec scale = load(affine.scale + c, n), shift = load(affine.shift + c, n);
      const auto at = [&](const float* x) { return relu(fma(load(x + c, n), scale, shift)); };
      const Vec upper = at(window) + at(window + from_pitch);
      const Vec lower = at(window + row_pitch) + at(window + row_pitch + from_pitch);
      store(to + p * to_pitch + c, (upper + lower) * quarter);
    }
  }
}

class BnReluPrologue {
 public:
  BnReluPrologue(const dn_slice& x, const dn_affine& affine, int64_t channels)
      : x_(x), affine_(affine), channels_(channels) {}

  void load(float* to, int64_t to_pitch, int64_t first, int64_t pixels) const {
    bnrelu(to, to_pitch, x_.data + first * x_.pitch, x_.pitch, affine_, pixels, channels_);
  }

  Ahead ahead(int64_t first, int64_t pixels) const { return Ahead(x_, first, pixels, channels_); }

 private:
  dn_slice x_;
  dn_affine affine_;
  int64_t channels_;
};

}  // namespace dn
#endif
