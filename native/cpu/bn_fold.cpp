// Running statistics to scale and shift: batch normalisation at inference.
#include <cmath>

#include "operation.h"

namespace {

class Plan {
 public:
  Plan(const dn_bn_fold_args& args, dn::Workspace&) : args_(args) {}

  void run() const {
    for (int64_t c = 0; c < args_.channels; c++) {
      const double variance = args_.running_variance[c];
      const double scale = args_.gamma[c] / std::sqrt(variance + DN_BN_EPSILON);
      args_.affine.scale[c] = static_cast<float>(scale);
      args_.affine.shift[c] = static_cast<float>(args_.beta[c] - args_.running_mean[c] * scale);
    }
  }

 private:
  dn_bn_fold_args args_;
};

}  // namespace

DN_DEFINE_OPERATION(bn_fold, Plan)
