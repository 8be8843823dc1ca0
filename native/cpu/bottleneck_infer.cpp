// y = conv3x3(relu(scale2 * z + shift2)), padding 1, of z = conv1x1(relu(scale1 * x + shift1)). z of a band of rows stays
// in a second-level cache. In float32 by the larger of Winograd's tiles: its rounding could turn the sign of what a ReLU
// takes, which changes a gradient by all of it, but an inference by no more than was rounded. bfloat16 has no digits left
// for it.
#include <type_traits>

#include "bottleneck.h"
#include "conv3x3.h"
#include "operation.h"
#include "output.h"

namespace {

template <class T>
class Plan {
 public:
  Plan(const dn_bottleneck_infer_args& args, dn::Workspace& workspace)
      : args_(args),
        bottleneck_(args, workspace),
        convolution_(workspace, args.extent, args.bottleneck_channels, args.out_channels, args.execution.threads),
        output_(workspace, args.y, {}, {}, args.out_channels, convolution_.chunks(), args.execution.threads) {}

  void run() const {
    bottleneck_.prepare(args_.weight1);
    convolution_.fprop(args_.weight2, bottleneck_, output_);
  }

 private:
  using Operand = dn::OperandOf<T>;
  static constexpr int kSide = std::is_same_v<Operand, float> ? 4 : 2; // of a tile

  dn_bottleneck_infer_args args_;
  dn::BottleneckPrologue<T> bottleneck_;
  dn::Conv3x3Product<Operand, kSide> convolution_;
  dn::OutputEpilogue<T> output_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(bottleneck_infer, Plan, x)
