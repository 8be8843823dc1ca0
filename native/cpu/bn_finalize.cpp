// Batch statistics to scale and shift for one consumer, and into its running statistics.
#include <cmath>

#include "operation.h"

namespace {

class Plan {
 public:
  Plan(const dn_bn_finalize_args& args, dn::Workspace&) : args_(args) {}

  void run() const {
    const double pixels = static_cast<double>(args_.pixels), unbiased = pixels / (pixels - 1);
    for (int64_t c = 0; c < args_.channels; c++) {
      const double mean = args_.statistics.mean[c], variance = args_.statistics.variance[c];
      const double scale = args_.gamma[c] / std::sqrt(variance + DN_BN_EPSILON);
      args_.affine.scale[c] = static_cast<float>(scale);
      args_.affine.shift[c] = static_cast<float>(args_.beta[c] - mean * scale);
      update(args_.running_mean[c], mean);
      update(args_.running_variance[c], variance * unbiased);
    }
  }

 private:
  void update(float& running, double batch) const {
    running = static_cast<float>((1 - args_.momentum) * running + args_.momentum * batch);
  }

  dn_bn_finalize_args args_;
};

}  // namespace

DN_DEFINE_OPERATION(bn_finalize, Plan)
