// The gradient of x through y = conv3x3(relu(BN(x))): masked, scaled by gamma, put into the deferred gradient of x, and
// reduced to dgamma, dbeta and x's correction terms.
#include "bands.h"
#include "chunks.h"
#include "gradient.h"
#include "operation.h"
#include "pack.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_bnrelu_conv3x3_dgrad_args& args, Workspace& workspace)
      : args_(args),
        in_pitch_(round_to_lanes(args.in_channels)),
        out_pitch_(round_to_lanes(args.out_channels)),
        bands_(args.extent, out_pitch_),
        chunks_(bands_.count()),
        weight_(workspace.take<float>(9 * args.out_channels * in_pitch_)),
        buffer_(workspace, args.execution.threads, bands_.buffer_floats()),
        prologue_(workspace, args.y, args.dropout, args.out_channels),
        epilogue_(workspace, args.dx, args.x, args.in_channels,
                  args.extent.batch * args.extent.height * args.extent.width, chunks_.count(),
                  args.execution.threads) {}

  void run() const {
    pack_for_dgrad(weight_, args_.weight, 9, args_.in_channels, args_.out_channels);
    prologue_.prepare();
    chunks_.parallel(args_.execution.threads, [this](int64_t index, int64_t begin, int64_t end, int thread) {
      auto epilogue = epilogue_.chunk(index, thread);
      for (int64_t unit = begin; unit < end; unit++) band(bands_.at(unit), buffer_.of(thread), epilogue);
    });
    epilogue_.finish();
  }

 private:
  void band(const Band& band, float* buffer, GradientEpilogue::Chunk& epilogue) const {
    bands_.load(buffer, band, [this](float* to, int64_t to_pitch, int64_t first, int64_t pixels) {
      prologue_.load(to, to_pitch, first, pixels);
    });
    const int64_t width = args_.extent.width;
    for (int64_t r = 0; r < band.rows; r++) {
      for_tiles(width, vectors(args_.in_channels), [&](auto tile, int64_t column, int64_t vector) {
        tile.clear();
        for (int64_t tap = 0; tap < 9; tap++) {
          tile.multiply(buffer + (r + tap / 3) * bands_.row_pitch() + (column + tap % 3) * out_pitch_, out_pitch_,
                        weight_ + tap * args_.out_channels * in_pitch_ + vector * kLanes, in_pitch_,
                        args_.out_channels);
        }
        epilogue.add(tile, vector, band.pixel + r * width + column);
      });
    }
    epilogue.flush();
  }

  dn_bnrelu_conv3x3_dgrad_args args_;
  int64_t in_pitch_, out_pitch_;
  Bands bands_;
  Chunks chunks_;
  float* weight_;
  PerThread<float> buffer_;
  GradientPrologue prologue_;
  GradientEpilogue epilogue_;
};

}  // namespace

DN_DEFINE_OPERATION(bnrelu_conv3x3_dgrad, Plan)
