// y = maxpool 3x3, stride 2, padding 1; a padded pixel never wins.
#include <limits>

#include "chunks.h"
#include "operation.h"
#include "element.h"
#include "windows.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_maxpool_fprop_args& args, Workspace&)
      : args_(args), y_(args.y), x_(args.x), windows_(args.extent), chunks_(args.extent.batch * windows_.height()) {}

  void run() const {
    chunks_.parallel(args_.execution.threads, [this](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t row = begin; row < end; row++) {
        for (int64_t column = 0; column < windows_.width(); column++) pool(row, column);
      }
    });
  }

 private:
  void pool(int64_t row, int64_t column) const {
    const Window window = windows_.at(row % windows_.height(), column);
    const float* image = x_.at(row / windows_.height() * args_.extent.height * args_.extent.width);
    float* y = y_.at(row * windows_.width() + column);
    for (int64_t c = 0; c < args_.channels; c += kLanes) {
      const int64_t n = lanes(c, args_.channels);
      Vec largest = broadcast(-std::numeric_limits<float>::infinity());
      for (int64_t v = window.top; v < window.bottom; v++) {
        for (int64_t h = window.left; h < window.right; h++) {
          largest = max(largest, load(image + (v * args_.extent.width + h) * args_.x.pitch + c, n));
        }
      }
      store(y + c, largest, n);
    }
  }

  dn_maxpool_fprop_args args_;
  Slice<float> y_, x_;
  Windows windows_;
  Chunks chunks_;
};

}  // namespace

DN_DEFINE_OPERATION(maxpool_fprop, Plan)
