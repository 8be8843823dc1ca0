// The gradient of x through the transition: each pooled pixel hands a quarter of its gradient to the four pixels of its
// window, where it is masked, scaled by gamma and put into the deferred gradient of x. Pixels outside every window (odd
// sizes) get none.
#include "chunks.h"
#include "gradient.h"
#include "operation.h"
#include "pack.h"
#include "pool.h"

namespace {

using namespace dn;

template <class T>
class Plan {
 public:
  Plan(const dn_transition_dgrad_args& args, Workspace& workspace)
      : args_(args),
        sum_(args.dx.gradient.sum),
        pool_(args.x.value, args.x.affine, args.extent, args.in_channels),
        out_pitch_(round_to_lanes(args.out_channels)),
        chunks_(args.extent.batch * pool_.height()),
        weight_(workspace, 1, args.out_channels, args.in_channels),
        dy_(workspace, args.execution.threads, pool_.width() * out_pitch_),
        prologue_(workspace, args.y, args.dropout, args.out_channels),
        epilogue_(workspace, args.dx, args.x, args.in_channels,
                  args.extent.batch * args.extent.height * args.extent.width, chunks_.count(),
                  args.execution.threads) {}

  void run() const {
    weight_.pack_for_dgrad(args_.weight);
    prologue_.prepare();
    chunks_.parallel(args_.execution.threads, [this](int64_t index, int64_t begin, int64_t end, int thread) {
      auto epilogue = epilogue_.chunk(index, thread);
      for (int64_t row = begin; row < end; row++) pooled_row(row, dy_.of(thread), epilogue);
    });
    epilogue_.finish();
  }

 private:
  void pooled_row(int64_t row, OperandOf<T>* dy, typename GradientEpilogue<T>::Chunk& epilogue) const {
    prologue_.load(AlongChannels<OperandOf<T>>{dy, out_pitch_}, row * pool_.width(), pool_.width());
    for_tiles(pool_.width(), vectors(args_.in_channels), [&](auto shape, int64_t column, int64_t vector) {
      auto tile = shape.tile();
      weight_.multiply(tile, dy + column * out_pitch_, out_pitch_, vector, 0, [] {});
      const int64_t corner = pool_.corner(row, column);
      for (int64_t at : {corner, corner + 1, corner + args_.extent.width, corner + args_.extent.width + 1}) {
        epilogue.add(tile, vector, at, 2, 0.25f);
      }
    });
    epilogue.flush();
    clear_uncovered(row);
  }

  void clear_uncovered(int64_t row) const {
    const int64_t corner = pool_.corner(row, 0), width = args_.extent.width;
    if (width % 2 == 1) {
      clear(corner + width - 1, 1);
      clear(corner + 2 * width - 1, 1);
    }
    if (args_.extent.height % 2 == 1 && row % pool_.height() == pool_.height() - 1) clear(corner + 2 * width, width);
  }

  void clear(int64_t pixel, int64_t pixels) const {
    for (int64_t p = pixel; p < pixel + pixels && !args_.dx.accumulate; p++) {
      std::fill(sum_.at(p), sum_.at(p, args_.in_channels), T{});
    }
  }

  dn_transition_dgrad_args args_;
  Slice<T> sum_;
  PoolPrologue<T> pool_;
  int64_t out_pitch_;
  Chunks chunks_;
  PackedWeight<OperandOf<T>> weight_;
  PerThread<OperandOf<T>> dy_;
  GradientPrologue<T> prologue_;
  GradientEpilogue<T> epilogue_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(transition_dgrad, Plan, x.value)
