// y = mean of each window of window x window pixels.
#include "chunks.h"
#include "operation.h"
#include "element.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_avgpool_fprop_args& args, Workspace&)
      : args_(args),
        y_(args.y),
        x_(args.x),
        height_(args.extent.height / args.window),
        width_(args.extent.width / args.window),
        chunks_(args.extent.batch * height_) {}

  void run() const {
    chunks_.parallel(args_.execution.threads, [this](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t row = begin; row < end; row++) {
        for (int64_t column = 0; column < width_; column++) pool(row, column);
      }
    });
  }

 private:
  void pool(int64_t row, int64_t column) const {
    const int64_t image = row / height_, top = row % height_ * args_.window, pitch = args_.x.pitch;
    const float* corner =
        x_.at((image * args_.extent.height + top) * args_.extent.width + column * args_.window);
    float* y = y_.at(row * width_ + column);
    const Vec share = broadcast(1.0f / static_cast<float>(args_.window * args_.window));
    for (int64_t c = 0; c < args_.channels; c += kLanes) {
      const int64_t n = lanes(c, args_.channels);
      Vec sum = zero();
      for (int64_t v = 0; v < args_.window; v++) {
        for (int64_t h = 0; h < args_.window; h++) {
          sum = sum + load(corner + (v * args_.extent.width + h) * pitch + c, n);
        }
      }
      store(y + c, sum * share, n);
    }
  }

  dn_avgpool_fprop_args args_;
  Slice<float> y_, x_;
  int64_t height_, width_;
  Chunks chunks_;
};

}  // namespace

DN_DEFINE_OPERATION(avgpool_fprop, Plan)
