// dweight = sum over pixels of dy (corrected) times relu(scale * x + shift).
#include "bnrelu.h"
#include "gradient.h"
#include "operation.h"
#include "pointwise.h"

namespace {

class Plan {
 public:
  Plan(const dn_bnrelu_conv1x1_wgrad_args& args, dn::Workspace& workspace)
      : args_(args),
        product_(workspace, args.extent.batch * args.extent.height * args.extent.width,
                 args.in_channels, args.out_channels, args.execution.threads),
        gradient_(workspace, args.y, args.dropout, args.out_channels) {}

  void run() const {
    product_.run(args_.dweight, gradient_, dn::BnReluPrologue(args_.x, args_.affine, args_.in_channels));
  }

 private:
  dn_bnrelu_conv1x1_wgrad_args args_;
  dn::PointwiseWgrad product_;
  dn::GradientPrologue gradient_;
};

}  // namespace

DN_DEFINE_OPERATION(bnrelu_conv1x1_wgrad, Plan)
