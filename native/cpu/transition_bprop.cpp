// The backward pass of y = conv1x1(avgpool2x2(relu(BN(x)))), dweight and the gradient of x in one pass over x, y and
// the gradient of y: the gradient of x passes the pooled activation on its way, which is the operand of dweight. Panel
// by panel of input channels, like bnrelu_conv1x1_bprop, and by whole pooled rows, since their windows cover pixels of
// x that follow each other.
#include "ahead.h"
#include "gradient.h"
#include "operation.h"
#include "pack.h"
#include "partial.h"
#include "pool_gradient.h"

namespace {

using namespace dn;

template <class T>
class Plan {
 public:
  Plan(const dn_transition_bprop_args& args, Workspace& workspace)
      : args_(args),
        windows_(args.extent),
        out_pitch_(round_to_lanes(args.out_channels)),
        rows_(std::max<int64_t>(kTile / std::max<int64_t>(windows_.width(), 1), 1)),
        chunks_(divide_up(windows_.rows(), rows_), PartialSums::most_chunks(args.in_channels, args.out_channels)),
        weight_(workspace, args.out_channels, args.in_channels),
        corners_(workspace, args.execution.threads, tile()),
        dy_(workspace, args.execution.threads, tile() * out_pitch_),
        dy_pixels_(workspace, args.execution.threads, kValues == 1 ? 0 : words<Operand>(tile()) * out_pitch_),
        da_(workspace, args.execution.threads, tile() * kMostVectors * kLanes),
        a_(workspace, args.execution.threads, words<Operand>(tile()) * kMostVectors * kLanes),
        partial_(workspace, chunks_.count(), args.in_channels, args.out_channels),
        gradient_(workspace, args.y, args.dropout, args.out_channels),
        epilogue_(workspace, args.dx, args.x, args.in_channels,
                  args.extent.batch * args.extent.height * args.extent.width, chunks_.count(), args.execution.threads),
        pool_(args.dx, args.x, args.extent, args.in_channels) {}

  void run() const {
    weight_.pack_for_dgrad(args_.weight);
    gradient_.prepare();
    chunks_.parallel(args_.execution.threads, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      auto epilogue = epilogue_.chunk(index, thread);
      float* partial = partial_.start(index);
      for (int64_t unit = begin; unit < end; unit++) {
        pooled_rows(unit * rows_, thread, partial, epilogue);
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
  static constexpr int64_t kTile = 128;

  // The most pooled pixels of one unit of work.
  int64_t tile() const { return rows_ * windows_.width(); }

  int64_t end_of(int64_t row) const { return std::min(row + rows_, windows_.rows()); }

  void pooled_rows(int64_t row, int thread, float* partial, Epilogue& epilogue) const {
    const int64_t count = (end_of(row) - row) * windows_.width();
    Operand* dy = dy_.of(thread);
    auto* dy_pixels = kValues == 1 ? reinterpret_cast<Word<Operand>*>(dy) : dy_pixels_.of(thread);
    gradient_.load(AlongBoth<Operand>{{dy, out_pitch_}, {dy_pixels, out_pitch_}}, row * windows_.width(), count);
    find_corners(row, corners_.of(thread));
    Word<Operand>* a = a_.of(thread);
    for_panels(vectors(args_.in_channels), [&](int64_t vector, int64_t width) {
      const int64_t c = vector * kLanes, channels = std::min(width * kLanes, args_.in_channels - c);
      AheadOfPass ahead = next(row, c, channels);
      with_width(width, [&](auto columns) {
        panel<columns>(count, vector, dy, da_.of(thread), ahead);
        const AlongPixels<Operand> to{a, width * kLanes};
        pool_.template panel<columns>(vector, corners_.of(thread), count, da_.of(thread), epilogue, to);
      });
      for_tiles(channels, vectors(args_.out_channels), [&](auto shape, int64_t i, int64_t v) {
        auto tile = shape.tile();
        tile.outer(a + i, width * kLanes, dy_pixels + v * kLanes, out_pitch_, words<Operand>(count), ahead);
        tile.add_to(partial + (c + i) * partial_.pitch() + v * kLanes, partial_.pitch());
      });
    });
    for (int64_t r = row; r < end_of(row); r++) pool_.clear_uncovered(r);
  }

  void find_corners(int64_t row, int64_t* corners) const {
    for (int64_t r = row; r < end_of(row); r++) {
      for (int64_t column = 0; column < windows_.width(); column++) *corners++ = windows_.corner(r, column);
    }
  }

  // The next panel is of the same rows, or the first one of the next rows; their gradient of y is fetched while the
  // first panel is computed.
  AheadOfPass next(int64_t row, int64_t c, int64_t channels) const {
    const int64_t after = end_of(row), behind = end_of(after), width = windows_.width();
    const bool last = c + channels == args_.in_channels;
    const int64_t begin = last ? 0 : c + channels;
    const int64_t wide = std::min<int64_t>(kMostVectors * kLanes, args_.in_channels - begin);
    return {last ? ahead(after, behind, begin, wide) : ahead(row, after, begin, wide),
            c == 0 ? gradient_.ahead(after * width, (behind - after) * width) : AheadOfBoth()};
  }

  AheadOfBoth ahead(int64_t row, int64_t end, int64_t c, int64_t channels) const {
    if (row == end) return AheadOfBoth();
    const int64_t first = windows_.corner(row, 0), behind = windows_.corner(end - 1, 0) + 2 * args_.extent.width;
    return epilogue_.ahead(first, behind - first, c, channels);
  }

  // The gradient of the pooled activations in one panel. By tiles of few heights: for_tiles() would take the state of
  // `ahead` out of registers.
  template <int width>
  void panel(int64_t count, int64_t vector, const Operand* dy, float* da, AheadOfPass& ahead) const {
    stack_tiles<width>(count, EvenHeights<width>(), [&](auto shape, int64_t row) {
      auto tile = shape.tile();
      weight_.multiply(tile, dy + row * out_pitch_, out_pitch_, vector, 0, ahead);
      tile.store_to(da + row * width * kLanes, width * kLanes);
    });
  }

  dn_transition_bprop_args args_;
  PoolWindows windows_;
  int64_t out_pitch_, rows_;
  Chunks chunks_;
  PackedWeight<Operand> weight_;
  PerThread<int64_t> corners_;
  PerThread<Operand> dy_;
  PerThread<Word<Operand>> dy_pixels_;
  PerThread<float> da_;
  PerThread<Word<Operand>> a_;
  PartialSums partial_;
  GradientPrologue<T> gradient_;
  GradientEpilogue<T> epilogue_;
  PoolGradient<T> pool_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(transition_bprop, Plan, x.value)
