// y = conv(image), with the batch statistics of y.
#include "im2col.h"
#include "operation.h"
#include "pointwise.h"

namespace {

class Plan {
 public:
  Plan(const dn_stem_conv_fprop_args& args, dn::Workspace& workspace)
      : args_(args),
        window_({const_cast<float*>(args.image), args.in_channels}, args.extent, args.in_channels, args.kernel,
                args.stride, args.padding),
        product_(workspace, args.y, args.y_statistics, dn_dropout{}, window_.pixels(), window_.row(), args.out_channels,
                 args.execution.threads) {}

  void run() const {
    product_.run(args_.weight, window_);
  }

 private:
  dn_stem_conv_fprop_args args_;
  dn::Im2colPrologue window_;
  dn::PointwiseFprop product_;
};

}  // namespace

DN_DEFINE_OPERATION(stem_conv_fprop, Plan)
