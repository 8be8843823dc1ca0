// The matrix products behind every convolution whose operand can be loaded as one row of `in` values a pixel: 1x1 as
// it is, the transition's after its pool, the stem's as im2col. T is what the operands are multiplied as. The caller
// brings the prologue that loads the rows into scratch memory (see scratch.h):
//   void load(const Target&, int64_t first pixel, int64_t pixels) const
//   Ahead ahead(int64_t first pixel, int64_t pixels) const
// for the weight's gradient also a gradient of y with prepare() and the same load(), and the epilogue that takes the
// tiles (see gradient.h, output.h and plain.h). The backward passes of fused 1x1 convolutions and transitions are in
// bnrelu_conv1x1_bprop.cpp and transition_bprop.cpp.
#ifndef DENSENET4J_CPU_POINTWISE_H
#define DENSENET4J_CPU_POINTWISE_H

#include <algorithm>

#include "ahead.h"
#include "chunks.h"
#include "pack.h"
#include "partial.h"
#include "scratch.h"

namespace dn {

// Rows of so many bytes that fill about half of a first-level cache, in whole register tiles of the widest panels: a lower
// tile reads as many weights. At least four of these, which is faster than one or two where rows are long.
inline int64_t rows_in_cache(int64_t bytes) {
  constexpr int64_t kBytes = 24 << 10, kRows = heights<kMostVectors>().kMost;
  return std::clamp<int64_t>(kBytes / bytes, 4 * kRows, 10 * kRows) / kRows * kRows;
}

// y[p][o] = sum over i of rows[p][i] * weight[o][i], or with weight[i][o]: the gradient of x of that of y.
template <class T>
class PointwiseProduct {
 public:
  PointwiseProduct(Workspace& workspace, int64_t pixels, int64_t in, int64_t out, int64_t threads)
      : pixels_(pixels),
        out_(out),
        threads_(threads),
        pitch_(round_to_lanes(in)),
        tile_(rows_in_cache(pitch_ * static_cast<int64_t>(sizeof(T)))),
        chunks_(divide_up(pixels, tile_)),
        weight_(workspace, in, out),
        rows_(workspace, threads, tile_ * pitch_) {}

  int64_t chunks() const { return chunks_.count(); }

  template <class Prologue, class Epilogue>
  void fprop(const float* weight, const Prologue& prologue, const Epilogue& epilogue) const {
    weight_.pack_for_fprop(weight);
    run(prologue, epilogue);
  }

  template <class Prologue, class Epilogue>
  void dgrad(const float* weight, const Prologue& prologue, const Epilogue& epilogue) const {
    weight_.pack_for_dgrad(weight);
    run(prologue, epilogue);
  }

 private:
  template <class Prologue, class Epilogue>
  void run(const Prologue& prologue, const Epilogue& epilogue) const {
    chunks_.parallel(threads_, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      auto output = epilogue.chunk(index, thread);
      T* rows = rows_.of(thread);
      for (int64_t unit = begin; unit < end; unit++) {
        const int64_t first = unit * tile_, count = std::min(tile_, pixels_ - first);
        prologue.load(AlongChannels<T>{rows, pitch_}, first, count);
        auto ahead = prologue.ahead(first + count, std::min(tile_, pixels_ - first - count));
        for_tiles(count, vectors(out_), [&](auto shape, int64_t row, int64_t vector) {
          auto tile = shape.tile();
          const int64_t c = vector * kLanes, channels = std::min<int64_t>(tile.kVectors * kLanes, out_ - c);
          output.ahead(first + row, tile.kRows, c, channels).all();
          weight_.multiply_in_runs(tile, rows + row * pitch_, pitch_, vector, 0, ahead);
          output.add(tile, first + row, row, vector);
        });
        output.flush(count);
      }
    });
    epilogue.finish();
  }

  int64_t pixels_, out_, threads_, pitch_, tile_;
  Chunks chunks_;
  PackedWeight<T> weight_;
  PerThread<T> rows_;
};

// dweight[o][i] = sum over p of dy[p][o] * rows[p][i]
template <class T>
class PointwiseWgrad {
 public:
  PointwiseWgrad(Workspace& workspace, int64_t pixels, int64_t in, int64_t out, int64_t threads)
      : pixels_(pixels),
        in_(in),
        out_(out),
        threads_(threads),
        in_pitch_(round_to_lanes(in)),
        out_pitch_(round_to_lanes(out)),
        chunks_(divide_up(pixels, kTile), PartialSums::most_chunks(in, out)),
        rows_(workspace, threads, words<T>(kTile) * in_pitch_),
        dy_(workspace, threads, words<T>(kTile) * out_pitch_),
        partial_(workspace, chunks_.count(), in, out) {}

  template <class Gradient, class Prologue>
  void run(float* dweight, const Gradient& gradient, const Prologue& prologue) const {
    gradient.prepare();
    chunks_.parallel(threads_, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      Word<T>*rows = rows_.of(thread), *dy = dy_.of(thread);
      float* partial = partial_.start(index);
      for (int64_t unit = begin; unit < end; unit++) {
        const int64_t first = unit * kTile, count = std::min(kTile, pixels_ - first);
        prologue.load(AlongPixels<T>{rows, in_pitch_}, first, count);
        gradient.load(AlongPixels<T>{dy, out_pitch_}, first, count);
        for_tiles(in_, vectors(out_), [&](auto shape, int64_t i, int64_t vector) {
          auto tile = shape.tile();
          tile.outer(rows + i, in_pitch_, dy + vector * kLanes, out_pitch_, words<T>(count), [] {});
          tile.add_to(partial + i * partial_.pitch() + vector * kLanes, partial_.pitch());
        });
      }
    });
    partial_.reduce(dweight, threads_, [this](int64_t i, int64_t o) { return o * in_ + i; });
  }

 private:
  static constexpr int64_t kTile = 64;

  int64_t pixels_, in_, out_, threads_, in_pitch_, out_pitch_;
  Chunks chunks_;
  PerThread<Word<T>> rows_, dy_;
  PartialSums partial_;
};

}  // namespace dn
#endif
