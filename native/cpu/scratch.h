// Where a prologue puts the operand of a register tile. It loads kPixels pixels at a time, vector by vector, and puts
// them at pixel p (counted from the first one loaded) and channel c. Pitches are multiples of kLanes.
#ifndef DENSENET4J_CPU_SCRATCH_H
#define DENSENET4J_CPU_SCRATCH_H

#include "element.h"

namespace dn {

// Words run along the channels: what multiply() sums over.
template <class T>
struct AlongChannels {
  static constexpr int kPixels = 1;
  T* to;
  int64_t pitch; // values from one pixel to the next

  DN_INLINE void put(int64_t p, int64_t c, const Vec (&v)[1]) const { store(to + p * pitch + c, v[0]); }
};

// The same in blocks of kLanes channels, in which pixels follow each other: what multiply_blocks() sums over.
template <class T>
struct InBlocks {
  static constexpr int kPixels = 1;
  T* to;
  int64_t pixels; // in a block

  DN_INLINE void put(int64_t p, int64_t c, const Vec (&v)[1]) const { store(to + c * pixels + p * kLanes, v[0]); }
};

// Words run along the pixels: what outer() sums over.
template <class T>
struct AlongPixels {
  static constexpr int kPixels = Packed<T>::kValues;
  Word<T>* to;
  int64_t pitch; // words from one pixel, or pair of pixels, to the next

  DN_INLINE void put(int64_t p, int64_t c, const Vec (&v)[kPixels]) const {
    if constexpr (kPixels == 1) {
      store(to + p * pitch + c, v[0]);
    } else {
      store(to + p / 2 * pitch + c, pair(v[0], v[1]));
    }
  }
};

// The same values both ways. With one value a word these are the same, and stored once.
template <class T>
struct AlongBoth {
  static constexpr int kPixels = Packed<T>::kValues;
  AlongChannels<T> channels;
  AlongPixels<T> pixels;

  DN_INLINE void put(int64_t p, int64_t c, const Vec (&v)[kPixels]) const {
    if constexpr (kPixels == 2) {
      channels.put(p, c, {v[0]});
      channels.put(p + 1, c, {v[1]});
    }
    pixels.put(p, c, v);
  }
};

// Puts `pixels` pixels of one vector of channels: load(pixel) returns their values. What is missing in a word is 0.
template <class Target, class Load>
DN_INLINE void put_pixel(const Target& target, int64_t p, int64_t pixels, int64_t c, const Load& load) {
  Vec v[Target::kPixels];
#pragma GCC unroll 2
  for (int i = 0; i < Target::kPixels; i++) v[i] = i == 0 || p + i < pixels ? load(p + i) : zero();
  target.put(p, c, v);
}

}  // namespace dn
#endif
