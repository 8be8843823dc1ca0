// Every pixel of a window gets the same share of its gradient; pixels outside all windows get none.
#include <algorithm>

#include "chunks.h"
#include "operation.h"
#include "element.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_avgpool_dgrad_args& args, Workspace&)
      : args_(args),
        dx_(args.dx),
        dy_(args.dy),
        height_(args.extent.height / args.window),
        width_(args.extent.width / args.window),
        chunks_(args.extent.batch * args.extent.height) {}

  void run() const {
    chunks_.parallel(args_.execution.threads, [this](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t row = begin; row < end; row++) spread(row / args_.extent.height, row % args_.extent.height);
    });
  }

 private:
  void spread(int64_t image, int64_t row) const {
    const Vec share = broadcast(1.0f / static_cast<float>(args_.window * args_.window));
    for (int64_t column = 0; column < args_.extent.width; column++) {
      const int64_t up = row / args_.window, left = column / args_.window;
      float* dx = dx_.at((image * args_.extent.height + row) * args_.extent.width + column);
      if (up >= height_ || left >= width_) {
        std::fill(dx, dx + args_.channels, 0.0f);
        continue;
      }
      const float* dy = dy_.at((image * height_ + up) * width_ + left);
      for (int64_t c = 0; c < args_.channels; c += kLanes) {
        const int64_t n = lanes(c, args_.channels);
        store(dx + c, load(dy + c, n) * share, n);
      }
    }
  }

  dn_avgpool_dgrad_args args_;
  Slice<float> dx_, dy_;
  int64_t height_, width_;
  Chunks chunks_;
};

}  // namespace

DN_DEFINE_OPERATION(avgpool_dgrad, Plan)
