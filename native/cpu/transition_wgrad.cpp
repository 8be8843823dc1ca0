// dweight = sum over pooled pixels of dy (corrected) times avgpool2x2(relu(scale * x + shift)).
#include "gradient.h"
#include "operation.h"
#include "pointwise.h"
#include "pool.h"

namespace {

template <class T>
class Plan {
 public:
  Plan(const dn_transition_wgrad_args& args, dn::Workspace& workspace)
      : args_(args),
        pool_(args.x, args.affine, args.extent, args.in_channels),
        product_(workspace, pool_.pixels(), args.in_channels, args.out_channels,
                 args.execution.threads),
        gradient_(workspace, args.y, args.dropout, args.out_channels) {}

  void run() const {
    product_.run(args_.dweight, gradient_, pool_);
  }

 private:
  dn_transition_wgrad_args args_;
  dn::PoolPrologue<T> pool_;
  dn::PointwiseWgrad<dn::OperandOf<T>> product_;
  dn::GradientPrologue<T> gradient_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(transition_wgrad, Plan, x)
