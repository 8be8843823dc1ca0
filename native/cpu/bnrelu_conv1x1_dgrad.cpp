// The gradient of x through y = conv1x1(relu(BN(x))): masked, scaled by gamma, added to the deferred gradient of x, and
// reduced to dgamma, dbeta and x's correction terms.
#include "chunks.h"
#include "gradient.h"
#include "operation.h"
#include "pack.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_bnrelu_conv1x1_dgrad_args& args, Workspace& workspace)
      : args_(args),
        pixels_(args.extent.batch * args.extent.height * args.extent.width),
        in_pitch_(round_to_lanes(args.in_channels)),
        out_pitch_(round_to_lanes(args.out_channels)),
        chunks_(divide_up(pixels_, kTile)),
        weight_(workspace.take<float>(args.out_channels * in_pitch_)),
        dy_(workspace, args.execution.threads, kTile * out_pitch_),
        prologue_(workspace, args.y, args.dropout, args.out_channels),
        epilogue_(workspace, args.dx, args.x, args.in_channels, pixels_, chunks_.count(), args.execution.threads) {}

  void run() const {
    pack_for_dgrad(weight_, args_.weight, 1, args_.in_channels, args_.out_channels);
    prologue_.prepare();
    chunks_.parallel(args_.execution.threads, [this](int64_t index, int64_t begin, int64_t end, int thread) {
      auto epilogue = epilogue_.chunk(index, thread);
      float* dy = dy_.of(thread);
      for (int64_t unit = begin; unit < end; unit++) {
        const int64_t first = unit * kTile, count = std::min(kTile, pixels_ - first);
        prologue_.load(dy, out_pitch_, first, count);
        for_tiles(count, vectors(args_.in_channels), [&](auto tile, int64_t row, int64_t vector) {
          tile.clear();
          tile.multiply(dy + row * out_pitch_, out_pitch_, weight_ + vector * kLanes, in_pitch_, args_.out_channels);
          epilogue.add(tile, vector, first + row);
        });
        epilogue.flush();
      }
    });
    epilogue_.finish();
  }

 private:
  static constexpr int64_t kTile = 64;

  dn_bnrelu_conv1x1_dgrad_args args_;
  int64_t pixels_, in_pitch_, out_pitch_;
  Chunks chunks_;
  float* weight_;
  PerThread<float> dy_;
  GradientPrologue prologue_;
  GradientEpilogue epilogue_;
};

}  // namespace

DN_DEFINE_OPERATION(bnrelu_conv1x1_dgrad, Plan)
