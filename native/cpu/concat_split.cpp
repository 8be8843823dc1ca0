// dx (+)= dy, from a channel slice of the gradient of a concatenation.
#include "elementwise.h"
#include "operation.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_concat_split_args& args, Workspace&)
      : args_(args), values_(args.pixels, args.channels, args.execution.threads) {}

  void run() const {
    if (args_.accumulate != 0) {
      values_.run(args_.dx, [](Vec before, Vec dy, int64_t, int64_t) { return before + dy; }, args_.dx, args_.dy);
    } else {
      values_.run(args_.dx, [](Vec dy, int64_t, int64_t) { return dy; }, args_.dy);
    }
  }

 private:
  dn_concat_split_args args_;
  Elementwise values_;
};

}  // namespace

DN_DEFINE_OPERATION(concat_split, Plan)
