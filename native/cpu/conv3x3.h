// A 3x3 convolution with stride 1 and padding 1, by Winograd's tiles: less than half of the multiplications. T is what the
// operands are multiplied as. The caller brings the ends: a prologue for the operand, and an epilogue that takes the
// tiles (see bnrelu.h, output.h and plain.h). The backward pass of fused convolutions is in bnrelu_conv3x3_bprop.cpp.
#ifndef DENSENET4J_CPU_CONV3X3_H
#define DENSENET4J_CPU_CONV3X3_H

#include "ahead.h"
#include "bands.h"
#include "chunks.h"
#include "partial.h"
#include "winograd_tiles.h"

namespace dn {

// From `in` channels to `out` others: y of x, or the gradient of x of that of y, by tiles of side x side outputs.
template <class T, int side = 2>
class Conv3x3Product {
 public:
  Conv3x3Product(Workspace& workspace, const dn_extent& extent, int64_t in, int64_t out, int64_t threads)
      : width_(extent.width),
        out_(out),
        threads_(threads),
        pitch_(round_to_lanes(in)),
        bands_(extent, pitch_, side, 1),
        tiles_(extent.width, bands_.most_rows(), 1),
        chunks_(bands_.count()),
        weight_(PackedWeight<T>::template for_winograd<side>(workspace, in, out)),
        loaded_(workspace, threads),
        buffer_(workspace, threads, bands_.buffer_values()),
        patches_(workspace, threads, tiles_.channel_values(pitch_)),
        products_(workspace, threads, tiles_.product_values(made_pitch())),
        made_(workspace, threads, tiles_.pixel_values(made_pitch())) {}

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
        const Band band = bands_.at(unit);
        bands_.load(buffer_.of(thread), band, operand, loaded_.next(thread, unit, band));
        const PixelRange next = bands_.below(band, 1);
        auto ahead = operand.ahead(next.first, next.count);
        for (int64_t row = 0; row < band.rows; row += side * tiles_.rows()) {
          block(band, row, std::min(side * tiles_.rows(), band.rows - row), thread, output, ahead);
        }
      }
    });
    epilogue.finish();
  }

  // Rows [row, row + rows) of the band.
  template <class Chunk>
  void block(const Band& band, int64_t row, int64_t rows, int thread, Chunk& output, Ahead& ahead) const {
    const int64_t tile_rows = divide_up(rows, side), pitch = made_pitch();
    T* patches = patches_.of(thread);
    float *products = products_.of(thread), *made = made_.of(thread);
    tiles_.patches(buffer_.of(thread) + row * bands_.row_pitch(), bands_.row_pitch(), tile_rows, pitch_,
                   tiles_.in_blocks(patches, pitch_));
    Ahead made_ahead = output.ahead(band.pixel + row * width_, rows * width_, 0, out_);
    // A block of channels of 16 tiles is sizeof(T) lines for each place. In dense layers the outputs are a quarter of the
    // values, but hardly fewer lines.
    tiles_.multiply_blocks(weight_, patches, pitch_, tile_rows, out_, products, [&] {
      ahead.fetch(sizeof(T));
      made_ahead.fetch(sizeof(T));
    });
    tiles_.pixels(products, tile_rows, pitch, made);
    for (int64_t r = 0; r < rows; r++, made += tiles_.row_pitch(pitch)) {
      for_values(width_, vectors(out_), [&](auto shape, int64_t column, int64_t vector) {
        auto tile = shape.tile();
        tile.load_from(made + column * pitch + vector * kLanes, pitch);
        output.add(tile, band.pixel + (row + r) * width_ + column, column, vector);
      });
      output.flush(width_);
    }
  }

  int64_t made_pitch() const { return round_to_lanes(out_); }

  int64_t width_, out_, threads_, pitch_;
  Bands bands_;
  WinogradTiles<T, side> tiles_;
  Chunks chunks_;
  PackedWeight<T> weight_;
  LoadedBands loaded_;
  PerThread<float> buffer_;
  PerThread<T> patches_;
  PerThread<float> products_, made_;
};

// dweight of plain tensors in float32: the patches of x by the tiles of dy.
class Conv3x3Wgrad {
 public:
  Conv3x3Wgrad(Workspace& workspace, const dn_extent& extent, int64_t in, int64_t out, int64_t threads)
      : width_(extent.width),
        in_(in),
        out_(out),
        threads_(threads),
        in_pitch_(round_to_lanes(in)),
        out_pitch_(round_to_lanes(out)),
        bands_(extent, in_pitch_, kSide, 1),
        tiles_(extent.width, bands_.most_rows(), 1),
        chunks_(bands_.count(), PartialSums::most_chunks(9 * out, in)),
        buffer_(workspace, threads, bands_.buffer_values()),
        dy_(workspace, threads, tiles_.pixel_values(out_pitch_)),
        patches_(workspace, threads, tiles_.tile_words(in_pitch_)),
        places_(workspace, threads, tiles_.tile_words(out_pitch_)),
        sums_(workspace, threads, tiles_.sum_values(out, in)),
        partial_(workspace, chunks_.count(), 9 * out, in) {}

  template <class Gradient, class Prologue>
  void run(float* dweight, const Gradient& gradient, const Prologue& prologue) const {
    gradient.prepare();
    chunks_.parallel(threads_, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      std::fill(sums_.of(thread), sums_.of(thread) + tiles_.sum_values(out_, in_), 0.0f);
      for (int64_t unit = begin; unit < end; unit++) {
        const Band band = bands_.at(unit);
        bands_.load(buffer_.of(thread), band, prologue);
        for (int64_t row = 0; row < band.rows; row += kSide * tiles_.rows()) {
          block(band, row, std::min(kSide * tiles_.rows(), band.rows - row), thread, gradient);
        }
      }
      tiles_.filters(sums_.of(thread), out_, in_, false, partial_.start(index));
    });
    partial_.reduce(dweight, threads_, [this](int64_t row, int64_t i) {
      return (row % out_ * in_ + i) * 9 + row / out_;
    });
  }

 private:
  // Rows [row, row + rows) of the band.
  template <class Gradient>
  void block(const Band& band, int64_t row, int64_t rows, int thread, const Gradient& gradient) const {
    const int64_t tile_rows = divide_up(rows, kSide), pitch = tiles_.row_pitch(out_pitch_);
    float *dy = dy_.of(thread), *patches = patches_.of(thread), *places = places_.of(thread);
    std::fill(dy, dy + kSide * tile_rows * pitch, 0.0f);
    for (int64_t r = 0; r < rows; r++) {
      gradient.load(AlongPixels<float>{dy + r * pitch, out_pitch_}, band.pixel + (row + r) * width_, width_);
    }
    tiles_.patches(buffer_.of(thread) + row * bands_.row_pitch(), bands_.row_pitch(), tile_rows, in_pitch_,
                   tiles_.along_tiles(patches, in_pitch_));
    tiles_.places(dy, tile_rows, out_pitch_, tiles_.along_tiles(places, out_pitch_));
    tiles_.multiply_tiles(places, out_, patches, in_, tile_rows, sums_.of(thread), [] {});
  }

  static constexpr int kSide = 2;

  int64_t width_, in_, out_, threads_, in_pitch_, out_pitch_;
  Bands bands_;
  WinogradTiles<float, kSide> tiles_;
  Chunks chunks_;
  PerThread<float> buffer_, dy_, patches_, places_, sums_;
  PartialSums partial_;
};

}  // namespace dn
#endif
