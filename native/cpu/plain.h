// The ends of a convolution whose operands are stored as they are: rows are copied in, tiles are stored.
#ifndef DENSENET4J_CPU_PLAIN_H
#define DENSENET4J_CPU_PLAIN_H

#include "ahead.h"
#include "scratch.h"
#include "tile.h"

namespace dn {

// Rows of a slice, by pixels.
class PlainPrologue {
 public:
  PlainPrologue(const dn_slice& x, int64_t channels) : x_(x), channels_(channels) {}

  void prepare() const {}

  // Lanes beyond the channels become 0.
  template <class Target>
  void load(const Target& to, int64_t first, int64_t pixels) const {
    for (int64_t p = 0; p < pixels; p += Target::kPixels) {
      for (int64_t c = 0; c < channels_; c += kLanes) {
        put_pixel(to, p, pixels, c, [&](int64_t i) { return dn::load(x_.at(first + i, c), lanes(c, channels_)); });
      }
    }
  }

  // What a thread loads with: needs no memory of its own.
  const PlainPrologue& on(int) const { return *this; }

  // What load() will read.
  Ahead ahead(int64_t first, int64_t pixels) const { return Ahead(x_.at(first), x_.pitch, pixels, channels_); }

 private:
  Slice<float> x_;
  int64_t channels_;
};

class PlainEpilogue {
 public:
  PlainEpilogue(const dn_slice& to, int64_t channels) : to_(to), channels_(channels) {}

  class Chunk {
   public:
    // A register tile whose rows are pixels `pixel`, `pixel` + 1, ...; their row in the tile of pixels does not matter.
    template <class Tile>
    DN_INLINE void add(const Tile& tile, int64_t pixel, int64_t, int64_t vector) {
#pragma GCC unroll 3
      for (int v = 0; v < Tile::kVectors; v++) {
        const int64_t c = (vector + v) * kLanes, n = lanes(c, of_->channels_);
        float* to = of_->to_.at(pixel, c);
#pragma GCC unroll 16
        for (int p = 0; p < Tile::kRows; p++) store(to + p * of_->to_.pitch, tile.acc[p][v], n);
      }
    }

    // What add() will write: `channels` channels from c on.
    Ahead ahead(int64_t pixel, int64_t pixels, int64_t c, int64_t channels) const {
      return Ahead(of_->to_.at(pixel, c), of_->to_.pitch, pixels, channels);
    }

    void flush(int64_t) {}

   private:
    friend class PlainEpilogue;
    explicit Chunk(const PlainEpilogue* of) : of_(of) {}
    const PlainEpilogue* of_;
  };

  Chunk chunk(int64_t, int) const { return Chunk(this); }
  void finish() const {}

 private:
  Slice<float> to_;
  int64_t channels_;
};

}  // namespace dn
#endif
