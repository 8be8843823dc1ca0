// The backward pass of y = conv3x3(relu(BN(x))), dweight and the gradient of x in one pass over x, y and the gradient
// of y, by bands of rows: the gradient of x passes a = relu(BN(x)) on its way, and dweight is summed over the pixels of a,
//   dweight[tap] = sum over pixels q of dy[q - offset of tap] * a[q],
// so that only the gradient of y, which has few channels, is needed beyond the band.
#include "ahead.h"
#include "bands.h"
#include "gradient.h"
#include "operation.h"
#include "pack.h"
#include "partial.h"

namespace {

using namespace dn;

template <class T>
class Plan {
 public:
  Plan(const dn_bnrelu_conv3x3_bprop_args& args, Workspace& workspace)
      : args_(args),
        width_(args.extent.width),
        in_pitch_(round_to_lanes(args.in_channels)),
        out_pitch_(round_to_lanes(args.out_channels)),
        bands_(args.extent, out_pitch_),
        chunks_(bands_.count(), PartialSums::most_chunks(9 * args.out_channels, args.in_channels)),
        weight_(workspace, 9, args.out_channels, args.in_channels),
        dy_(workspace, args.execution.threads, bands_.buffer_values()),
        dy_pixels_(workspace, args.execution.threads, kValues == 1 ? 0 : bands_.pair_words()),
        a_(workspace, args.execution.threads, bands_.most_rows() * row_words()),
        partial_(workspace, chunks_.count(), 9 * args.out_channels, args.in_channels),
        gradient_(workspace, args.y, args.dropout, args.out_channels),
        epilogue_(workspace, args.dx, args.x, args.in_channels,
                  args.extent.batch * args.extent.height * args.extent.width, chunks_.count(),
                  args.execution.threads) {}

  void run() const {
    weight_.pack_for_dgrad(args_.weight);
    gradient_.prepare();
    chunks_.parallel(args_.execution.threads, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      auto epilogue = epilogue_.chunk(index, thread);
      float* partial = partial_.start(index);
      Operand* dy = dy_.of(thread);
      auto* dy_pixels = kValues == 1 ? reinterpret_cast<Word<Operand>*>(dy) : dy_pixels_.of(thread);
      for (int64_t unit = begin; unit < end; unit++) {
        const Band band = bands_.at(unit);
        bands_.load(dy, band, gradient_);
        if constexpr (kValues > 1) bands_.load_pairs(dy_pixels, band, gradient_);
        AheadOfBoth ahead = next_band(band);
        dgrad(band, dy, a_.of(thread), epilogue, ahead);
        epilogue.flush();
        wgrad(band, dy_pixels, a_.of(thread), partial, ahead);
      }
    });
    epilogue_.finish();
    const int64_t in = args_.in_channels, out = args_.out_channels;
    partial_.reduce(args_.dweight, args_.execution.threads, [=](int64_t row, int64_t i) {
      return (row % out * in + i) * 9 + row / out;
    });
  }

 private:
  using Operand = OperandOf<T>;
  static constexpr int kValues = Packed<Operand>::kValues; // in a word
  using Epilogue = typename GradientEpilogue<T>::Chunk;

  // Lines fetched after each tap: enough to have the next band when it is needed.
  static constexpr int kLines = 3;

  // Of one row of a.
  int64_t row_words() const { return words<Operand>(width_) * in_pitch_; }

  // x and its gradient in the next band.
  AheadOfBoth next_band(const Band& band) const {
    const int64_t next = band.pixel + band.rows * width_;
    const int64_t left = args_.extent.batch * args_.extent.height * width_ - next;
    return epilogue_.ahead(next, std::min(bands_.most_rows() * width_, left), 0, args_.in_channels);
  }

  void dgrad(const Band& band, const Operand* dy, Word<Operand>* a, Epilogue& epilogue, AheadOfBoth& ahead) const {
    for (int64_t r = 0; r < band.rows; r++) {
      for_tiles<kValues>(width_, vectors(args_.in_channels), [&](auto shape, int64_t column, int64_t vector) {
        auto tile = shape.tile();
        for (int64_t tap = 0; tap < 9; tap++) {
          const Operand* from = dy + (r + tap / 3) * bands_.row_pitch() + (column + tap % 3) * out_pitch_;
          weight_.multiply(tile, from, out_pitch_, vector, tap, [] {});
          ahead.fetch(kLines);
        }
        Word<Operand>* to = a + r * row_words() + column / kValues * in_pitch_ + vector * kLanes;
        OperandSink<Operand> sink({to, in_pitch_}, tile.kRows);
        epilogue.add(tile, vector, band.pixel + r * width_ + column, sink);
      });
    }
  }

  void wgrad(const Band& band, const Word<Operand>* dy, const Word<Operand>* a, float* partial,
             AheadOfBoth& ahead) const {
    for (int64_t tap = 0; tap < 9; tap++) {
      for_tiles(args_.out_channels, vectors(args_.in_channels), [&](auto shape, int64_t o, int64_t vector) {
        auto tile = shape.tile();
        for (int64_t r = 0; r < band.rows; r++) {
          tile.outer(bands_.shifted<Operand>(dy, r + 2 - tap / 3, 2 - tap % 3) + o, out_pitch_,
                     a + r * row_words() + vector * kLanes, in_pitch_, words<Operand>(width_), [] {});
          ahead.fetch(kLines);
        }
        tile.add_to(partial + (tap * args_.out_channels + o) * partial_.pitch() + vector * kLanes, partial_.pitch());
      });
    }
  }

  dn_bnrelu_conv3x3_bprop_args args_;
  int64_t width_, in_pitch_, out_pitch_;
  Bands bands_;
  Chunks chunks_;
  PackedWeight<Operand> weight_;
  PerThread<Operand> dy_;
  PerThread<Word<Operand>> dy_pixels_, a_;
  PartialSums partial_;
  GradientPrologue<T> gradient_;
  GradientEpilogue<T> epilogue_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(bnrelu_conv3x3_bprop, Plan, x.value)
