// BN+ReLU of an operand, applied while it is copied into a small buffer: the prologue of every convolution here.
#ifndef DENSENET4J_CPU_BNRELU_H
#define DENSENET4J_CPU_BNRELU_H

#include "densenet4j.h"
#include "simd.h"

namespace dn {

// to[p * to_pitch + c] = relu(scale[c] * from[p * from.pitch + c] + shift[c]); lanes beyond `channels` become 0.
inline void bnrelu(float* to, int64_t to_pitch, const float* from, int64_t from_pitch, const dn_affine& affine,
                   int64_t pixels, int64_t channels) {
  for (int64_t c = 0; c < channels; c += kLanes) {
    const int64_t n = lanes(c, channels);
    const Vec scale = load(affine.scale + c, n), shift = load(affine.shift + c, n);
    if (n == kLanes) {
      for (int64_t p = 0; p < pixels; p++) store(to + p * to_pitch + c, relu(fma(load(from + p * from_pitch + c), scale, shift)));
    } else {
      for (int64_t p = 0; p < pixels; p++) {
        store(to + p * to_pitch + c, relu(fma(load_first(from + p * from_pitch + c, n), scale, shift)));
      }
    }
  }
}

// The same for `pixels` outputs of a 2x2 average pool along one row; `from` is the upper left pixel of the first window.
inline void bnrelu_pool(float* to, int64_t to_pitch, const float* from, int64_t from_pitch, int64_t row_pitch,
                        const dn_affine& affine, int64_t pixels, int64_t channels) {
  const Vec quarter = broadcast(0.25f);
  for (int64_t c = 0; c < channels; c += kLanes) {
    const int64_t n = lanes(c, channels);
    const Vec scale = load(affine.scale + c, n), shift = load(affine.shift + c, n);
    const auto at = [&](const float* x) { return relu(fma(load(x + c, n), scale, shift)); };
    for (int64_t p = 0; p < pixels; p++) {
      const float* window = from + 2 * p * from_pitch;
      const Vec upper = at(window) + at(window + from_pitch);
      const Vec lower = at(window + row_pitch) + at(window + row_pitch + from_pitch);
      store(to + p * to_pitch + c, (upper + lower) * quarter);
    }
  }
}

}  // namespace dn
#endif
