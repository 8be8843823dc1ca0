// y = conv(x): 1x1 and 3x3 with stride 1 in their own ways, all others by im2col.
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
  Plan(const dn_conv_fprop_args& args, Workspace& workspace)
      : args_(args),
        way_(way_of(args.kernel, args.stride, args.padding)),
        window_(args.x, args.extent, args.in_channels, args.kernel, args.stride, args.padding) {
    const int64_t threads = args.execution.threads;
    if (way_ == Way::kBands) {
      bands_.emplace(workspace, args.extent, args.in_channels, args.out_channels, threads);
    } else {
      product_.emplace(workspace, window_.pixels(), window_.row(), args.out_channels, threads);
    }
    if (way_ == Way::kWindows) weight_ = workspace.take<float>(args.out_channels * window_.row());
  }

  void run() const {
    const PlainPrologue rows(args_.x, args_.in_channels);
    const PlainEpilogue y(args_.y, args_.out_channels);
    if (way_ == Way::kBands) {
      bands_->fprop(args_.weight, rows, y);
    } else if (way_ == Way::kRows) {
      product_->fprop(args_.weight, rows, y);
    } else {
      window_.to_rows(args_.weight, args_.out_channels, weight_);
      product_->fprop(weight_, window_, y);
    }
  }

 private:
  dn_conv_fprop_args args_;
  Way way_;
  Im2colPrologue window_;
  float* weight_ = nullptr;
  std::optional<Conv3x3Product<float>> bands_;
  std::optional<PointwiseProduct<float>> product_;
};

}  // namespace

DN_DEFINE_OPERATION(conv_fprop, Plan)
