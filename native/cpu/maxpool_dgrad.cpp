// Each dy goes to the first of its window's largest values, which is found again rather than remembered. An image is
// one unit of work: windows overlap.
#include <algorithm>

#include "chunks.h"
#include "element.h"
#include "operation.h"
#include "windows.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_maxpool_dgrad_args& args, Workspace&)
      : args_(args), dx_(args.dx), x_(args.x), dy_(args.dy), windows_(args.extent), chunks_(args.extent.batch) {}

  void run() const {
    chunks_.parallel(args_.execution.threads, [this](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t image = begin; image < end; image++) scatter(image);
    });
  }

 private:
  void scatter(int64_t image) const {
    const int64_t pixels = args_.extent.height * args_.extent.width;
    const float* x = x_.at(image * pixels);
    float* dx = dx_.at(image * pixels);
    for (int64_t p = 0; p < pixels; p++) std::fill(dx + p * args_.dx.pitch, dx + p * args_.dx.pitch + args_.channels, 0.0f);
    for (int64_t row = 0; row < windows_.height(); row++) {
      for (int64_t column = 0; column < windows_.width(); column++) {
        const Window window = windows_.at(row, column);
        const int64_t at = (image * windows_.height() + row) * windows_.width() + column;
        const float* dy = dy_.at(at);
        for (int64_t c = 0; c < args_.channels; c++) dx[largest(x, window, c) * args_.dx.pitch + c] += dy[c];
      }
    }
  }

  int64_t largest(const float* x, const Window& window, int64_t c) const {
    int64_t best = window.top * args_.extent.width + window.left;
    for (int64_t row = window.top; row < window.bottom; row++) {
      for (int64_t column = window.left; column < window.right; column++) {
        const int64_t at = row * args_.extent.width + column;
        if (x[at * args_.x.pitch + c] > x[best * args_.x.pitch + c]) best = at;
      }
    }
    return best;
  }

  dn_maxpool_dgrad_args args_;
  Slice<float> dx_, x_, dy_;
  Windows windows_;
  Chunks chunks_;
};

}  // namespace

DN_DEFINE_OPERATION(maxpool_dgrad, Plan)
