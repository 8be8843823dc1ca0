// Batch statistics of x, running statistics, and y = gamma * xhat + beta: two passes over x.
#include "elementwise.h"
#include "normalization.h"
#include "operation.h"
#include "plain.h"
#include "running.h"
#include "statistics.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_bn_fprop_args& args, Workspace& workspace)
      : args_(args),
        padded_(round_to_lanes(args.channels)),
        chunks_(divide_up(args.pixels, kTile)),
        rows_(workspace, args.execution.threads, kTile * padded_),
        statistics_(workspace, args.statistics, args.channels, chunks_.count(), args.execution.threads),
        normalization_(workspace, args.channels),
        values_(args.pixels, args.channels, args.execution.threads) {}

  void run() const {
    measure();
    const RunningStatistics running(args_.momentum, args_.pixels);
    for (int64_t c = 0; c < args_.channels; c++) {
      running.update(args_.running_mean[c], args_.running_variance[c], args_.statistics.mean[c],
                     args_.statistics.variance[c]);
    }
    normalization_.prepare(args_.statistics, args_.gamma, args_.beta);
    normalization_.run(values_, args_.y, args_.x);
  }

 private:
  void measure() const {
    const PlainPrologue x(args_.x, args_.channels);
    chunks_.parallel(args_.execution.threads, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      auto statistics = statistics_.chunk(index, thread);
      float* rows = rows_.of(thread);
      for (int64_t unit = begin; unit < end; unit++) {
        const int64_t first = unit * kTile, count = std::min(kTile, args_.pixels - first);
        x.load(AlongChannels<float>{rows, padded_}, first, count);
        for_values(count, vectors(args_.channels), [&](auto shape, int64_t row, int64_t vector) {
          auto tile = shape.tile();
          tile.load_from(rows + row * padded_ + vector * kLanes, padded_);
          statistics.add(tile, row, vector);
        });
        statistics.flush(count);
      }
    });
    statistics_.finish();
  }

  static constexpr int64_t kTile = 64;

  dn_bn_fprop_args args_;
  int64_t padded_;
  Chunks chunks_;
  PerThread<float> rows_;
  StatisticsEpilogue statistics_;
  Normalization normalization_;
  Elementwise values_;
};

}  // namespace

DN_DEFINE_OPERATION(bn_fprop, Plan)
