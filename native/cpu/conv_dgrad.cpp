// dx = the transposed convolution of dy.
#include <optional>

#include "conv3x3.h"
#include "operation.h"
#include "plain.h"
#include "pointwise.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_conv_dgrad_args& args, Workspace& workspace) : args_(args) {
    if (args.kernel == 3) {
      bands_.emplace(workspace, args.extent, args.out_channels, args.in_channels, args.execution.threads);
    } else {
      product_.emplace(workspace, args.extent.batch * args.extent.height * args.extent.width, args.out_channels,
                       args.in_channels, args.execution.threads);
    }
  }

  void run() const {
    const PlainPrologue dy(args_.dy, args_.out_channels);
    const PlainEpilogue dx(args_.dx, args_.in_channels);
    if (bands_) {
      bands_->dgrad(args_.weight, dy, dx);
    } else {
      product_->dgrad(args_.weight, dy, dx);
    }
  }

 private:
  dn_conv_dgrad_args args_;
  std::optional<Conv3x3Product<float>> bands_;
  std::optional<PointwiseProduct<float>> product_;
};

}  // namespace

extern "C" int dn_conv_dgrad(const dn_conv_dgrad_args* args) {
  if (args->kernel != 1 && args->kernel != 3) return dn_invalid("conv_dgrad", "kernel", args->kernel, 3);
  return dn::run<Plan>("conv_dgrad", args);
}

extern "C" int64_t dn_conv_dgrad_workspace(const dn_conv_dgrad_args* args) { return dn::workspace_bytes<Plan>(args); }
