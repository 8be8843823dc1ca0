// The gradient of x through the max pool: each pooled value hands its gradient to the first of its window's largest
// pre-activations, which is found again rather than remembered; then masked, scaled by gamma and reduced as everywhere.
#include "chunks.h"
#include "gradient.h"
#include "operation.h"
#include "windows.h"

namespace {

using namespace dn;

template <class T>
class Plan {
 public:
  Plan(const dn_bnrelu_maxpool_dgrad_args& args, Workspace& workspace)
      : args_(args),
        x_(args.x.value),
        windows_(args.extent),
        pitch_(round_to_lanes(args.channels)),
        image_(args.extent.height * args.extent.width),
        chunks_(args.extent.batch),
        da_(workspace, args.execution.threads, image_ * pitch_),
        dy_(workspace, args.execution.threads, windows_.width() * pitch_),
        prologue_(workspace, args.y, dn_dropout{}, args.channels),
        epilogue_(workspace, args.dx, args.x, args.channels, args.extent.batch * image_, chunks_.count(),
                  args.execution.threads) {}

  void run() const {
    prologue_.prepare();
    chunks_.parallel(args_.execution.threads, [this](int64_t index, int64_t begin, int64_t end, int thread) {
      auto epilogue = epilogue_.chunk(index, thread);
      for (int64_t image = begin; image < end; image++) {
        scatter(image, da_.of(thread), dy_.of(thread));
        for (int64_t row = 0; row < args_.extent.height; row++) gather(image, row, da_.of(thread), epilogue);
      }
    });
    epilogue_.finish();
  }

 private:
  // da (height, width, channels) of one image
  void scatter(int64_t image, float* da, float* dy) const {
    std::fill(da, da + image_ * pitch_, 0.0f);
    const T* x = x_.at(image * image_);
    for (int64_t row = 0; row < windows_.height(); row++) {
      prologue_.load(AlongChannels<float>{dy, pitch_}, (image * windows_.height() + row) * windows_.width(), windows_.width());
      for (int64_t column = 0; column < windows_.width(); column++) {
        const Window window = windows_.at(row, column);
        for (int64_t c = 0; c < args_.channels; c++) da[largest(x, window, c) * pitch_ + c] += dy[column * pitch_ + c];
      }
    }
  }

  int64_t largest(const T* x, const Window& window, int64_t c) const {
    const float scale = args_.x.affine.scale[c], shift = args_.x.affine.shift[c];
    int64_t best = window.top * args_.extent.width + window.left;
    float value = to_float(x[best * x_.pitch + c]) * scale + shift;
    for (int64_t row = window.top; row < window.bottom; row++) {
      for (int64_t column = window.left; column < window.right; column++) {
        const int64_t at = row * args_.extent.width + column;
        const float other = to_float(x[at * x_.pitch + c]) * scale + shift;
        if (other > value) {
          best = at;
          value = other;
        }
      }
    }
    return best;
  }

  void gather(int64_t image, int64_t row, const float* da, typename GradientEpilogue<T>::Chunk& epilogue) const {
    const int64_t width = args_.extent.width;
    for_tiles(width, vectors(args_.channels), [&](auto tile, int64_t column, int64_t vector) {
      tile.load_from(da + (row * width + column) * pitch_ + vector * kLanes, pitch_);
      epilogue.add(tile, vector, image * image_ + row * width + column);
    });
    epilogue.flush();
  }

  dn_bnrelu_maxpool_dgrad_args args_;
  Slice<T> x_;
  Windows windows_;
  int64_t pitch_, image_;
  Chunks chunks_;
  PerThread<float> da_, dy_;
  GradientPrologue<T> prologue_;
  GradientEpilogue<T> epilogue_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(bnrelu_maxpool_dgrad, Plan, x.value)
