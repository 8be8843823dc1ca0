// The product of a 3x3 convolution with stride 1 and padding 1, by bands of rows. T is what the operands are multiplied
// as. The caller brings the ends: a prologue for the operand, and an epilogue that takes the tiles (see bnrelu.h, output.h
// and plain.h). The backward pass of fused convolutions is in bnrelu_conv3x3_bprop.cpp.
#ifndef DENSENET4J_CPU_CONV3X3_H
#define DENSENET4J_CPU_CONV3X3_H

#include "bands.h"
#include "chunks.h"
#include "conv3x3_winograd.h"
#include "pack.h"
#include "planes.h"

namespace dn {

// From `in` channels to `out` others, tap by tap: y of x, or the gradient of x of that of y.
template <class T>
class DirectConv3x3 {
 public:
  DirectConv3x3(Workspace& workspace, const dn_extent& extent, int64_t in, int64_t out, int64_t threads)
      : width_(extent.width),
        out_(out),
        threads_(threads),
        pitch_(round_to_lanes(in)),
        pixels_in_lanes_(Planes<T>::suit(out)),
        bands_(extent, pitch_),
        chunks_(bands_.count()),
        weight_(workspace, 9, in, out),
        loaded_(workspace, threads),
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
    loaded_.clear();
    chunks_.parallel(threads_, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      auto output = epilogue.chunk(index, thread);
      const auto& operand = prologue.on(thread);
      for (int64_t unit = begin; unit < end; unit++) {
        const Band at = bands_.at(unit);
        if (pixels_in_lanes_ && loaded_.none(thread)) planes_.clear(thread);
        const int64_t kept = loaded_.next(thread, unit, at);
        if (pixels_in_lanes_) {
          pixels_in_lanes(at, thread, operand, kept, output);
        } else {
          bands_.load(buffer_.of(thread), at, operand, kept);
          channels_in_lanes(at, buffer_.of(thread), output);
        }
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
          weight_.multiply_in_runs(tile, from, pitch_, vector, tap, tap == 0, [] {});
        }
        output.add(tile, band.pixel + r * width_ + column, column, vector);
      });
      output.flush(width_);
    }
  }

  int64_t width_, out_, threads_, pitch_;
  bool pixels_in_lanes_;
  Bands bands_;
  Chunks chunks_;
  PackedWeight<T> weight_;
  LoadedBands loaded_;
  PerThread<T> buffer_;
  Planes<T> planes_;
};

// In float32 by Winograd's tiles. bfloat16 would lose bits in the transforms.
template <class T>
using Conv3x3Product = std::conditional_t<std::is_same_v<T, float>, WinogradConv3x3, DirectConv3x3<T>>;

}  // namespace dn
#endif
