// The gradient of x through the head: every pixel of an image gets the pooled gradient's share, masked, scaled by gamma.
#include "chunks.h"
#include "gradient.h"
#include "operation.h"

namespace {

using namespace dn;

template <class T>
class Plan {
 public:
  Plan(const dn_head_dgrad_args& args, Workspace& workspace)
      : args_(args),
        pitch_(round_to_lanes(args.channels)),
        pixels_(args.extent.height * args.extent.width),
        chunks_(args.extent.batch),
        da_(workspace, args.execution.threads, pitch_),
        epilogue_(workspace, args.dx, args.x, args.channels, args.extent.batch * pixels_, chunks_.count(),
                  args.execution.threads) {}

  void run() const {
    chunks_.parallel(args_.execution.threads, [this](int64_t index, int64_t begin, int64_t end, int thread) {
      auto epilogue = epilogue_.chunk(index, thread);
      for (int64_t image = begin; image < end; image++) {
        float* da = da_.of(thread);
        pooled_gradient(image, da);
        for_values(pixels_, vectors(args_.channels), [&](auto shape, int64_t pixel, int64_t vector) {
          auto tile = shape.tile();
          tile.load_from(da + vector * kLanes, 0);
          epilogue.add(tile, vector, image * pixels_ + pixel);
        });
        epilogue.flush();
      }
    });
    epilogue_.finish();
  }

 private:
  // da[c] = sum over classes of dlogits * weight, divided among the pixels
  void pooled_gradient(int64_t image, float* da) const {
    std::fill(da, da + pitch_, 0.0f);
    const float share = 1.0f / static_cast<float>(pixels_);
    for (int64_t k = 0; k < args_.classes; k++) {
      const float dlogit = args_.dlogits[image * args_.classes + k] * share;
      for (int64_t c = 0; c < args_.channels; c++) da[c] += dlogit * args_.weight[k * args_.channels + c];
    }
  }

  dn_head_dgrad_args args_;
  int64_t pitch_, pixels_;
  Chunks chunks_;
  PerThread<float> da_;
  GradientEpilogue<T> epilogue_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(head_dgrad, Plan, x.value)
