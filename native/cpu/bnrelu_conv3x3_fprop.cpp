// y = conv3x3(relu(scale * x + shift)), padding 1, with dropout and the batch statistics of y.
#include "bnrelu.h"
#include "conv3x3.h"
#include "operation.h"
#include "output.h"

namespace {

template <class T>
class Plan {
 public:
  Plan(const dn_bnrelu_conv3x3_fprop_args& args, dn::Workspace& workspace)
      : args_(args),
        convolution_(workspace, args.extent, args.in_channels, args.out_channels, args.execution.threads),
        output_(workspace, args.y, args.y_statistics, args.dropout, args.out_channels, convolution_.chunks(),
                args.execution.threads) {}

  void run() const {
    convolution_.fprop(args_.weight, dn::BnReluPrologue<T>(args_.x, args_.affine, args_.in_channels), output_);
  }

 private:
  dn_bnrelu_conv3x3_fprop_args args_;
  dn::Conv3x3Product<dn::OperandOf<T>> convolution_;
  dn::OutputEpilogue<T> output_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(bnrelu_conv3x3_fprop, Plan, x)
