// The gradient of x through the max pool: each pooled value hands its gradient to the first of its window's largest
// pre-activations, which is found again rather than remembered; then masked, scaled by gamma and reduced as everywhere.
// Windows of one pooled row reach three rows of x, the last of which the next ones share: so three are all that is kept.
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
        da_(workspace, args.execution.threads, kRows * args.extent.width * pitch_),
        dy_(workspace, args.execution.threads, windows_.width() * pitch_),
        prologue_(workspace, args.y, dn_dropout{}, args.channels),
        epilogue_(workspace, args.dx, args.x, args.channels, args.extent.batch * image_, chunks_.count(),
                  args.execution.threads) {}

  void run() const {
    prologue_.prepare();
    chunks_.parallel(args_.execution.threads, [this](int64_t index, int64_t begin, int64_t end, int thread) {
      auto epilogue = epilogue_.chunk(index, thread);
      for (int64_t image = begin; image < end; image++) one(image, da_.of(thread), dy_.of(thread), epilogue);
    });
    epilogue_.finish();
  }

 private:
  using Epilogue = typename GradientEpilogue<T>::Chunk;
  static constexpr int64_t kRows = 3;

  // da: rows [2 row - 1, 2 row + 1] of one image's (height, width, channels), the first of them not there for row 0.
  void one(int64_t image, float* da, float* dy, Epilogue& epilogue) const {
    const int64_t pitch = args_.extent.width * pitch_, height = args_.extent.height;
    std::fill(da, da + kRows * pitch, 0.0f);
    for (int64_t row = 0; row < windows_.height(); row++) {
      const int64_t top = 2 * row - 1;
      scatter(image, row, da, dy);
      const bool last = row == windows_.height() - 1;
      for (int64_t r = std::max<int64_t>(top, 0); r < (last ? height : top + 2); r++) {
        gather(image, r, da + (r - top) * pitch, epilogue);
      }
      std::copy(da + 2 * pitch, da + 3 * pitch, da);
      std::fill(da + pitch, da + 3 * pitch, 0.0f);
    }
  }

  // Of one pooled row.
  void scatter(int64_t image, int64_t row, float* da, float* dy) const {
    const T* x = x_.at(image * image_);
    prologue_.load(AlongChannels<float>{dy, pitch_}, (image * windows_.height() + row) * windows_.width(), windows_.width());
    for (int64_t column = 0; column < windows_.width(); column++) {
      const Window window = windows_.at(row, column);
      for (int64_t c = 0; c < args_.channels; c += kLanes) {
        hand_on(window, x + c, c, dn::load(dy + column * pitch_ + c), da + c, (2 * row - 1) * args_.extent.width);
      }
    }
  }

  // Adds dy of one vector of channels to the da of each channel's largest pixel; da begins with pixel `first`. Pixels are
  // counted in floats, which hold these numbers exactly, because then lanes can choose them.
  void hand_on(const Window& window, const T* x, int64_t c, Vec dy, float* da, int64_t first) const {
    const Vec best = largest(window, x, c);
    float count = 0;
    for_pixels(window, [&](int64_t at) {
      const Vec off = best - broadcast(count++);
      float* to = da + (at - first) * pitch_;
      store(to, dn::load(to) + where_positive(fma(zero() - off, off, broadcast(0.5f)), dy));
    });
  }

  // The number in its window of each channel's first largest pre-activation.
  Vec largest(const Window& window, const T* x, int64_t c) const {
    const int64_t n = lanes(c, args_.channels);
    const Vec scale = load(args_.x.affine.scale + c, n), shift = load(args_.x.affine.shift + c, n);
    const auto value = [&](int64_t at) { return fma(load(x + at * x_.pitch, n), scale, shift); };
    Vec best = zero(), most = value(window.top * args_.extent.width + window.left);
    float count = 0;
    for_pixels(window, [&](int64_t at) {
      const Vec other = value(at);
      best = best + where_positive(other - most, broadcast(count++) - best);
      most = max(other, most);
    });
    return best;
  }

  template <class Body>
  DN_INLINE void for_pixels(const Window& window, const Body& body) const {
    for (int64_t row = window.top; row < window.bottom; row++) {
      for (int64_t column = window.left; column < window.right; column++) body(row * args_.extent.width + column);
    }
  }

  // Hands one row of da to the epilogue.
  void gather(int64_t image, int64_t row, const float* da, Epilogue& epilogue) const {
    const int64_t width = args_.extent.width;
    for_values(width, vectors(args_.channels), [&](auto shape, int64_t column, int64_t vector) {
      auto tile = shape.tile();
      tile.load_from(da + column * pitch_ + vector * kLanes, pitch_);
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
