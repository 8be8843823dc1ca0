// The operand of the 3x3 convolution of a layer with a bottleneck z, which is computed where it is wanted: z is in no
// tensor. Every sum has the same terms in the same order as if it were.
#ifndef DENSENET4J_CPU_BOTTLENECK_H
#define DENSENET4J_CPU_BOTTLENECK_H

#include <algorithm>

#include "bands.h"
#include "bnrelu.h"
#include "pack.h"
#include "pointwise.h"

namespace dn {

template <class T>
class BottleneckPrologue {
 public:
  BottleneckPrologue(const dn_bottleneck_infer_args& args, Workspace& workspace)
      : x_(args.x, args.affine1, args.in_channels),
        affine_(args.affine2),
        pixels_(args.extent.batch * args.extent.height * args.extent.width),
        channels_(args.bottleneck_channels),
        pitch_(round_to_lanes(args.in_channels)),
        tile_(rows_in_cache(pitch_ * static_cast<int64_t>(sizeof(Operand)))),
        weight_(workspace, args.in_channels, args.bottleneck_channels),
        rows_(workspace, args.execution.threads, tile_ * pitch_) {}

  void prepare(const float* weight) const { weight_.pack_for_fprop(weight); }

  // What a thread loads with.
  class OnThread;
  OnThread on(int thread) const { return OnThread(this, rows_.of(thread)); }

 private:
  using Operand = OperandOf<T>;

  // relu(BN(z)) of all pixels of `to`; lanes beyond the channels become 0.
  void load(Operand* rows, const BandRows& to, int64_t first) const {
    const int64_t pixels = to.rows * to.width;
    for (int64_t p = 0; p < pixels; p += tile_) {
      const int64_t count = std::min(tile_, pixels - p), next = first + p + count;
      x_.load(AlongChannels<Operand>{rows, pitch_}, first + p, count);
      auto ahead = x_.ahead(next, std::min(tile_, pixels_ - next));
      for_tiles(count, vectors(channels_), [&](auto shape, int64_t row, int64_t vector) {
        auto tile = shape.tile();
        weight_.multiply_in_runs(tile, rows + row * pitch_, pitch_, vector, 0, ahead);
        put(to, tile, p + row, vector);
      });
    }
  }

// GCC 12 warns of uninitialised variables inside its own AVX-512 header.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
  template <class Tile>
  DN_INLINE void put(const BandRows& to, const Tile& tile, int64_t p, int64_t vector) const {
    float* pixels[Tile::kRows];
    to.find(p, pixels);
#pragma GCC unroll 3
    for (int v = 0; v < Tile::kVectors; v++) {
      const int64_t c = (vector + v) * kLanes, n = lanes(c, channels_);
      const Vec scale = dn::load(affine_.scale + c, n), shift = dn::load(affine_.shift + c, n);
#pragma GCC unroll 16
      for (int i = 0; i < Tile::kRows; i++) store(pixels[i] + c, relu(fma(tile.acc[i][v], scale, shift)));
    }
  }
#pragma GCC diagnostic pop

  BnReluPrologue<T> x_;
  dn_affine affine_;
  int64_t pixels_, channels_, pitch_, tile_;
  PackedWeight<Operand> weight_;
  PerThread<Operand> rows_;
};

template <class T>
class BottleneckPrologue<T>::OnThread {
 public:
  void load(const BandRows& to, int64_t first) const { of_->load(rows_, to, first); }

  friend void load_rows(const OnThread& prologue, const BandRows& to, int64_t first) { prologue.load(to, first); }

  // load() fetches for itself, from tile to tile.
  Ahead ahead(int64_t, int64_t) const { return Ahead(); }

 private:
  friend class BottleneckPrologue;
  OnThread(const BottleneckPrologue* of, Operand* rows) : of_(of), rows_(rows) {}

  const BottleneckPrologue* of_;
  Operand* rows_;
};

}  // namespace dn
#endif
