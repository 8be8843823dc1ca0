// The ends of a convolution whose operands are stored as they are: rows are copied in, tiles are stored.
#ifndef DENSENET4J_CPU_PLAIN_H
#define DENSENET4J_CPU_PLAIN_H

#include "ahead.h"
#include "densenet4j.h"
#include "tile.h"

namespace dn {

// Rows of a slice, by pixels.
class PlainPrologue {
 public:
  PlainPrologue(const dn_slice& x, int64_t channels) : x_(x), channels_(channels) {}

  void prepare() const {}

  // Writes whole vectors, zeros beyond the channels: to_pitch is a multiple of kLanes.
  void load(float* to, int64_t to_pitch, int64_t first, int64_t pixels) const {
    const float* from = x_.data + first * x_.pitch;
    for (int64_t p = 0; p < pixels; p++, to += to_pitch, from += x_.pitch) {
      for (int64_t c = 0; c < channels_; c += kLanes) store(to + c, dn::load(from + c, lanes(c, channels_)));
    }
  }

  Ahead ahead(int64_t first, int64_t pixels) const { return Ahead(x_, first, pixels, channels_); }

 private:
  dn_slice x_;
  int64_t channels_;
};

class PlainEpilogue {
 public:
  PlainEpilogue(const dn_slice& to, int64_t channels) : to_(to), channels_(channels) {}

  class Chunk {
   public:
    // A register tile whose rows are pixels `pixel`, `pixel` + 1, ...
    template <class T>
    DN_INLINE void add(const T& tile, int64_t vector, int64_t pixel) {
#pragma GCC unroll 3
      for (int v = 0; v < T::kVectors; v++) {
        const int64_t c = (vector + v) * kLanes, n = lanes(c, of_->channels_);
        float* to = of_->to_.data + pixel * of_->to_.pitch + c;
#pragma GCC unroll 16
        for (int p = 0; p < T::kRows; p++) store(to + p * of_->to_.pitch, tile.acc[p][v], n);
      }
    }

    void flush() {}

   private:
    friend class PlainEpilogue;
    explicit Chunk(const PlainEpilogue* of) : of_(of) {}
    const PlainEpilogue* of_;
  };

  Chunk chunk(int64_t, int) const { return Chunk(this); }
  void finish() const {}

 private:
  dn_slice to_;
  int64_t channels_;
};

}  // namespace dn
#endif
