// dweight = sum over pixels of dy (corrected) times relu(scale * x + shift) at each of the nine taps.
#include "bnrelu.h"
#include "conv3x3.h"
#include "gradient.h"
#include "operation.h"

namespace {

template <class T>
class Plan {
 public:
  Plan(const dn_bnrelu_conv3x3_wgrad_args& args, dn::Workspace& workspace)
      : args_(args),
        convolution_(workspace, args.extent, args.in_channels, args.out_channels, args.execution.threads),
        gradient_(workspace, args.y, args.dropout, args.out_channels) {}

  void run() const {
    convolution_.run(args_.dweight, gradient_, dn::BnReluPrologue<T>(args_.x, args_.affine, args_.in_channels));
  }

 private:
  dn_bnrelu_conv3x3_wgrad_args args_;
  dn::Conv3x3Wgrad<T> convolution_;
  dn::GradientPrologue<T> gradient_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(bnrelu_conv3x3_wgrad, Plan, x)
