// dweight = sum over output pixels of dy (corrected) times the pixel's window of the image, multiplied as what y is made of.
#include "gradient.h"
#include "im2col.h"
#include "operation.h"
#include "pointwise.h"

namespace {

template <class T>
class Plan {
 public:
  Plan(const dn_stem_conv_wgrad_args& args, dn::Workspace& workspace)
      : args_(args),
        window_({const_cast<float*>(args.image), args.in_channels, DN_FLOAT32}, args.extent, args.in_channels, args.kernel,
                args.stride, args.padding),
        dweight_(workspace.take<float>(args.out_channels * window_.row())),
        product_(workspace, window_.pixels(), window_.row(), args.out_channels, args.execution.threads),
        gradient_(workspace, args.y, dn_dropout{}, args.out_channels) {}

  void run() const {
    product_.run(dweight_, gradient_, window_);
    window_.from_rows(dweight_, args_.out_channels, args_.dweight);
  }

 private:
  dn_stem_conv_wgrad_args args_;
  dn::Im2colPrologue window_;
  float* dweight_;
  dn::PointwiseWgrad<dn::OperandOf<T>> product_;
  dn::GradientPrologue<T> gradient_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(stem_conv_wgrad, Plan, y.value)
