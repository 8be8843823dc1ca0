// dx = dy where x > 0.
#include "elementwise.h"
#include "operation.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_relu_dgrad_args& args, Workspace&)
      : args_(args), values_(args.pixels, args.channels, args.execution.threads) {}

  void run() const {
    values_.run(args_.dx, [](Vec dy, Vec x, int64_t, int64_t) { return where_positive(x, dy); }, args_.dy, args_.x);
  }

 private:
  dn_relu_dgrad_args args_;
  Elementwise values_;
};

}  // namespace

DN_DEFINE_OPERATION(relu_dgrad, Plan)
