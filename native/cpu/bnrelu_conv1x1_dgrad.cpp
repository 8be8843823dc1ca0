// The gradient of x through y = conv1x1(relu(BN(x))): masked, scaled by gamma, added to the deferred gradient of x, and
// reduced to dgamma, dbeta and x's correction terms.
#include "gradient.h"
#include "operation.h"
#include "pointwise.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_bnrelu_conv1x1_dgrad_args& args, Workspace& workspace)
      : args_(args),
        product_(workspace, pixels(), args.in_channels, args.out_channels, args.execution.threads),
        prologue_(workspace, args.y, args.dropout, args.out_channels),
        epilogue_(workspace, args.dx, args.x, args.in_channels, pixels(), product_.chunks(), args.execution.threads) {}

  void run() const { product_.run(args_.weight, prologue_, epilogue_); }

 private:
  int64_t pixels() const { return args_.extent.batch * args_.extent.height * args_.extent.width; }

  dn_bnrelu_conv1x1_dgrad_args args_;
  PointwiseDgrad product_;
  GradientPrologue prologue_;
  GradientEpilogue epilogue_;
};

}  // namespace

DN_DEFINE_OPERATION(bnrelu_conv1x1_dgrad, Plan)
