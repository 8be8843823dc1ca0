// BN+ReLU of an operand, applied while it is copied into a small buffer: the prologue of every convolution here.
#ifndef DENSENET4J_CPU_BNRELU_H
#define DENSENET4J_CPU_BNRELU_H

#include "ahead.h"
#include "scratch.h"

namespace dn {

template <class T>
class BnReluPrologue {
 public:
  BnReluPrologue(const dn_slice& x, const dn_affine& affine, int64_t channels)
      : x_(x), affine_(affine), channels_(channels) {}

  // relu(scale * x + shift) of `pixels` pixels; lanes beyond the channels become 0. Pixel by pixel, because that is how
  // the operand lies in memory: processors fetch ahead of a walk along it, not across it. Two at a time, which share the
  // loads of scale and shift.
  template <class Target>
  void load(const Target& to, int64_t first, int64_t pixels) const {
    const int64_t whole = channels_ / kLanes * kLanes, rest = channels_ - whole;
    for (int64_t p = 0; p < pixels; p += 2) {
      for (int64_t c = 0; c < whole; c += kLanes) {
        const Vec scale = dn::load(affine_.scale + c), shift = dn::load(affine_.shift + c);
        put_two(to, p, pixels, c, [&](int64_t i) { return relu(fma(dn::load(x_.at(first + i, c)), scale, shift)); });
      }
      if (rest > 0) {
        const Vec scale = load_first(affine_.scale + whole, rest), shift = load_first(affine_.shift + whole, rest);
        put_two(to, p, pixels, whole,
                [&](int64_t i) { return relu(fma(load_first(x_.at(first + i, whole), rest), scale, shift)); });
      }
    }
  }

  // What a thread loads with: needs no memory of its own.
  const BnReluPrologue& on(int) const { return *this; }

  // What load() will read.
  Ahead ahead(int64_t first, int64_t pixels) const { return Ahead(x_.at(first), x_.pitch, pixels, channels_); }

 private:
  template <class Target, class Load>
  DN_INLINE static void put_two(const Target& to, int64_t p, int64_t pixels, int64_t c, const Load& load) {
    put_pixel(to, p, pixels, c, load);
    if (Target::kPixels == 1 && p + 1 < pixels) put_pixel(to, p + 1, pixels, c, load);
  }

  Slice<T> x_;
  dn_affine affine_;
  int64_t channels_;
};

}  // namespace dn
#endif
