// The backward pass of y = conv3x3(relu(BN(x))), dweight and the gradient of x in one pass over x, y and the gradient of y,
// by bands of rows and Winograd's tiles. Both products take the same transformed patches of dy: the gradient of x sums
// them over the outputs, dweight over the tiles. The gradient of x passes a = relu(BN(x)) on its way, the other operand
// of dweight.
#include "ahead.h"
#include "bands.h"
#include "chunks.h"
#include "gradient.h"
#include "operation.h"
#include "partial.h"
#include "winograd_tiles.h"

namespace {

using namespace dn;

template <class T>
class Plan {
 public:
  Plan(const dn_bnrelu_conv3x3_bprop_args& args, Workspace& workspace)
      : args_(args),
        in_pitch_(round_to_lanes(args.in_channels)),
        out_pitch_(round_to_lanes(args.out_channels)),
        bands_(args.extent, out_pitch_, kSide, kValues),
        tiles_(args.extent.width, bands_.most_rows(), kValues),
        chunks_(bands_.count(), PartialSums::most_chunks(9 * args.out_channels, args.in_channels)),
        weight_(PackedWeight<Operand>::template for_winograd<kSide>(workspace, args.out_channels, args.in_channels)),
        dy_(workspace, args.execution.threads, bands_.buffer_values()),
        patches_(workspace, args.execution.threads, tiles_.channel_values(out_pitch_)),
        patch_words_(workspace, args.execution.threads, kValues == 1 ? 0 : tiles_.tile_words(out_pitch_)),
        a_(workspace, args.execution.threads, kValues == 1 ? 0 : tiles_.tile_words(in_pitch_)),
        products_(workspace, args.execution.threads, tiles_.product_values(in_pitch_)),
        sums_(workspace, args.execution.threads, tiles_.sum_values(args.out_channels, args.in_channels)),
        partial_(workspace, chunks_.count(), 9 * args.out_channels, args.in_channels),
        gradient_(workspace, args.y, args.dropout, args.out_channels),
        epilogue_(workspace, args.dx, args.x, args.in_channels, bands_.pixels(), chunks_.count(), args.execution.threads) {}

  void run() const {
    weight_.pack_for_dgrad(args_.weight);
    gradient_.prepare();
    const int64_t in = args_.in_channels, out = args_.out_channels;
    chunks_.parallel(args_.execution.threads, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      auto epilogue = epilogue_.chunk(index, thread);
      float* sums = sums_.of(thread);
      std::fill(sums, sums + tiles_.sum_values(out, in), 0.0f);
      for (int64_t unit = begin; unit < end; unit++) band(bands_.at(unit), thread, epilogue);
      // A tap reads dy from its other side.
      tiles_.filters(sums, out, in, true, partial_.start(index));
    });
    epilogue_.finish();
    partial_.reduce(args_.dweight, args_.execution.threads, [=](int64_t row, int64_t i) {
      return (row % out * in + i) * 9 + row / out;
    });
  }

 private:
  using Operand = OperandOf<T>;
  using Epilogue = typename GradientEpilogue<T>::Chunk;
  static constexpr int kValues = Packed<Operand>::kValues; // in a word
  static constexpr int kSide = 2; // of a tile

  void band(const Band& band, int thread, Epilogue& epilogue) const {
    AheadOfPass ahead = next_band(band);
    bands_.load(dy_.of(thread), band, gradient_);
    for (int64_t row = 0; row < band.rows; row += kSide * tiles_.rows()) {
      block(band, row, std::min(kSide * tiles_.rows(), band.rows - row), thread, epilogue, ahead);
    }
    epilogue.flush();
  }

  // x and its gradient in the next band, and what is not in this band's halo of y and its gradient.
  AheadOfPass next_band(const Band& band) const {
    const PixelRange x = bands_.below(band, 0), y = bands_.below(band, 1);
    return {epilogue_.ahead(x.first, x.count, 0, args_.in_channels), gradient_.ahead(y.first, y.count)};
  }

  // Rows [row, row + rows) of the band. Where words are floats, a tile of a takes the place of its products.
  void block(const Band& band, int64_t row, int64_t rows, int thread, Epilogue& epilogue, AheadOfPass& ahead) const {
    const int64_t tile_rows = divide_up(rows, kSide), in = args_.in_channels, out = args_.out_channels;
    Operand* patches = patches_.of(thread);
    auto* patch_words = kValues == 1 ? reinterpret_cast<Word<Operand>*>(patches) : patch_words_.of(thread);
    float* products = products_.of(thread);
    auto* a = kValues == 1 ? reinterpret_cast<Word<Operand>*>(products) : a_.of(thread);
    tiles_.patches(dy_.of(thread) + row * bands_.row_pitch(), bands_.row_pitch(), tile_rows, out_pitch_,
                   tiles_.along_both(patches, patch_words, out_pitch_));
    tiles_.multiply(weight_, patches, out_pitch_, tile_rows, in, products, ahead.x);
    const auto change = [&](int64_t y, int64_t x, int64_t c, const Square<kSide>& da) {
      return pixels_of_tile(band, row + kSide * y, rows - kSide * y, kSide * x, c, da, epilogue);
    };
    tiles_.change_pixels(products, tile_rows, in_pitch_, change, tiles_.along_tiles(a, in_pitch_));
    tiles_.multiply_tiles(patch_words, out, a, in, tile_rows, sums_.of(thread), ahead.y);
  }

  // Hands da of a tile's pixels to the epilogue and returns their a. The tile begins at row y of the band and at column x;
  // what lies behind `rows` rows, or beside the image, is 0.
  DN_INLINE Square<2> pixels_of_tile(const Band& band, int64_t y, int64_t rows, int64_t x, int64_t c,
                                     const Square<2>& da, Epilogue& epilogue) const {
    const int64_t width = args_.extent.width;
    Square<2> a = {{{{zero(), zero()}}, {{zero(), zero()}}}};
#pragma GCC unroll 2
    for (int r = 0; r < 2; r++) {
      if (r >= rows || x >= width) continue;
      const int64_t pixel = band.pixel + (y + r) * width + x;
      if (x + 1 < width) {
        Tile<2, 1> tile;
        tile.acc[0][0] = da.row[r].at[0];
        tile.acc[1][0] = da.row[r].at[1];
        epilogue.add(tile, c / kLanes, pixel, LineSink{a.row[r]});
      } else {
        Tile<1, 1> tile;
        tile.acc[0][0] = da.row[r].at[0];
        epilogue.add(tile, c / kLanes, pixel, LineSink{a.row[r]});
      }
    }
    return a;
  }

  // Takes a of the pixels of a line.
  struct LineSink {
    Line<2>& line;
    DN_INLINE void put(int p, int, Vec a) const { line.at[p] = a; }
  };

  dn_bnrelu_conv3x3_bprop_args args_;
  int64_t in_pitch_, out_pitch_;
  Bands bands_;
  WinogradTiles<Operand, kSide> tiles_;
  Chunks chunks_;
  PackedWeight<Operand> weight_;
  PerThread<float> dy_;
  PerThread<Operand> patches_;
  PerThread<Word<Operand>> patch_words_, a_;
  PerThread<float> products_, sums_;
  PartialSums partial_;
  GradientPrologue<T> gradient_;
  GradientEpilogue<T> epilogue_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(bnrelu_conv3x3_bprop, Plan, x.value)
