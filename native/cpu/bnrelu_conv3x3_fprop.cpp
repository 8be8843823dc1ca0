// y = conv3x3(relu(scale * x + shift)), padding 1, with dropout and the batch statistics of y.
#include "bnrelu.h"
#include "conv3x3.h"
#include "operation.h"

namespace {

class Plan {
 public:
  Plan(const dn_bnrelu_conv3x3_fprop_args& args, dn::Workspace& workspace)
      : args_(args),
        convolution_(workspace, args.y, args.y_statistics, args.dropout, args.extent, args.in_channels,
                     args.out_channels, args.execution.threads) {}

  void run() const {
    convolution_.run(args_.weight, dn::BnReluPrologue(args_.x, args_.affine, args_.in_channels));
  }

 private:
  dn_bnrelu_conv3x3_fprop_args args_;
  dn::Conv3x3Fprop convolution_;
};

}  // namespace

DN_DEFINE_OPERATION(bnrelu_conv3x3_fprop, Plan)
