// pooled = global average of relu(scale * x + shift); logits = pooled * weight^T + bias. An image is one unit of work.
#include <algorithm>

#include "chunks.h"
#include "element.h"
#include "operation.h"

namespace {

using namespace dn;

template <class T>
class Plan {
 public:
  Plan(const dn_head_fprop_args& args, Workspace&) : args_(args), x_(args.x), chunks_(args.extent.batch) {}

  void run() const {
    chunks_.parallel(args_.execution.threads, [this](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t image = begin; image < end; image++) {
        pool(image);
        classify(image);
      }
    });
  }

 private:
  void pool(int64_t image) const {
    const int64_t pixels = args_.extent.height * args_.extent.width, pitch = x_.pitch;
    const T* x = x_.at(image * pixels);
    const Vec share = broadcast(1.0f / static_cast<float>(pixels));
    for (int64_t c = 0; c < args_.channels; c += kLanes) {
      const int64_t n = lanes(c, args_.channels);
      const Vec scale = load(args_.affine.scale + c, n), shift = load(args_.affine.shift + c, n);
      Vec sum = zero();
      for (int64_t p = 0; p < pixels; p++) sum = sum + relu(fma(load(x + p * pitch + c, n), scale, shift));
      store(args_.pooled + image * args_.channels + c, sum * share, n);
    }
  }

  void classify(int64_t image) const {
    const float* pooled = args_.pooled + image * args_.channels;
    for (int64_t k = 0; k < args_.classes; k++) {
      double logit = args_.bias[k];
      for (int64_t c = 0; c < args_.channels; c++) logit += pooled[c] * args_.weight[k * args_.channels + c];
      args_.logits[image * args_.classes + k] = static_cast<float>(logit);
    }
  }

  dn_head_fprop_args args_;
  Slice<T> x_;
  Chunks chunks_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(head_fprop, Plan, x)
