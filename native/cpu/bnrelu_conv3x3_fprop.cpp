// y = conv3x3(relu(scale * x + shift)), padding 1, with dropout and the batch statistics of y.
#include "bands.h"
#include "bnrelu.h"
#include "chunks.h"
#include "operation.h"
#include "output.h"
#include "pack.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_bnrelu_conv3x3_fprop_args& args, Workspace& workspace)
      : args_(args),
        in_pitch_(round_to_lanes(args.in_channels)),
        out_pitch_(round_to_lanes(args.out_channels)),
        bands_(args.extent, in_pitch_),
        chunks_(bands_.count()),
        weight_(workspace.take<float>(9 * args.in_channels * out_pitch_)),
        buffer_(workspace, args.execution.threads, bands_.buffer_floats()),
        output_(workspace, args.y, args.y_statistics, args.dropout, args.out_channels, chunks_.count(),
                args.execution.threads) {}

  void run() const {
    pack_for_fprop(weight_, args_.weight, 9, args_.in_channels, args_.out_channels);
    chunks_.parallel(args_.execution.threads, [this](int64_t index, int64_t begin, int64_t end, int thread) {
      auto output = output_.chunk(index, thread);
      for (int64_t unit = begin; unit < end; unit++) band(bands_.at(unit), buffer_.of(thread), output);
    });
    output_.finish();
  }

 private:
  void band(const Band& band, float* buffer, OutputEpilogue::Chunk& output) const {
    bands_.load(buffer, band, [this](float* to, int64_t to_pitch, int64_t first, int64_t pixels) {
      bnrelu(to, to_pitch, args_.x.data + first * args_.x.pitch, args_.x.pitch, args_.affine, pixels, args_.in_channels);
    });
    const int64_t width = args_.extent.width;
    for (int64_t r = 0; r < band.rows; r++) {
      for_tiles(width, vectors(args_.out_channels), [&](auto tile, int64_t column, int64_t vector) {
        tile.clear();
        for (int64_t tap = 0; tap < 9; tap++) {
          tile.multiply_in_runs(buffer + (r + tap / 3) * bands_.row_pitch() + (column + tap % 3) * in_pitch_, in_pitch_,
                        weight_ + tap * args_.in_channels * out_pitch_ + vector * kLanes, out_pitch_,
                        args_.in_channels);
        }
        output.add(tile, band.pixel + r * width + column, column, vector);
      });
      output.flush(width);
    }
  }

  dn_bnrelu_conv3x3_fprop_args args_;
  int64_t in_pitch_, out_pitch_;
  Bands bands_;
  Chunks chunks_;
  float* weight_;
  PerThread<float> buffer_;
  OutputEpilogue output_;
};

}  // namespace

DN_DEFINE_OPERATION(bnrelu_conv3x3_fprop, Plan)
