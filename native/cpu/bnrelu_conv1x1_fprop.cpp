// y = conv1x1(relu(scale * x + shift)), with dropout and the batch statistics of y.
#include "bnrelu.h"
#include "operation.h"
#include "pointwise.h"

namespace {

class Plan {
 public:
  Plan(const dn_bnrelu_conv1x1_fprop_args& args, dn::Workspace& workspace)
      : args_(args),
        product_(workspace, args.y, args.y_statistics, args.dropout,
                 args.extent.batch * args.extent.height * args.extent.width, args.in_channels, args.out_channels,
                 args.execution.threads) {}

  void run() const {
    product_.run(args_.weight, dn::BnReluPrologue(args_.x, args_.affine, args_.in_channels));
  }

 private:
  dn_bnrelu_conv1x1_fprop_args args_;
  dn::PointwiseFprop product_;
};

}  // namespace

DN_DEFINE_OPERATION(bnrelu_conv1x1_fprop, Plan)
