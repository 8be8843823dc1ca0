// The gradient of x through y = conv3x3(relu(BN(x))): masked, scaled by gamma, put into the deferred gradient of x, and
// reduced to dgamma, dbeta and x's correction terms.
#include "conv3x3.h"
#include "gradient.h"
#include "operation.h"

namespace {

using namespace dn;

template <class T>
class Plan {
 public:
  Plan(const dn_bnrelu_conv3x3_dgrad_args& args, Workspace& workspace)
      : args_(args),
        convolution_(workspace, args.extent, args.in_channels, args.out_channels, args.execution.threads),
        prologue_(workspace, args.y, args.dropout, args.out_channels),
        epilogue_(workspace, args.dx, args.x, args.in_channels,
                  args.extent.batch * args.extent.height * args.extent.width, convolution_.chunks(),
                  args.execution.threads) {}

  void run() const { convolution_.run(args_.weight, prologue_, epilogue_); }

 private:
  dn_bnrelu_conv3x3_dgrad_args args_;
  Conv3x3Dgrad<T> convolution_;
  GradientPrologue<T> prologue_;
  GradientEpilogue<T> epilogue_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(bnrelu_conv3x3_dgrad, Plan, x.value)
