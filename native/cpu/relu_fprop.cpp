// y = max(0, x).
#include "elementwise.h"
#include "operation.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_relu_fprop_args& args, Workspace&)
      : args_(args), values_(args.pixels, args.channels, args.execution.threads) {}

  void run() const {
    values_.run(args_.y, [](Vec x, int64_t, int64_t) { return relu(x); }, args_.x);
  }

 private:
  dn_relu_fprop_args args_;
  Elementwise values_;
};

}  // namespace

DN_DEFINE_OPERATION(relu_fprop, Plan)
