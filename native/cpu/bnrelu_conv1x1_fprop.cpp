// y = conv1x1(relu(scale * x + shift)), with dropout and the batch statistics of y.
#include "bnrelu.h"
#include "operation.h"
#include "output.h"
#include "pointwise.h"

namespace {

template <class T>
class Plan {
 public:
  Plan(const dn_bnrelu_conv1x1_fprop_args& args, dn::Workspace& workspace)
      : args_(args),
        product_(workspace, args.extent.batch * args.extent.height * args.extent.width, args.in_channels,
                 args.out_channels, args.execution.threads),
        output_(workspace, args.y, args.y_statistics, args.dropout, args.out_channels, product_.chunks(),
                args.execution.threads) {}

  void run() const {
    product_.fprop(args_.weight, dn::BnReluPrologue<T>(args_.x, args_.affine, args_.in_channels), output_);
  }

 private:
  dn_bnrelu_conv1x1_fprop_args args_;
  dn::PointwiseProduct<dn::OperandOf<T>> product_;
  dn::OutputEpilogue<T> output_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(bnrelu_conv1x1_fprop, Plan, x)
