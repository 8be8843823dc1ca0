// y = conv(image), with the batch statistics of y. The image is float32 and multiplied as such, whatever y is
// made of: what is rounded here, every later layer would amplify.
#include "im2col.h"
#include "operation.h"
#include "output.h"
#include "pointwise.h"

namespace {

template <class T>
class Plan {
 public:
  Plan(const dn_stem_conv_fprop_args& args, dn::Workspace& workspace)
      : args_(args),
        window_({const_cast<float*>(args.image), args.in_channels, DN_FLOAT32}, args.extent, args.in_channels, args.kernel,
                args.stride, args.padding),
        weight_(workspace.take<float>(args.out_channels * window_.row())),
        product_(workspace, window_.pixels(), window_.row(), args.out_channels, args.execution.threads),
        output_(workspace, args.y, args.y_statistics, dn_dropout{}, args.out_channels, product_.chunks(),
                args.execution.threads) {}

  void run() const {
    window_.to_rows(args_.weight, args_.out_channels, weight_);
    product_.fprop(weight_, window_, output_);
  }

 private:
  dn_stem_conv_fprop_args args_;
  dn::Im2colPrologue window_;
  float* weight_;
  dn::PointwiseProduct<float> product_;
  dn::OutputEpilogue<T> output_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(stem_conv_fprop, Plan, y)
