// A 3x3 convolution with stride 1 and padding 1 in float32, by Winograd's tiles: less than half of the multiplications.
// The caller brings the ends, as for Conv3x3Product.
#ifndef DENSENET4J_CPU_WINOGRAD_PRODUCT_H
#define DENSENET4J_CPU_WINOGRAD_PRODUCT_H

#include "bands.h"
#include "chunks.h"
#include "winograd_tiles.h"

namespace dn {

// From `in` channels to `out` others: y of x, or the gradient of x of that of y.
class WinogradProduct {
 public:
  WinogradProduct(Workspace& workspace, const dn_extent& extent, int64_t in, int64_t out, int64_t threads)
      : width_(extent.width),
        out_(out),
        threads_(threads),
        pitch_(round_to_lanes(in)),
        tiles_(extent.width),
        bands_(extent, pitch_, 2),
        chunks_(bands_.count()),
        weight_(PackedWeight<float>::for_winograd(workspace, in, out)),
        buffer_(workspace, threads, bands_.buffer_values()),
        patches_(workspace, threads, tiles_.place_values(pitch_)),
        products_(workspace, threads, tiles_.place_values(made_pitch())),
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
    chunks_.parallel(threads_, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      auto output = epilogue.chunk(index, thread);
      for (int64_t unit = begin; unit < end; unit++) {
        const Band band = bands_.at(unit);
        bands_.load(buffer_.of(thread), band, prologue);
        for (int64_t row = 0; row < band.rows; row += 2 * tiles_.rows()) {
          block(band, row, std::min(2 * tiles_.rows(), band.rows - row), thread, output);
        }
      }
    });
    epilogue.finish();
  }

  // Rows [row, row + rows) of the band.
  template <class Chunk>
  void block(const Band& band, int64_t row, int64_t rows, int thread, Chunk& output) const {
    const int64_t tile_rows = divide_up(rows, 2), pitch = made_pitch();
    float *patches = patches_.of(thread), *products = products_.of(thread), *made = made_.of(thread);
    tiles_.patches(buffer_.of(thread) + row * bands_.row_pitch(), bands_.row_pitch(), tile_rows, pitch_, patches);
    tiles_.multiply(weight_, patches, pitch_, tile_rows, out_, products, [] {});
    tiles_.pixels(products, tile_rows, pitch, made);
    for (int64_t r = 0; r < rows; r++, made += tiles_.row_pitch(pitch)) {
      for_tiles(width_, vectors(out_), [&](auto shape, int64_t column, int64_t vector) {
        auto tile = shape.tile();
        tile.load_from(made + column * pitch + vector * kLanes, pitch);
        output.add(tile, band.pixel + (row + r) * width_ + column, column, vector);
      });
      output.flush(width_);
    }
  }

  int64_t made_pitch() const { return round_to_lanes(out_); }

  int64_t width_, out_, threads_, pitch_;
  WinogradTiles tiles_;
  Bands bands_;
  Chunks chunks_;
  PackedWeight<float> weight_;
  PerThread<float> buffer_, patches_, products_, made_;
};

}  // namespace dn
#endif
