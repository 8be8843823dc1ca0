// The matrix products behind every convolution whose operand can be loaded as one row of `in` values a pixel: 1x1 as it
// is, the transition's after its pool, the stem's as im2col. The caller brings the prologue that loads the rows:
//   void load(float* to, int64_t to_pitch, int64_t first pixel, int64_t pixels) const
//   Ahead ahead(int64_t first pixel, int64_t pixels) const
// and in the backward pass a gradient of y with prepare() and the same load() (see gradient.h and plain.h).
#ifndef DENSENET4J_CPU_POINTWISE_H
#define DENSENET4J_CPU_POINTWISE_H

#include <algorithm>

#include "chunks.h"
#include "output.h"
#include "pack.h"

namespace dn {

// Rows of `width` floats that fill about half of a first-level cache: 8 to 64, a multiple of 8.
inline int64_t rows_in_cache(int64_t width) {
  constexpr int64_t kFloats = 6144;
  return std::clamp<int64_t>(kFloats / width / 8 * 8, 8, 64);
}

// y[p][o] = sum over i of rows[p][i] * weight[o][i]
class PointwiseFprop {
 public:
  PointwiseFprop(Workspace& workspace, const dn_slice& y, const dn_statistics& statistics, const dn_dropout& dropout,
                 int64_t pixels, int64_t in, int64_t out, int64_t threads)
      : pixels_(pixels),
        in_(in),
        out_(out),
        threads_(threads),
        in_pitch_(round_to_lanes(in)),
        out_pitch_(round_to_lanes(out)),
        tile_(rows_in_cache(in_pitch_)),
        chunks_(divide_up(pixels, tile_)),
        weight_(workspace.take<float>(in * out_pitch_)),
        rows_(workspace, threads, tile_ * in_pitch_),
        output_(workspace, y, statistics, dropout, out, chunks_.count(), threads) {}

  template <class Prologue>
  void run(const float* weight, const Prologue& prologue) const {
    pack_for_fprop(weight_, weight, 1, in_, out_);
    chunks_.parallel(threads_, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      auto output = output_.chunk(index, thread);
      float* rows = rows_.of(thread);
      for (int64_t unit = begin; unit < end; unit++) {
        const int64_t first = unit * tile_, count = std::min(tile_, pixels_ - first);
        prologue.load(rows, in_pitch_, first, count);
        auto ahead = prologue.ahead(first + count, std::min(tile_, pixels_ - first - count));
        for_tiles(count, vectors(out_), [&](auto tile, int64_t row, int64_t vector) {
          tile.multiply_in_runs(rows + row * in_pitch_, in_pitch_, weight_ + vector * kLanes, out_pitch_, in_, true,
                                [&ahead] { ahead.fetch(kRun / 2); });
          output.add(tile, first + row, row, vector);
        });
        output.flush(count);
      }
    });
    output_.finish();
  }

 private:
  int64_t pixels_, in_, out_, threads_, in_pitch_, out_pitch_, tile_;
  Chunks chunks_;
  float* weight_;
  PerThread<float> rows_;
  OutputEpilogue output_;
};

// da[p][i] = sum over o of dy[p][o] * weight[o][i]; the caller brings the gradient dy and the epilogue that takes da.
class PointwiseDgrad {
 public:
  PointwiseDgrad(Workspace& workspace, int64_t pixels, int64_t in, int64_t out, int64_t threads)
      : pixels_(pixels),
        in_(in),
        out_(out),
        threads_(threads),
        in_pitch_(round_to_lanes(in)),
        out_pitch_(round_to_lanes(out)),
        chunks_(divide_up(pixels, kTile)),
        weight_(workspace.take<float>(out * in_pitch_)),
        dy_(workspace, threads, kTile * out_pitch_) {}

  int64_t chunks() const { return chunks_.count(); }

  template <class Gradient, class Epilogue>
  void run(const float* weight, const Gradient& gradient, const Epilogue& epilogue) const {
    pack_for_dgrad(weight_, weight, 1, in_, out_);
    gradient.prepare();
    chunks_.parallel(threads_, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      auto chunk = epilogue.chunk(index, thread);
      float* dy = dy_.of(thread);
      for (int64_t unit = begin; unit < end; unit++) {
        const int64_t first = unit * kTile, count = std::min(kTile, pixels_ - first);
        gradient.load(dy, out_pitch_, first, count);
        for_tiles(count, vectors(in_), [&](auto tile, int64_t row, int64_t vector) {
          tile.clear();
          tile.multiply(dy + row * out_pitch_, out_pitch_, weight_ + vector * kLanes, in_pitch_, out_);
          chunk.add(tile, vector, first + row);
        });
        chunk.flush();
      }
    });
    epilogue.finish();
  }

 private:
  static constexpr int64_t kTile = 64;

  int64_t pixels_, in_, out_, threads_, in_pitch_, out_pitch_;
  Chunks chunks_;
  float* weight_;
  PerThread<float> dy_;
};

// dweight[o][i] = sum over p of dy[p][o] * rows[p][i]
class PointwiseWgrad {
 public:
  PointwiseWgrad(Workspace& workspace, int64_t pixels, int64_t in, int64_t out, int64_t threads)
      : pixels_(pixels),
        in_(in),
        out_(out),
        threads_(threads),
        in_pitch_(round_to_lanes(in)),
        out_pitch_(round_to_lanes(out)),
        chunks_(divide_up(pixels, kTile), most_chunks(in * out_pitch_)),
        rows_(workspace, threads, kTile * in_pitch_),
        dy_(workspace, threads, kTile * out_pitch_),
        partial_(workspace.take<float>(chunks_.count() * in * out_pitch_)) {}

  template <class Gradient, class Prologue>
  void run(float* dweight, const Gradient& gradient, const Prologue& prologue) const {
    gradient.prepare();
    chunks_.parallel(threads_, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      float *rows = rows_.of(thread), *dy = dy_.of(thread), *partial = partial_ + index * in_ * out_pitch_;
      std::fill(partial, partial + in_ * out_pitch_, 0.0f);
      for (int64_t unit = begin; unit < end; unit++) {
        const int64_t first = unit * kTile, count = std::min(kTile, pixels_ - first);
        prologue.load(rows, in_pitch_, first, count);
        gradient.load(dy, out_pitch_, first, count);
        for_tiles(in_, vectors(out_), [&](auto tile, int64_t i, int64_t vector) {
          tile.clear();
          tile.outer(rows + i, in_pitch_, dy + vector * kLanes, out_pitch_, count);
          tile.add_to(partial + i * out_pitch_ + vector * kLanes, out_pitch_);
        });
      }
    });
    Chunks(out_).parallel(threads_, [&](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t o = begin; o < end; o++) {
        for (int64_t i = 0; i < in_; i++) {
          double sum = 0;
          for (int64_t k = 0; k < chunks_.count(); k++) sum += partial_[(k * in_ + i) * out_pitch_ + o];
          dweight[o * in_ + i] = static_cast<float>(sum);
        }
      }
    });
  }

  // Enough chunks to feed the threads of a large machine, unless their partial sums would take more than 16 MiB.
  static int64_t most_chunks(int64_t floats) {
    constexpr int64_t kFloats = 4 << 20;
    return std::clamp<int64_t>(kFloats / floats, 4, kMostChunks / 2);
  }

 private:
  static constexpr int64_t kTile = 64;

  int64_t pixels_, in_, out_, threads_, in_pitch_, out_pitch_;
  Chunks chunks_;
  PerThread<float> rows_, dy_;
  float* partial_;
};

}  // namespace dn
#endif
