// The backward pass of y = conv1x1(relu(BN(x))), dweight and the gradient of x in one pass over x, y and the gradient
// of y: the gradient of x passes relu(BN(x)) on its way, which is the operand of dweight. Panel by panel of input
// channels, so that what one product leaves is in the first-level cache for the other.
#include "ahead.h"
#include "gradient.h"
#include "operation.h"
#include "pack.h"
#include "partial.h"

namespace {

using namespace dn;

template <class T>
class Plan {
 public:
  Plan(const dn_bnrelu_conv1x1_bprop_args& args, Workspace& workspace)
      : args_(args),
        out_pitch_(round_to_lanes(args.out_channels)),
        tile_(pixels() < kManyTiles * kTile ? kTile : kTile * kValues),
        chunks_(divide_up(pixels(), tile_), PartialSums::most_chunks(args.in_channels, args.out_channels)),
        weight_(workspace, args.out_channels, args.in_channels),
        dy_(workspace, args.execution.threads, tile_ * out_pitch_),
        dy_pixels_(workspace, args.execution.threads, kValues == 1 ? 0 : words<Operand>(tile_) * out_pitch_),
        a_(workspace, args.execution.threads, words<Operand>(tile_) * kMostVectors * kLanes),
        partial_(workspace, chunks_.count(), args.in_channels, args.out_channels),
        gradient_(workspace, args.y, args.dropout, args.out_channels),
        epilogue_(workspace, args.dx, args.x, args.in_channels, pixels(), chunks_.count(), args.execution.threads) {}

  void run() const {
    weight_.pack_for_dgrad(args_.weight);
    gradient_.prepare();
    chunks_.parallel(args_.execution.threads, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      auto epilogue = epilogue_.chunk(index, thread);
      float* partial = partial_.start(index);
      for (int64_t unit = begin; unit < end; unit++) {
        const int64_t first = unit * tile_;
        tile_of_pixels(first, std::min(tile_, pixels() - first), thread, partial, epilogue);
        epilogue.flush();
      }
    });
    epilogue_.finish();
    partial_.reduce(args_.dweight, args_.execution.threads,
                    [in = args_.in_channels](int64_t i, int64_t o) { return o * in + i; });
  }

 private:
  using Operand = OperandOf<T>;
  static constexpr int kValues = Packed<Operand>::kValues; // in a word
  using Epilogue = typename GradientEpilogue<T>::Chunk;

  // Pixels that fill most of a first-level cache in float32; twice as many in pairs, unless that leaves few chunks.
  static constexpr int64_t kTile = 128, kManyTiles = 32;

  int64_t pixels() const { return args_.extent.batch * args_.extent.height * args_.extent.width; }

  void tile_of_pixels(int64_t first, int64_t count, int thread, float* partial, Epilogue& epilogue) const {
    Operand* dy = dy_.of(thread);
    auto* dy_pixels = kValues == 1 ? reinterpret_cast<Word<Operand>*>(dy) : dy_pixels_.of(thread);
    gradient_.load(AlongBoth<Operand>{{dy, out_pitch_}, {dy_pixels, out_pitch_}}, first, count);
    for_panels(vectors(args_.in_channels), [&](int64_t vector, int64_t width) {
      const int64_t c = vector * kLanes, channels = std::min(width * kLanes, args_.in_channels - c);
      AheadOfPass ahead = next(first, count, c, channels);
      with_width(width, [&](auto columns) {
        panel<columns>(first, count, vector, dy, a_.of(thread), epilogue, ahead);
      });
      for_tiles(channels, vectors(args_.out_channels), [&](auto shape, int64_t i, int64_t v) {
        auto tile = shape.tile();
        tile.outer(a_.of(thread) + i, width * kLanes, dy_pixels + v * kLanes, out_pitch_, words<Operand>(count),
                   ahead);
        tile.add_to(partial + (c + i) * partial_.pitch() + v * kLanes, partial_.pitch());
      });
    });
  }

  // The next panel is of the same pixels, or the first one of the next pixels; their gradient of y is fetched while the
  // first panel is computed.
  AheadOfPass next(int64_t first, int64_t count, int64_t c, int64_t channels) const {
    const int64_t end = first + count, after = std::min(tile_, pixels() - end);
    const bool last = c + channels == args_.in_channels;
    const int64_t begin = last ? 0 : c + channels;
    const int64_t width = std::min<int64_t>(kMostVectors * kLanes, args_.in_channels - begin);
    return {epilogue_.ahead(last ? end : first, last ? after : count, begin, width),
            c == 0 ? gradient_.ahead(end, after) : AheadOfBoth()};
  }

  // The gradient of x in one panel. By tiles of few heights: for_tiles() takes the state of `ahead` out of registers,
  // which was measured to cost a tenth.
  template <int width>
  void panel(int64_t first, int64_t count, int64_t vector, const Operand* dy, Word<Operand>* a, Epilogue& epilogue,
             AheadOfPass& ahead) const {
    stack_tiles<width>(count, EvenHeights<width>(), [&](auto shape, int64_t row) {
      auto tile = shape.tile();
      weight_.multiply(tile, dy + row * out_pitch_, out_pitch_, vector, 0, ahead);
      OperandSink<Operand> sink({a + row / kValues * width * kLanes, width * kLanes}, tile.kRows);
      epilogue.add(tile, vector, first + row, sink);
    });
  }

  dn_bnrelu_conv1x1_bprop_args args_;
  int64_t out_pitch_, tile_;
  Chunks chunks_;
  PackedWeight<Operand> weight_;
  PerThread<Operand> dy_;
  PerThread<Word<Operand>> dy_pixels_, a_;
  PartialSums partial_;
  GradientPrologue<T> gradient_;
  GradientEpilogue<T> epilogue_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(bnrelu_conv1x1_bprop, Plan, x.value)
