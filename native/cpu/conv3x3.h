// The products of a 3x3 convolution with stride 1 and padding 1, by bands of rows. T is what the operands are
// multiplied as. The caller brings the ends: a prologue for the operand, a gradient of y, and an epilogue that takes
// the tiles (see bnrelu.h, output.h and plain.h). The backward pass of fused convolutions is in
// bnrelu_conv3x3_bprop.cpp.
#ifndef DENSENET4J_CPU_CONV3X3_H
#define DENSENET4J_CPU_CONV3X3_H

#include "bands.h"
#include "chunks.h"
#include "pack.h"
#include "partial.h"
#include "planes.h"

namespace dn {

// From `in` channels to `out` others: y of x, or the gradient of x of that of y.
template <class T>
class Conv3x3Product {
 public:
  Conv3x3Product(Workspace& workspace, const dn_extent& extent, int64_t in, int64_t out, int64_t threads)
      : width_(extent.width),
        out_(out),
        threads_(threads),
        pitch_(round_to_lanes(in)),
        pixels_in_lanes_(Planes<T>::suit(out)),
        bands_(extent, pitch_),
        chunks_(bands_.count()),
        weight_(workspace, 9, in, out),
        loaded_(workspace, threads, 1),
        buffer_(workspace, threads, pixels_in_lanes_ ? 0 : bands_.buffer_values()),
        planes_(workspace, bands_, extent.width, in, out, threads) {}

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
    for (int64_t t = 0; t < threads_; t++) *loaded_.of(t) = kNone;
    chunks_.parallel(threads_, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      auto output = epilogue.chunk(index, thread);
      const auto& operand = prologue.on(thread);
      for (int64_t unit = begin; unit < end; unit++) {
        const Band at = bands_.at(unit);
        const int64_t kept = *loaded_.of(thread) == unit - 1 ? bands_.shared_rows(at) : 0;
        if (pixels_in_lanes_) {
          if (*loaded_.of(thread) == kNone) planes_.clear(thread);
          pixels_in_lanes(at, thread, operand, kept, output);
        } else {
          bands_.load(buffer_.of(thread), at, operand, kept);
          channels_in_lanes(at, buffer_.of(thread), output);
        }
        *loaded_.of(thread) = unit;
      }
    });
    epilogue.finish();
  }

  template <class Prologue, class Chunk>
  void pixels_in_lanes(const Band& band, int thread, const Prologue& prologue, int64_t kept, Chunk& output) const {
    planes_.load(thread, band, prologue, kept);
    planes_.multiply(thread, weight_, band.rows);
    const int64_t pitch = planes_.made_pitch();
    for (int64_t r = 0; r < band.rows; r++) {
      const float* row = planes_.made(thread) + r * planes_.row_pitch() * pitch;
      for_tiles(width_, vectors(out_), [&](auto shape, int64_t column, int64_t vector) {
        auto tile = shape.tile();
        tile.load_from(row + column * pitch + vector * kLanes, pitch);
        output.add(tile, band.pixel + r * width_ + column, column, vector);
      });
      output.flush(width_);
    }
  }

  template <class Chunk>
  void channels_in_lanes(const Band& band, const T* buffer, Chunk& output) const {
    for (int64_t r = 0; r < band.rows; r++) {
      for_tiles(width_, vectors(out_), [&](auto shape, int64_t column, int64_t vector) {
        auto tile = shape.tile();
        for (int64_t tap = 0; tap < 9; tap++) {
          const T* from = buffer + (r + tap / 3) * bands_.row_pitch() + (column + tap % 3) * pitch_;
          weight_.multiply_in_runs(tile, from, pitch_, vector, tap, [] {});
        }
        output.add(tile, band.pixel + r * width_ + column, column, vector);
      });
      output.flush(width_);
    }
  }

  static constexpr int64_t kNone = -1;

  int64_t width_, out_, threads_, pitch_;
  bool pixels_in_lanes_;
  Bands bands_;
  Chunks chunks_;
  PackedWeight<T> weight_;
  PerThread<int64_t> loaded_; // the band that is in a thread's buffer
  PerThread<T> buffer_;
  Planes<T> planes_;
};

// dweight of plain tensors, in float32.
class Conv3x3Wgrad {
 public:
  Conv3x3Wgrad(Workspace& workspace, const dn_extent& extent, int64_t in, int64_t out, int64_t threads)
      : width_(extent.width),
        in_(in),
        out_(out),
        threads_(threads),
        in_pitch_(round_to_lanes(in)),
        out_pitch_(round_to_lanes(out)),
        bands_(extent, in_pitch_),
        chunks_(bands_.count(), PartialSums::most_chunks(9 * out, in)),
        buffer_(workspace, threads, bands_.buffer_values()),
        dy_(workspace, threads, bands_.most_rows() * extent.width * out_pitch_),
        partial_(workspace, chunks_.count(), 9 * out, in) {}

  template <class Gradient, class Prologue>
  void run(float* dweight, const Gradient& gradient, const Prologue& prologue) const {
    gradient.prepare();
    chunks_.parallel(threads_, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      float *buffer = buffer_.of(thread), *dy = dy_.of(thread), *partial = partial_.start(index);
      for (int64_t unit = begin; unit < end; unit++) {
        const Band at = bands_.at(unit);
        bands_.load(buffer, at, prologue);
        for (int64_t r = 0; r < at.rows; r++) {
          gradient.load(AlongPixels<float>{dy + r * dy_row(), out_pitch_}, at.pixel + r * width_, width_);
        }
        band(at, buffer, dy, partial);
      }
    });
    partial_.reduce(dweight, threads_, [this](int64_t row, int64_t i) {
      return (row % out_ * in_ + i) * 9 + row / out_;
    });
  }

 private:
  int64_t dy_row() const { return width_ * out_pitch_; }

  void band(const Band& band, const float* buffer, const float* dy, float* partial) const {
    for (int64_t tap = 0; tap < 9; tap++) {
      for_tiles(out_, vectors(in_), [&](auto shape, int64_t o, int64_t vector) {
        auto tile = shape.tile();
        for (int64_t r = 0; r < band.rows; r++) {
          const float* shifted = buffer + (r + tap / 3) * bands_.row_pitch() + tap % 3 * in_pitch_;
          tile.outer(dy + r * dy_row() + o, out_pitch_, shifted + vector * kLanes, in_pitch_, width_, [] {});
        }
        tile.add_to(partial + (tap * out_ + o) * partial_.pitch() + vector * kLanes, partial_.pitch());
      });
    }
  }

  int64_t width_, in_, out_, threads_, in_pitch_, out_pitch_;
  Bands bands_;
  Chunks chunks_;
  PerThread<float> buffer_, dy_;
  PartialSums partial_;
};

}  // namespace dn
#endif
