// y = conv1x1(avgpool2x2(relu(scale * x + shift))): the pool commutes with the convolution, so it goes first and leaves
// a quarter of the work. With dropout and the batch statistics of y.
#include "operation.h"
#include "output.h"
#include "pointwise.h"
#include "pool.h"

namespace {

template <class T>
class Plan {
 public:
  Plan(const dn_transition_fprop_args& args, dn::Workspace& workspace)
      : args_(args),
        pool_(args.x, args.affine, args.extent, args.in_channels),
        product_(workspace, pool_.pixels(), args.in_channels, args.out_channels, args.execution.threads),
        output_(workspace, args.y, args.y_statistics, args.dropout, args.out_channels, product_.chunks(),
                args.execution.threads) {}

  void run() const {
    product_.fprop(args_.weight, pool_, output_);
  }

 private:
  dn_transition_fprop_args args_;
  dn::PoolPrologue<T> pool_;
  dn::PointwiseProduct<dn::OperandOf<T>> product_;
  dn::OutputEpilogue<T> output_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(transition_fprop, Plan, x)
