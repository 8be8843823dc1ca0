// dweight = sum over pixels of dy (corrected) times relu(scale * x + shift) at each of the nine taps.
#include "bands.h"
#include "bnrelu.h"
#include "chunks.h"
#include "gradient.h"
#include "operation.h"
#include "pointwise.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_bnrelu_conv3x3_wgrad_args& args, Workspace& workspace)
      : args_(args),
        in_pitch_(round_to_lanes(args.in_channels)),
        out_pitch_(round_to_lanes(args.out_channels)),
        floats_(9 * args.out_channels * in_pitch_),
        bands_(args.extent, in_pitch_),
        chunks_(bands_.count(), PointwiseWgrad::most_chunks(floats_)),
        buffer_(workspace, args.execution.threads, bands_.buffer_floats()),
        dy_(workspace, args.execution.threads, bands_.most_rows() * args.extent.width * out_pitch_),
        prologue_(workspace, args.y, args.dropout, args.out_channels),
        partial_(workspace.take<float>(chunks_.count() * floats_)) {}

  void run() const {
    prologue_.prepare();
    chunks_.parallel(args_.execution.threads, [this](int64_t index, int64_t begin, int64_t end, int thread) {
      float* partial = partial_ + index * floats_; // (tap, out, in padded)
      std::fill(partial, partial + floats_, 0.0f);
      for (int64_t unit = begin; unit < end; unit++) {
        band(bands_.at(unit), buffer_.of(thread), dy_.of(thread), partial);
      }
    });
    reduce();
  }

 private:
  void band(const Band& band, float* buffer, float* dy, float* partial) const {
    bands_.load(buffer, band, [this](float* to, int64_t to_pitch, int64_t first, int64_t pixels) {
      bnrelu(to, to_pitch, args_.x.data + first * args_.x.pitch, args_.x.pitch, args_.affine, pixels, args_.in_channels);
    });
    const int64_t width = args_.extent.width;
    prologue_.load(dy, out_pitch_, band.pixel, band.rows * width);
    for (int64_t tap = 0; tap < 9; tap++) {
      const float* shifted = buffer + tap / 3 * bands_.row_pitch() + tap % 3 * in_pitch_;
      for_tiles(args_.out_channels, vectors(args_.in_channels), [&](auto tile, int64_t o, int64_t vector) {
        tile.clear();
        for (int64_t r = 0; r < band.rows; r++) {
          tile.outer(dy + r * width * out_pitch_ + o, out_pitch_, shifted + r * bands_.row_pitch() + vector * kLanes,
                     in_pitch_, width);
        }
        tile.add_to(partial + (tap * args_.out_channels + o) * in_pitch_ + vector * kLanes, in_pitch_);
      });
    }
  }

  // (chunk, tap, out, in padded) to (out, in, tap)
  void reduce() const {
    Chunks(args_.out_channels).parallel(args_.execution.threads, [this](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t o = begin; o < end; o++) {
        for (int64_t tap = 0; tap < 9; tap++) {
          for (int64_t i = 0; i < args_.in_channels; i++) {
            const float* from = partial_ + (tap * args_.out_channels + o) * in_pitch_ + i;
            double sum = 0;
            for (int64_t k = 0; k < chunks_.count(); k++) sum += from[k * floats_];
            args_.dweight[(o * args_.in_channels + i) * 9 + tap] = static_cast<float>(sum);
          }
        }
      }
    });
  }

  dn_bnrelu_conv3x3_wgrad_args args_;
  int64_t in_pitch_, out_pitch_, floats_;
  Bands bands_;
  Chunks chunks_;
  PerThread<float> buffer_, dy_;
  GradientPrologue prologue_;
  float* partial_;
};

}  // namespace

DN_DEFINE_OPERATION(bnrelu_conv3x3_wgrad, Plan)
