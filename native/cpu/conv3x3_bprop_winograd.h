// The backward pass of a 3x3 convolution in float32, by Winograd's tiles. Both products take the same transformed patches
// of dy: the gradient of a sums them over the outputs, dweight over the tiles.
#ifndef DENSENET4J_CPU_CONV3X3_BPROP_WINOGRAD_H
#define DENSENET4J_CPU_CONV3X3_BPROP_WINOGRAD_H

#include "ahead.h"
#include "bands.h"
#include "gradient.h"
#include "winograd_tiles.h"

namespace dn {

class WinogradConv3x3Bprop {
 public:
  WinogradConv3x3Bprop(Workspace& workspace, const dn_extent& extent, int64_t in, int64_t out, int64_t threads)
      : width_(extent.width),
        in_(in),
        out_(out),
        in_pitch_(round_to_lanes(in)),
        out_pitch_(round_to_lanes(out)),
        bands_(extent, out_pitch_, 2),
        tiles_(extent.width, bands_.most_rows()),
        weight_(PackedWeight<float>::for_winograd(workspace, out, in)),
        dy_(workspace, threads, bands_.buffer_values()),
        patches_(workspace, threads, tiles_.place_values(out_pitch_)),
        products_(workspace, threads, tiles_.place_values(in_pitch_)),
        a_(workspace, threads, tiles_.pixel_values(in_pitch_)),
        sums_(workspace, threads, tiles_.sum_values(out, in)) {}

  const Bands& bands() const { return bands_; }
  void pack(const float* weight) const { weight_.pack_for_dgrad(weight); }

  // Before the bands of a chunk.
  void start(int thread) const {
    std::fill(sums_.of(thread), sums_.of(thread) + tiles_.sum_values(out_, in_), 0.0f);
  }

  // The chunk's partial sums are of no use before finish().
  template <class Gradient, class Epilogue>
  void band(const Band& band, int thread, const Gradient& gradient, Epilogue& epilogue, float*,
            AheadOfBoth& ahead) const {
    bands_.load(dy_.of(thread), band, gradient);
    for (int64_t row = 0; row < band.rows; row += 2 * tiles_.rows()) {
      block(band, row, std::min(2 * tiles_.rows(), band.rows - row), thread, epilogue, ahead);
    }
    epilogue.flush();
  }

  // After the bands of a chunk. A tap reads dy from its other side.
  void finish(int thread, float* partial) const { tiles_.filters(sums_.of(thread), out_, in_, true, partial); }

 private:
  // Rows [row, row + rows) of the band.
  template <class Epilogue>
  void block(const Band& band, int64_t row, int64_t rows, int thread, Epilogue& epilogue, AheadOfBoth& ahead) const {
    const int64_t tile_rows = divide_up(rows, 2);
    float *patches = patches_.of(thread), *products = products_.of(thread), *a = a_.of(thread);
    tiles_.patches(dy_.of(thread) + row * bands_.row_pitch(), bands_.row_pitch(), tile_rows, out_pitch_, patches);
    tiles_.multiply(weight_, patches, out_pitch_, tile_rows, in_, products, ahead);
    tiles_.pixels(products, tile_rows, in_pitch_, a);
    for (int64_t r = 0; r < rows; r++) pixel_row(a + r * a_row(), band.pixel + (row + r) * width_, epilogue);
    if (rows % 2 == 1) std::fill(a + rows * a_row(), a + (rows + 1) * a_row(), 0.0f);
    tiles_.places(a, tile_rows, in_pitch_, products);
    tiles_.multiply_tiles(patches, out_, products, in_, tile_rows, sums_.of(thread));
  }

  // Hands a row of the gradient of a to the epilogue, which leaves a in its place.
  template <class Epilogue>
  void pixel_row(float* a, int64_t pixel, Epilogue& epilogue) const {
    for_tiles(width_, vectors(in_), [&](auto shape, int64_t column, int64_t vector) {
      float* at = a + column * in_pitch_ + vector * kLanes;
      auto tile = shape.tile();
      tile.load_from(at, in_pitch_);
      OperandSink<float> sink({at, in_pitch_}, tile.kRows);
      epilogue.add(tile, vector, pixel + column, sink);
    });
    std::fill(a + width_ * in_pitch_, a + a_row(), 0.0f);
  }

  int64_t a_row() const { return tiles_.row_pitch(in_pitch_); }

  int64_t width_, in_, out_, in_pitch_, out_pitch_;
  Bands bands_;
  WinogradTiles tiles_;
  PackedWeight<float> weight_;
  PerThread<float> dy_, patches_, products_, a_, sums_;
};

}  // namespace dn
#endif
