// y = gamma * (x - mean) / sqrt(variance + eps) + beta.
#include "elementwise.h"
#include "normalization.h"
#include "operation.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_bn_infer_args& args, Workspace& workspace)
      : args_(args),
        normalization_(workspace, args.channels),
        values_(args.pixels, args.channels, args.execution.threads) {}

  void run() const {
    normalization_.prepare(args_.statistics, args_.gamma, args_.beta);
    normalization_.run(values_, args_.y, args_.x);
  }

 private:
  dn_bn_infer_args args_;
  Normalization normalization_;
  Elementwise values_;
};

}  // namespace

DN_DEFINE_OPERATION(bn_infer, Plan)
