// Batch statistics to scale and shift for one consumer, and into its running statistics.
#include <cmath>

#include "operation.h"
#include "running.h"

namespace {

class Plan {
 public:
  Plan(const dn_bn_finalize_args& args, dn::Workspace&) : args_(args) {}

  void run() const {
    const dn::RunningStatistics running(args_.momentum, args_.pixels);
    for (int64_t c = 0; c < args_.channels; c++) {
      const double mean = args_.statistics.mean[c], variance = args_.statistics.variance[c];
      const double scale = args_.gamma[c] / std::sqrt(variance + DN_BN_EPSILON);
      args_.affine.scale[c] = static_cast<float>(scale);
      args_.affine.shift[c] = static_cast<float>(args_.beta[c] - mean * scale);
      running.update(args_.running_mean[c], args_.running_variance[c], mean, variance);
    }
  }

 private:
  dn_bn_finalize_args args_;
};

}  // namespace

DN_DEFINE_OPERATION(bn_finalize, Plan)
