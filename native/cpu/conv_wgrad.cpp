// dweight = sum over output pixels of dy times what the convolution read there.
#include <optional>

#include "conv3x3.h"
#include "convolution.h"
#include "im2col.h"
#include "operation.h"
#include "plain.h"
#include "pointwise.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_conv_wgrad_args& args, Workspace& workspace)
      : args_(args),
        way_(way_of(args.kernel, args.stride, args.padding)),
        window_(args.x, args.extent, args.in_channels, args.kernel, args.stride, args.padding) {
    const int64_t threads = args.execution.threads;
    if (way_ == Way::kBands) {
      bands_.emplace(workspace, args.extent, args.in_channels, args.out_channels, threads);
    } else {
      product_.emplace(workspace, window_.pixels(), window_.row(), args.out_channels, threads);
    }
    if (way_ == Way::kWindows) dweight_ = workspace.take<float>(args.out_channels * window_.row());
  }

  void run() const {
    const PlainPrologue rows(args_.x, args_.in_channels), dy(args_.dy, args_.out_channels);
    if (way_ == Way::kBands) {
      bands_->run(args_.dweight, dy, rows);
    } else if (way_ == Way::kRows) {
      product_->run(args_.dweight, dy, rows);
    } else {
      product_->run(dweight_, dy, window_);
      window_.from_rows(dweight_, args_.out_channels, args_.dweight);
    }
  }

 private:
  dn_conv_wgrad_args args_;
  Way way_;
  Im2colPrologue window_;
  float* dweight_ = nullptr;
  std::optional<Conv3x3Wgrad> bands_;
  std::optional<PointwiseWgrad<float>> product_;
};

}  // namespace

DN_DEFINE_OPERATION(conv_wgrad, Plan)
