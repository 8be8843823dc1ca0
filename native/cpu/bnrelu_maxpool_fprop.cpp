// y = maxpool3x3(relu(scale * x + shift)), stride 2, padding 1, with the batch statistics of y. A padded pixel never
// wins: it counts as 0, and after the ReLU no value is less.
#include "chunks.h"
#include "operation.h"
#include "output.h"
#include "windows.h"

namespace {

using namespace dn;

template <class T>
class Plan {
 public:
  Plan(const dn_bnrelu_maxpool_fprop_args& args, Workspace& workspace)
      : args_(args),
        x_(args.x),
        windows_(args.extent),
        chunks_(args.extent.batch * windows_.height()),
        output_(workspace, args.y, args.y_statistics, dn_dropout{}, args.channels, chunks_.count(),
                args.execution.threads) {}

  void run() const {
    chunks_.parallel(args_.execution.threads, [this](int64_t index, int64_t begin, int64_t end, int thread) {
      auto output = output_.chunk(index, thread);
      for (int64_t row = begin; row < end; row++) {
        for (int64_t column = 0; column < windows_.width(); column++) pool(row, column, output);
        output.flush(windows_.width());
      }
    });
    output_.finish();
  }

 private:
  void pool(int64_t row, int64_t column, typename OutputEpilogue<T>::Chunk& output) const {
    const Window window = windows_.at(row % windows_.height(), column);
    const T* image = x_.at(row / windows_.height() * args_.extent.height * args_.extent.width);
    for (int64_t c = 0; c < args_.channels; c += kLanes) {
      const int64_t n = lanes(c, args_.channels);
      const Vec scale = load(args_.affine.scale + c, n), shift = load(args_.affine.shift + c, n);
      Tile<1, 1> largest;
      for (int64_t y = window.top; y < window.bottom; y++) {
        for (int64_t x = window.left; x < window.right; x++) {
          const Vec at = fma(load(image + (y * args_.extent.width + x) * x_.pitch + c, n), scale, shift);
          largest.acc[0][0] = max(largest.acc[0][0], at);
        }
      }
      output.add(largest, row * windows_.width() + column, column, c / kLanes);
    }
  }

  dn_bnrelu_maxpool_fprop_args args_;
  Slice<T> x_;
  Windows windows_;
  Chunks chunks_;
  OutputEpilogue<T> output_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(bnrelu_maxpool_fprop, Plan, x)
